import { useRef, useState } from "react";

import { errorText } from "./error-text";
import { useWords } from "./i18n";

/** Something a button starts: whether it runs, and in words why it failed. */
export interface Task {
  busy: boolean;
  error: string | undefined;
  /** Starts it, unless it runs already. */
  run(work: () => Promise<void>): void;
  fail(error: string | undefined): void;
}

/** One task of a component. `explain` has the first word on what an error means here. */
export function useTask(explain?: (error: unknown) => string | undefined): Task {
  const words = useWords();
  const running = useRef(false);
  const [busy, setBusy] = useState(false);
  const [error, fail] = useState<string>();
  const run = (work: () => Promise<void>) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    fail(undefined);
    work()
      .catch((cause: unknown) => fail(explain?.(cause) ?? errorText(cause, words)))
      .finally(() => {
        running.current = false;
        setBusy(false);
      });
  };
  return { busy, error, run, fail };
}
