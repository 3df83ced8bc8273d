import { useState } from "react";

import { Section } from "@/components/page";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { useWords } from "@/lib/i18n";
import { recoveryKept } from "@/lib/recovery-kept";
import { toast } from "@/lib/toasts";
import { useReadable } from "@/lib/use-readable";
import { useSession } from "@/session";
import { newRecoveryCode } from "@/session/account";

import { NewCode } from "./new-code";
import { ProofForm } from "./proof-form";

/** Another recovery code in the place of the old one. */
export function RecoverySection() {
  const words = useWords();
  const { recovery } = words.settings;
  const { account } = useSession();
  const kept = useReadable(recoveryKept(account)) === "yes";
  const [open, setOpen] = useState(false);
  return (
    <Section title={recovery.title} text={kept ? recovery.text : recovery.unconfirmed} className="mt-10">
      <Button variant="outline" onClick={() => setOpen(true)}>
        {recovery.action}
      </Button>
      {open && <Renew onClose={() => setOpen(false)} />}
    </Section>
  );
}

function Renew({ onClose }: { onClose(): void }) {
  const words = useWords();
  const session = useSession();
  const [code, setCode] = useState<string>();
  const done = () => {
    recoveryKept(session.account).set("yes");
    toast(words.settings.recovery.done);
    onClose();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={code ? words.account.recovery.title : words.settings.recovery.action} description={code ? undefined : words.account.confirm.text}>
        {code ? (
          <NewCode code={code} onDone={done} />
        ) : (
          <ProofForm onGiven={async (owner, given) => setCode(await newRecoveryCode(owner, given))} />
        )}
      </DialogContent>
    </Dialog>
  );
}
