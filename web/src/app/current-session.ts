// The session of whoever is signed in: begins and ends with the sign-in,
// outside React, so that no rendering can begin it twice.

import { Cell, type Readable } from "@/lib/readable";
import { sessionEnded, signIn } from "@/lib/signed-in";
import { Session } from "@/session";

const current = new Cell<Session | undefined>(undefined);

/** The running session; none while nobody is signed in. */
export const currentSession: Readable<Session | undefined> = current;

/** Follows who is signed in, from now on. */
export function followSignIn(): void {
  signIn.subscribe(follow);
  follow();
}

function follow(): void {
  const who = signIn.snapshot();
  const running = current.snapshot();
  if (who.state !== "in") {
    running?.stop();
    current.set(undefined);
    return;
  }
  const { session: signedInAs } = who;
  if (running?.account === signedInAs.account.id && running.device === signedInAs.device) {
    running.changed(signedInAs);
    return;
  }
  running?.stop();
  const session = new Session(signedInAs);
  session.status.subscribe(() => {
    // The server ended the session, from another device perhaps.
    if (session.status.snapshot().type === "signed_out")
      void session.forget().finally(sessionEnded);
  });
  session.start();
  current.set(session);
}
