import { ProofForm as Asked } from "@/components/proof-form";
import { useReadable } from "@/lib/use-readable";
import { useSession } from "@/session";
import type { Given, Owner } from "@/session/account";

/** Asks who is signed in for their password or a passkey, and does what needs it. */
export function ProofForm({ onGiven }: { onGiven(owner: Owner, given: Given): Promise<void> }) {
  const session = useSession();
  const name = useReadable(session.accounts).get(session.account)?.name ?? "";
  return <Asked name={name} onGiven={(given) => onGiven({ account: session.account, name }, given)} />;
}
