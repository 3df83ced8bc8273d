import { KeyRound } from "lucide-react";

import { Button } from "@/components/ui/button";
import { useWords } from "@/lib/i18n";
import { useLoaded } from "@/lib/use-loaded";
import { usePasskeysWork } from "@/lib/use-passkeys-work";
import type { Passkeys } from "@/protocol/wire";

/** In place of a password that is asked for, for who is signed in and has a passkey. */
export function PasskeyInstead({ busy, onClick }: { busy: boolean; onClick(): void }) {
  const { confirm } = useWords().account;
  const work = usePasskeysWork();
  const { value } = useLoaded<Passkeys>("/passkeys");
  if (!work || !value || value.passkeys.length === 0) return null;
  return (
    <Button variant="outline" size="lg" aria-disabled={busy} onClick={onClick}>
      <KeyRound aria-hidden />
      {confirm.passkey}
    </Button>
  );
}
