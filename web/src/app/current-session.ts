// The session of whoever is signed in: begins and ends with the sign-in,
// outside React, so that no rendering can begin it twice. It begins when the keys
// of this device are there, and not before.

import { Cell, type Readable } from "@/lib/readable";
import { sessionEnded, signedIn, signIn } from "@/lib/signed-in";
import type { Session as SignedIn } from "@/protocol/wire";
import { Session } from "@/session";
import { closeVault, vaultOf } from "@/session/account";

/** The running session. */
export type Current =
  | { readonly state: "none" }
  /** Somebody is signed in, but the keys here are old; or they are gone or not this device's alone, and it begins anew. */
  | { readonly state: "keyless"; readonly signedIn: SignedIn; readonly anew: boolean }
  | { readonly state: "running"; readonly session: Session };

const NONE: Current = { state: "none" };
const current = new Cell<Current>(NONE);

export const currentSession: Readable<Current> = current;

/** Follows who is signed in, from now on. */
export function followSignIn(): void {
  signIn.subscribe(() => void follow());
  void follow();
}

/** The keys of this device are there now. */
export function keysCame(session: SignedIn): void {
  signedIn(session);
  void follow();
}

async function follow(): Promise<void> {
  const who = signIn.snapshot();
  const running = current.snapshot();
  if (who.state !== "in") {
    if (running.state === "running") running.session.stop();
    current.set(NONE);
    return;
  }
  const { account, device } = who.session;
  if (running.state === "running") {
    const { session } = running;
    if (session.account === account.id && session.device === device) return session.changed(who.session);
    session.stop();
    current.set(NONE);
  }
  const vault = vaultOf(account.id);
  const held = await vault.holds(device);
  const now = signIn.snapshot();
  // Somebody else, or nobody, in the meantime; or another call of this was faster.
  if (now.state !== "in" || now.session.device !== device || current.snapshot().state === "running") return;
  if (!held) {
    const anew = !(await vault.has(device));
    return current.set({ state: "keyless", signedIn: now.session, anew });
  }
  const session = new Session(now.session, vault);
  const begun: Current = { state: "running", session };
  session.status.subscribe(() => {
    // The server ended the session, from another device perhaps.
    const status = session.status.snapshot();
    if (status.type !== "signed_out") return;
    void session
      .forget()
      .finally(() => closeVault(account.id))
      .finally(() => sessionEnded(status.why));
  });
  session.onOwnRecord(() => {
    void vault.holds(device).then((still) => {
      // Another device has renewed the keys: the password brings the new ones.
      if (still || current.snapshot() !== begun) return;
      session.stop();
      current.set({ state: "keyless", signedIn: now.session, anew: false });
    });
  });
  session.onCopied(() => {
    if (current.snapshot() !== begun) return;
    session.stop();
    current.set({ state: "keyless", signedIn: now.session, anew: true });
  });
  session.start();
  current.set(begun);
}
