import { useSyncExternalStore } from "react";

import type { Readable } from "./readable";

/** The one way in which React looks at plain TypeScript state. */
export function useReadable<T>(readable: Readable<T>): T {
  return useSyncExternalStore(readable.subscribe, readable.snapshot, readable.snapshot);
}
