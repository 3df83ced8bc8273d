import { post } from "@/lib/api";
import { errorText } from "@/lib/error-text";
import { words } from "@/lib/i18n";
import { signedOut } from "@/lib/signed-in";
import { toast } from "@/lib/toasts";
import type { Session } from "@/session";
import { closeVault } from "@/session/account";

/** Ends the session of this device and forgets what it kept here. */
export async function signOut(session: Session): Promise<void> {
  await leave(async () => {
    await session.forget();
    closeVault(session.account);
  });
}

/** A guest goes: out of all rooms, and out of the account, into which nothing leads back. */
export async function endVisit(session: Session): Promise<void> {
  const rooms = session.conversations.snapshot();
  // What fails ends with the link.
  await Promise.allSettled(rooms.map(({ id }) => session.changes.leave(id)));
  await signOut(session);
}

/** Ends the session of this device. */
export async function leave(forget: () => Promise<void> = async () => {}): Promise<void> {
  try {
    await post("/logout");
  } catch (error) {
    toast(errorText(error, words()), { tone: "error" });
    return;
  }
  await forget();
  history.replaceState(null, "", "/");
  signedOut();
}
