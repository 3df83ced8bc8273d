// The session as calls see it.

import { RequestError, type Signalling } from "@/media";
import { Refused, type Session } from "@/session";

/** Lets calls speak through a session. */
export function signallingOf(session: Session): Signalling {
  return {
    account: session.account,
    device: session.device,
    online: () => session.status.snapshot().type === "online",
    calls: () => [...session.calls.snapshot().values()],
    now: () => session.now(),
    relayOnly: () => session.settings.snapshot().relay_calls,
    trusts: (account) => !session.contacts.all.snapshot().get(account)?.blocked,
    request: (command) =>
      session.request(command).catch((error: unknown) => {
        throw new RequestError(error instanceof Refused ? error : null);
      }),
    sas: session.keys.sas,
    signal: (signal) =>
      session.signals.say(signal).catch((error: unknown) => {
        throw new RequestError(error instanceof Refused ? error : null);
      }),
    onOnline: session.status.subscribe,
    onCall: session.calls.onCall,
    onSignal: session.signals.on,
  };
}
