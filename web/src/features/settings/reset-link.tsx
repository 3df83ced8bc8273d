import { useState } from "react";

import { CopyField } from "@/components/copy-field";
import { QrCode } from "@/components/qr-code";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { post } from "@/lib/api";
import { useWords } from "@/lib/i18n";
import type { Account, CreatedReset } from "@/protocol/wire";
import { type Given, type Owner, proofOf } from "@/session/account";

import { ProofForm } from "./proof-form";

/** Makes a link with which somebody chooses a new password; asks for one's own first. */
export function ResetLink({ account, onClose }: { account: Account; onClose(): void }) {
  const words = useWords();
  const { administration: text } = words.settings;
  const [created, setCreated] = useState<CreatedReset>();
  const make = async (owner: Owner, given: Given) => {
    await proofOf(owner, given);
    setCreated(await post<CreatedReset>(`/admin/accounts/${account.id}/reset`));
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={<bdi>{text.resetTitle(account.name)}</bdi>}
        description={created ? text.resetText : words.account.confirm.text}
      >
        {created ? <Made created={created} /> : <ProofForm onGiven={make} />}
      </DialogContent>
    </Dialog>
  );
}

function Made({ created }: { created: CreatedReset }) {
  const { administration: text } = useWords().settings;
  const link = `${location.origin}/reset/${created.reset}#${created.secret}`;
  return (
    <div className="flex flex-col items-center gap-5">
      <div className="w-full">
        <CopyField value={link} label={text.resetField} />
      </div>
      <QrCode text={link} label={text.resetField} className="size-40 border p-1" />
    </div>
  );
}
