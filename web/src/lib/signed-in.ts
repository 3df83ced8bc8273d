/** Who is signed in on this device. Everything else hangs on it. */
import type { Session, Status } from "@/protocol/wire";

import { get, RequestError, whenSignedOut } from "./api";
import { Cell, type Readable } from "./readable";

export type SignIn =
  | { state: "unknown" }
  | { state: "unreachable" }
  | { state: "setup" }
  /** `ended`: somebody was signed in here a moment ago and did not leave by themselves. */
  | { state: "out"; ended: boolean }
  | { state: "in"; session: Session };

const current = new Cell<SignIn>({ state: "unknown" });

/** Whether someone is signed in, and who. */
export const signIn: Readable<SignIn> = current;

/** Asks the server who is signed in. */
export async function findSession(): Promise<void> {
  try {
    current.set({ state: "in", session: await get<Session>("/session") });
  } catch (error) {
    const code = error instanceof RequestError ? error.code : "offline";
    if (code === "setup_required") current.set({ state: "setup" });
    else if (code === "unauthorized") await tellSetupFromSignIn();
    else current.set({ state: "unreachable" });
  }
}

/** A session has begun, or its account or settings have changed. */
export function signedIn(session: Session): void {
  current.set({ state: "in", session });
}

/** The person has left. */
export function signedOut(): void {
  current.set({ state: "out", ended: false });
}

/** The session of this device was ended from elsewhere. */
export function sessionEnded(): void {
  // After the person has left, late answers say the same and mean nothing.
  if (current.snapshot().state === "in") current.set({ state: "out", ended: true });
}

async function tellSetupFromSignIn(): Promise<void> {
  try {
    const status = await get<Status>("/status");
    current.set(status.setup_required ? { state: "setup" } : { state: "out", ended: false });
  } catch {
    current.set({ state: "unreachable" });
  }
}

whenSignedOut(sessionEnded);
