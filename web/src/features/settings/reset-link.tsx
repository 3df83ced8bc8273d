import { useEffect, useState } from "react";

import { CopyField } from "@/components/copy-field";
import { FormError } from "@/components/field";
import { Form } from "@/components/form";
import { PasswordField } from "@/components/password-field";
import { QrCode } from "@/components/qr-code";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { post, RequestError } from "@/lib/api";
import { confirmPassword, warmUp } from "@/lib/credentials";
import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { useTask } from "@/lib/use-task";
import type { Account, CreatedReset } from "@/protocol/wire";
import { useSession } from "@/session";

/** Makes a link with which somebody chooses a new password; asks for one's own first. */
export function ResetLink({ account, onClose }: { account: Account; onClose(): void }) {
  const words = useWords();
  const { administration: text } = words.settings;
  const [created, setCreated] = useState<CreatedReset>();
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={<bdi>{text.resetTitle(account.name)}</bdi>}
        description={created ? text.resetText : words.account.confirm.text}
      >
        {created ? <Made created={created} /> : <Proof account={account} onCreated={setCreated} />}
      </DialogContent>
    </Dialog>
  );
}

function Proof({ account, onCreated }: { account: Account; onCreated(made: CreatedReset): void }) {
  const words = useWords();
  const session = useSession();
  const own = useReadable(session.accounts).get(session.account)?.name ?? "";
  const [password, setPassword] = useState("");
  const task = useTask((error) =>
    error instanceof RequestError && error.code === "unauthorized"
      ? words.account.confirm.wrong
      : undefined,
  );
  useEffect(warmUp, []);
  return (
    <Form
      className="gap-4"
      onSubmit={() => {
        if (password === "") return;
        task.run(async () => {
          await confirmPassword(own, password);
          onCreated(await post<CreatedReset>(`/admin/accounts/${account.id}/reset`));
        });
      }}
    >
      <input type="hidden" name="username" autoComplete="username" value={own} />
      <PasswordField
        label={words.account.confirm.title}
        autoComplete="current-password"
        autoFocus
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <FormError>{task.error}</FormError>
      <Button type="submit" size="lg" aria-disabled={task.busy}>
        {task.busy ? words.account.working : words.account.confirm.action}
      </Button>
    </Form>
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
