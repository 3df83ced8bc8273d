import { useEffect, useState } from "react";

import { RequestError } from "./api";
import { errorText } from "./error-text";
import { useWords } from "./i18n";

export type LinkCheck<T> =
  | { state: "checking" }
  | { state: "good"; answer: T }
  | { state: "bad" }
  | { state: "failed"; text: string; retry(): void };

type Found<T> =
  | { state: "good"; answer: T }
  | { state: "bad" }
  | { state: "failed"; error: unknown };

/** Asks whether a link is still good. `ask` stays the same function for the same link, and asks nothing for a bad one. */
export function useLinkCheck<T>(ask: () => Promise<T> | null): LinkCheck<T> {
  const words = useWords();
  const [round, setRound] = useState(0);
  const [found, setFound] = useState<{ ask: () => Promise<T> | null; round: number; result: Found<T> }>();

  useEffect(() => {
    let current = true;
    const answered = (result: Found<T>) => {
      if (current) setFound({ ask, round, result });
    };
    const answer = ask();
    if (!answer) answered({ state: "bad" });
    else {
      answer
        .then((good) => answered({ state: "good", answer: good }))
        .catch((error: unknown) => answered(isBad(error) ? { state: "bad" } : { state: "failed", error }));
    }
    return () => {
      current = false;
    };
  }, [ask, round]);

  if (found?.ask !== ask || found.round !== round) return { state: "checking" };
  if (found.result.state !== "failed") return found.result;
  return {
    state: "failed",
    text: errorText(found.result.error, words),
    retry: () => setRound(round + 1),
  };
}

function isBad(error: unknown): boolean {
  return error instanceof RequestError && ["not_found", "bad_request"].includes(error.code);
}
