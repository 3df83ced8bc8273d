import { useEffect, useState } from "react";

import { FormError } from "@/components/field";
import { Section } from "@/components/page";
import { PasswordField } from "@/components/password-field";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { RequestError } from "@/lib/api";
import { warmUp } from "@/lib/credentials";
import { useWords } from "@/lib/i18n";
import { recoveryKept } from "@/lib/recovery-kept";
import { toast } from "@/lib/toasts";
import { useReadable } from "@/lib/use-readable";
import { useTask } from "@/lib/use-task";
import { useSession } from "@/session";
import { newRecoveryCode } from "@/session/account";

import { NewCode } from "./new-code";

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
  const name = useReadable(session.accounts).get(session.account)?.name ?? "";
  const [password, setPassword] = useState("");
  const [code, setCode] = useState<string>();
  const task = useTask((error) =>
    error instanceof RequestError && error.code === "unauthorized" ? words.account.confirm.wrong : undefined,
  );
  useEffect(warmUp, []);
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
          <form
            noValidate
            className="flex flex-col gap-4"
            onSubmit={(event) => {
              event.preventDefault();
              if (password !== "") task.run(async () => setCode(await newRecoveryCode({ account: session.account, name }, password)));
            }}
          >
            <input type="hidden" name="username" autoComplete="username" value={name} />
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
          </form>
        )}
      </DialogContent>
    </Dialog>
  );
}
