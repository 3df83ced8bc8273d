// What the parts of this feature share while somebody is signed in. The layer
// that shows calls makes it and takes it away; buttons elsewhere only look.

import { Cell } from "@/lib/readable";
import { useReadable } from "@/lib/use-readable";
import { Calls, Devices, hangBell, Sounds } from "@/media";
import type { Session } from "@/session";

import { signallingOf } from "./signalling";

/** The devices and sounds of this page; they outlive a session. */
export const devices = new Devices();
export const sounds = new Sounds();

const current = new Cell<Calls | null>(null);

/** Begins to take part in the calls of a session; the returned function ends it. */
export function takeCalls(session: Session): () => void {
  const calls = new Calls(signallingOf(session), devices);
  const takeDown = hangBell(calls, sounds);
  current.set(calls);
  return () => {
    takeDown();
    calls.stop();
    current.set(null);
  };
}

/** The calls of the session, in a component. */
export function useCalls(): Calls | null {
  return useReadable(current);
}
