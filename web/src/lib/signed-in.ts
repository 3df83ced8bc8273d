/** Who is signed in on this device. Everything else hangs on it. */
import type { Session, Status } from "@/protocol/wire";

import { get, RequestError, whenSignedOut } from "./api";
import { Cell, type Readable } from "./readable";

export type SignIn =
  | { state: "unknown" }
  | { state: "unreachable" }
  | { state: "setup" }
  | { state: "out" }
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

/** The session of this device has ended. */
export function signedOut(): void {
  current.set({ state: "out" });
}

async function tellSetupFromSignIn(): Promise<void> {
  try {
    const status = await get<Status>("/status");
    current.set({ state: status.setup_required ? "setup" : "out" });
  } catch {
    current.set({ state: "unreachable" });
  }
}

whenSignedOut(signedOut);
