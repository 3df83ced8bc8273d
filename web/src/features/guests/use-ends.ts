import { signIn } from "@/lib/signed-in";
import { useReadable } from "@/lib/use-readable";
import type { Millis } from "@/protocol/wire";

/** When the visit of a guest ends; null for accounts that last. */
export function useEnds(): Millis | null {
  const who = useReadable(signIn);
  return who.state === "in" ? who.session.ends : null;
}
