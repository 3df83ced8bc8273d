import { useSyncExternalStore } from "react";

const query = matchMedia("(min-width: 48rem)");

/** Whether there is room for more than one pane. For layout alone, style sheets do it better. */
export function useWide(): boolean {
  return useSyncExternalStore(subscribe, () => query.matches);
}

function subscribe(listener: () => void): () => void {
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}
