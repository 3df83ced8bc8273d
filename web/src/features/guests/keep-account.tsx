import { useEffect, useState } from "react";

import { Field, FormError } from "@/components/field";
import { Form } from "@/components/form";
import { PasswordField } from "@/components/password-field";
import { CheckCode, ShowCode } from "@/components/recovery-code";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { RequestError } from "@/lib/api";
import { complainOfName, complainOfPassword } from "@/lib/complaints";
import { warmUp } from "@/lib/credentials";
import { useWords } from "@/lib/i18n";
import { signedIn } from "@/lib/signed-in";
import { toast } from "@/lib/toasts";
import { useReadable } from "@/lib/use-readable";
import { useTask } from "@/lib/use-task";
import { useGuestWords } from "@/lib/words/guests";
import { useSession } from "@/session";
import { keepAccount, type NewAccount } from "@/session/account";

/** A guest chooses a password and gets a recovery code: from then on it is an ordinary account. */
export function KeepAccount({ open, onOpenChange }: { open: boolean; onOpenChange(open: boolean): void }) {
  const { keep } = useGuestWords();
  const { recovery } = useWords().account;
  const [made, setMade] = useState<NewAccount>();
  const [kept, setKept] = useState(false);
  const close = () => {
    onOpenChange(false);
    if (made) signedIn(made.session);
  };
  const finish = () => {
    made?.kept();
    toast(keep.done);
    close();
  };
  const text = !made ? keep.text : kept ? recovery.check.text : recovery.text;
  return (
    // Who closes it before the code is kept is reminded of that in the settings.
    <Dialog open={open} onOpenChange={close}>
      <DialogContent title={made ? recovery.title : keep.title} description={text}>
        {!made && <Choose onDone={setMade} />}
        {made && !kept && <ShowCode code={made.code} name={made.session.account.name} onKept={() => setKept(true)} />}
        {made && kept && <CheckCode code={made.code} onAgain={() => setKept(false)} onDone={finish} />}
      </DialogContent>
    </Dialog>
  );
}

function Choose({ onDone }: { onDone(made: NewAccount): void }) {
  const words = useWords();
  const { keep } = useGuestWords();
  const session = useSession();
  const own = useReadable(session.accounts).get(session.account)?.name ?? "";
  const [name, setName] = useState<string>(own);
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const [taken, setTaken] = useState<string>();
  const task = useTask();
  useEffect(warmUp, []);
  const nameError = complainOfName(name, words);
  const passwordError = complainOfPassword(password, words);
  const submit = () => {
    setTried(true);
    if (nameError !== undefined || passwordError !== undefined) return;
    task.run(async () => {
      try {
        onDone(await keepAccount(session.account, name.trim(), password));
      } catch (error) {
        if (!(error instanceof RequestError) || error.code !== "name_taken") throw error;
        setTaken(name);
      }
    });
  };
  return (
    <Form onSubmit={submit}>
      <Field
        label={words.account.name}
        hint={words.account.nameHint}
        name="username"
        autoComplete="username"
        dir="auto"
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={taken === name ? keep.taken : tried ? nameError : undefined}
      />
      <PasswordField
        label={words.account.password}
        name="password"
        autoComplete="new-password"
        autoFocus
        judgeFor={name}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={tried ? passwordError : undefined}
      />
      <FormError>{task.error}</FormError>
      <Button type="submit" size="lg" aria-disabled={task.busy}>
        {task.busy ? keep.making : keep.action}
      </Button>
    </Form>
  );
}
