import { useMemo } from "react";

import type { Readable } from "./readable";
import { useReadable } from "./use-readable";

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
  return useReadable(useMemo(() => media(query), [query]));
}

function media(query: string): Readable<boolean> {
  const list = matchMedia(query);
  return {
    subscribe(listener) {
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    snapshot: () => list.matches,
  };
}
