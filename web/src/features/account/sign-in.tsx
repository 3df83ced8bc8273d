import { KeyRound } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "wouter";

import { Door } from "@/components/door";
import { Field, FormError } from "@/components/field";
import { Form } from "@/components/form";
import { PasswordField } from "@/components/password-field";
import { Button } from "@/components/ui/button";
import { RequestError } from "@/lib/api";
import { warmUp } from "@/lib/credentials";
import { useWords } from "@/lib/i18n";
import { otherDevicePath } from "@/lib/paths";
import { usePasskeysWork } from "@/lib/use-passkeys-work";
import { useTask } from "@/lib/use-task";
import type { Session } from "@/protocol/wire";
import { logIn, signInWithPasskey } from "@/session/account";

/** Name and password of somebody who has an account, or a passkey. */
export function SignIn({
  ended,
  onDone,
}: {
  /** Somebody was signed in here until a moment ago. */
  ended: boolean;
  onDone(session: Session): void;
}) {
  const words = useWords();
  const { account } = words;
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const task = useTask((error) =>
    error instanceof RequestError && ["unauthorized", "bad_request"].includes(error.code)
      ? account.signIn.wrong
      : undefined,
  );
  const work = usePasskeysWork();
  useEffect(warmUp, []);

  const submit = () => {
    setTried(true);
    if (name.trim() === "" || password === "") return;
    task.run(async () => onDone(await logIn(name.trim(), password)));
  };

  return (
    <Door title={account.signIn.title} text={ended ? account.signIn.ended : account.signIn.text}>
      <Form onSubmit={submit}>
        <Field
          label={account.name}
          name="username"
          autoComplete="username"
          autoFocus
          dir="auto"
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={tried && name.trim() === "" ? account.nameEmpty : undefined}
        />
        <PasswordField
          label={account.password}
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={tried && password === "" ? account.passwordEmpty : undefined}
        />
        <FormError>{task.error}</FormError>
        <Button type="submit" size="lg" aria-disabled={task.busy}>
          {task.busy ? account.working : account.signIn.action}
        </Button>
        {work && (
          <Button
            variant="outline"
            size="lg"
            aria-disabled={task.busy}
            onClick={() => task.run(async () => onDone(await signInWithPasskey()))}
          >
            <KeyRound aria-hidden />
            {account.signIn.passkey}
          </Button>
        )}
      </Form>
      <div className="mt-6 flex flex-wrap justify-between gap-x-6 gap-y-3">
        <Button asChild variant="link">
          <Link href={otherDevicePath}>{account.signIn.otherDevice}</Link>
        </Button>
        <Button asChild variant="link">
          <Link href="/forgot">{account.signIn.forgot}</Link>
        </Button>
      </div>
    </Door>
  );
}
