/** Who is signed in on this device. Everything else hangs on it. */
import type { Session, Status } from "@/protocol/wire";

import { get, RequestError, whenSignedOut } from "./api";
import { Cell, type Readable } from "./readable";
import { storedSetting } from "./stored";

export type SignIn =
  | { state: "unknown" }
  | { state: "unreachable" }
  | { state: "setup" }
  /** `ended`: somebody was signed in here and did not leave by themselves, and why. */
  | { state: "out"; ended: Ending | null }
  | { state: "in"; session: Session };

/** What ended a session: somebody elsewhere; or for guests the end of the link, or nobody let them in. */
export type Ending = "elsewhere" | "link_ended" | "turned_away";

/** Whether a guest is here, so that a page that finds no session any more can say what has ended. */
const guest = storedSetting("guest", ["no", "yes"], "no");

const current = new Cell<SignIn>({ state: "unknown" });

/** Whether someone is signed in, and who. */
export const signIn: Readable<SignIn> = current;

/** Asks the server who is signed in. */
export async function findSession(): Promise<void> {
  try {
    signedIn(await get<Session>("/session"));
  } catch (error) {
    const code = error instanceof RequestError ? error.code : "offline";
    if (code === "setup_required") current.set({ state: "setup" });
    else if (code === "unauthorized") await tellSetupFromSignIn();
    else current.set({ state: "unreachable" });
  }
}

/** A session has begun, or its account or settings have changed. */
export function signedIn(session: Session): void {
  guest.set(session.account.role === "guest" ? "yes" : "no");
  current.set({ state: "in", session });
}

/** The person has left. */
export function signedOut(): void {
  guest.set("no");
  current.set({ state: "out", ended: null });
}

/** The session of this device was ended, not by the person here. */
export function sessionEnded(why: Ending | null = null): void {
  // After the person has left, late answers say the same and mean nothing.
  if (current.snapshot().state !== "in") return;
  const visit = ending();
  current.set({ state: "out", ended: why ?? visit ?? "elsewhere" });
}

/** Guests have no password to come back with: for them it is over. */
function ending(): Ending | null {
  const visited = guest.snapshot() === "yes";
  guest.set("no");
  return visited ? "link_ended" : null;
}

async function tellSetupFromSignIn(): Promise<void> {
  try {
    const status = await get<Status>("/status");
    current.set(status.setup_required ? { state: "setup" } : { state: "out", ended: ending() });
  } catch {
    current.set({ state: "unreachable" });
  }
}

whenSignedOut(() => sessionEnded());
