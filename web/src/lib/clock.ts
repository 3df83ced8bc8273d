/** The passing of time for texts that age. One timer for the whole page. */
import { useSyncExternalStore } from "react";

import type { Millis } from "@/protocol/wire";

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now: Millis = Date.now();

/** The present moment, renewed twice a minute. */
export function useNow(): Millis {
  return useSyncExternalStore(subscribe, () => now);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(tick, 30_000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function tick(): void {
  now = Date.now();
  for (const listener of Array.from(listeners)) listener();
}
