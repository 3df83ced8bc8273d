import { useEffect } from "react";

import { type Loaded, useLoaded } from "@/lib/use-loaded";

/** What the server has at a path, asked for again and again while somebody looks. */
export function useFresh<T>(path: string, everyMs: number): Loaded<T> {
  const loaded = useLoaded<T>(path);
  const { reload } = loaded;
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === "visible") reload();
    };
    const timer = setInterval(look, everyMs);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
    // `reload` is another function each time, and always does the same.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [path, everyMs]);
  return loaded;
}
