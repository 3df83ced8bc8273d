import { post } from "@/lib/api";
import { errorText } from "@/lib/error-text";
import { words } from "@/lib/i18n";
import { signedOut } from "@/lib/signed-in";
import { toast } from "@/lib/toasts";
import type { Session } from "@/session";

/** Ends the session of this device and forgets what it kept here. */
export async function signOut(session: Session): Promise<void> {
  try {
    await post("/logout");
  } catch (error) {
    toast(errorText(error, words()), { tone: "error" });
    return;
  }
  await session.forget();
  history.replaceState(null, "", "/");
  signedOut();
}
