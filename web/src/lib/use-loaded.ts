import { useCallback, useEffect, useState } from "react";

import { get } from "./api";
import { errorText } from "./error-text";
import { useWords } from "./i18n";

export interface Loaded<T> {
  value: T | undefined;
  error: string | undefined;
  /** Changes the value at hand after the server has been told of the change. */
  change(value: T): void;
  /** Asks the server again. */
  reload(): void;
}

/** What the server has at a path of the API; loaded when the component appears. */
export function useLoaded<T>(path: string): Loaded<T> {
  const words = useWords();
  const [value, change] = useState<T>();
  const [error, setError] = useState<unknown>();

  const load = useCallback(
    (signal?: AbortSignal) => {
      get<T>(path, signal).then(
        (loaded) => {
          change(loaded);
          setError(undefined);
        },
        (cause: unknown) => {
          if (!signal?.aborted) setError(cause);
        },
      );
    },
    [path],
  );

  useEffect(() => {
    const controller = new AbortController();
    load(controller.signal);
    return () => controller.abort();
  }, [load]);

  return {
    value,
    error: error === undefined ? undefined : errorText(error, words),
    change,
    reload: () => load(),
  };
}
