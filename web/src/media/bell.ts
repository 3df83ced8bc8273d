// Which sound a tab makes for the calls it sees: the ring, the ring-back, and
// the short tones when the other side comes and goes. Of all tabs of a browser
// only one rings; the others wait for its lock.

import type { Calls } from "./calls";
import type { CurrentCall, Stage } from "./call";
import type { Sounds } from "./sounds";

/** Rings for the calls of this tab until the returned function is called. */
export function hangBell(calls: Calls, sounds: Sounds): () => void {
  let stopRinging: (() => void) | null = null;
  let current: CurrentCall | null = null;
  let stage: Stage["type"] | null = null;
  let uncurrent: (() => void) | undefined;

  const look = () => {
    const state = calls.state.snapshot();
    const rings = state.ringing.length > 0;
    if (rings && !stopRinging) stopRinging = ringAlone(sounds);
    if (!rings) {
      stopRinging?.();
      stopRinging = null;
    }
    if (state.current !== current) {
      uncurrent?.();
      current = state.current;
      stage = null;
      uncurrent = current?.state.subscribe(follow);
    }
    follow();
  };

  const follow = () => {
    const state = current?.state.snapshot();
    const next = state?.stage.type ?? null;
    if (next === stage) return;
    const before = stage;
    stage = next;
    if (before === "ringing" || next === "ended" || next === null) {
      if (!stopRinging) sounds.silence();
    }
    if (next === "ringing") sounds.repeat("ringBack");
    if (next === "active") sounds.play("joined");
    if (next === "ended" && before !== null) sounds.play("left");
  };

  const unlisten = calls.state.subscribe(look);
  look();
  return () => {
    unlisten();
    uncurrent?.();
    stopRinging?.();
    sounds.silence();
  };
}

/** Rings as soon as no other tab does. A tab that may not be heard yet lets the others go first. */
function ringAlone(sounds: Sounds): () => void {
  const over = new AbortController();
  const ring = () => {
    if (over.signal.aborted) return Promise.resolve();
    sounds.repeat("ring");
    return new Promise<void>((resolve) => {
      over.signal.addEventListener("abort", () => {
        sounds.silence();
        resolve();
      });
    });
  };
  const wait = setTimeout(
    () => {
      if (!("locks" in navigator)) return void ring();
      navigator.locks.request(LOCK, { signal: over.signal }, ring).catch(() => undefined);
    },
    sounds.unlocked ? 0 : YIELD_MS,
  );
  return () => {
    clearTimeout(wait);
    over.abort();
  };
}

const LOCK = "callbox.ring";
const YIELD_MS = 300;
