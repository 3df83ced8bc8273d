import { useCallback, useEffect, useRef, useState } from "react";

import { get } from "@/lib/api";
import { errorText } from "@/lib/error-text";
import { useWords } from "@/lib/i18n";

/** How an answer is one page of a list. */
export interface Pages<A, T> {
  items(answer: A): readonly T[];
  /** Whether there is more after what is loaded. */
  more(answer: A, loaded: readonly T[]): boolean;
  /** The query of the page that follows. */
  next(loaded: readonly T[]): string;
}

export interface Paged<A, T> {
  items: readonly T[] | undefined;
  /** The last answer, for what it tells besides. */
  answer: A | undefined;
  more: boolean;
  error: string | undefined;
  showMore(): void;
  /** Asks for everything that is shown once more. */
  reload(): void;
}

interface Shown<A, T> {
  items: readonly T[];
  answer: A;
}

/** A list of the API that comes in pages. `path` has a query already; keep `pages` outside the component. */
export function usePages<A, T>(path: string, pages: Pages<A, T>): Paged<A, T> {
  const words = useWords();
  const [shown, setShown] = useState<Shown<A, T>>();
  const [error, setError] = useState<unknown>();
  // Only the newest question is answered.
  const asked = useRef(0);

  const load = useCallback(
    (from: readonly T[], until: number) => {
      asked.current += 1;
      const turn = asked.current;
      fetchPages(path, pages, from, until).then(
        (loaded) => {
          if (turn !== asked.current) return;
          setShown(loaded);
          setError(undefined);
        },
        (cause: unknown) => {
          if (turn === asked.current) setError(cause);
        },
      );
    },
    [path, pages],
  );

  useEffect(() => {
    load([], 1);
    return () => {
      asked.current += 1;
    };
  }, [load]);

  return {
    items: shown?.items,
    answer: shown?.answer,
    more: shown !== undefined && pages.more(shown.answer, shown.items),
    error: error === undefined ? undefined : errorText(error, words),
    showMore: () => load(shown?.items ?? [], (shown?.items.length ?? 0) + 1),
    reload: () => load([], shown?.items.length ?? 1),
  };
}

/** Goes on with a list until so much of it is there, or all. */
async function fetchPages<A, T>(
  path: string,
  pages: Pages<A, T>,
  from: readonly T[],
  until: number,
): Promise<Shown<A, T>> {
  const answer = await get<A>(`${path}&limit=${PAGE}&${pages.next(from)}`);
  const items = [...from, ...pages.items(answer)];
  if (items.length >= until || !pages.more(answer, items)) return { items, answer };
  return fetchPages(path, pages, items, until);
}

/** For lists that are counted and asked for by place. */
export function byPlace<A extends { total: number }, T>(items: (answer: A) => readonly T[]): Pages<A, T> {
  return {
    items,
    more: (answer, loaded) => loaded.length < answer.total,
    next: (loaded) => `offset=${loaded.length}`,
  };
}

const PAGE = 50;
