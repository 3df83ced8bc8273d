import { useEffect, useState } from "react";

import { post, RequestError } from "@/lib/api";
import { errorText } from "@/lib/error-text";
import { useWords } from "@/lib/i18n";

export type LinkCheck<T> =
  | { state: "checking" }
  | { state: "good"; answer: T }
  | { state: "bad" }
  | { state: "failed"; text: string; retry(): void };

type Found<T> =
  | { state: "good"; answer: T }
  | { state: "bad" }
  | { state: "failed"; error: unknown };

/** Asks the server whether a link is still good; without a body it is bad from the start. */
export function useLinkCheck<T>(path: string, body: object | null): LinkCheck<T> {
  const words = useWords();
  const [round, setRound] = useState(0);
  const [found, setFound] = useState<{ question: string; result: Found<T> }>();
  const question = JSON.stringify({ round, path, body });

  useEffect(() => {
    const asked = JSON.parse(question) as { path: string; body: object | null };
    if (asked.body === null) return undefined;
    let current = true;
    const answered = (result: Found<T>) => {
      if (current) setFound({ question, result });
    };
    post<T>(asked.path, asked.body)
      .then((answer) => answered({ state: "good", answer }))
      .catch((error: unknown) =>
        answered(isBad(error) ? { state: "bad" } : { state: "failed", error }),
      );
    return () => {
      current = false;
    };
  }, [question]);

  if (body === null) return { state: "bad" };
  if (found?.question !== question) return { state: "checking" };
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
