import { useEffect, useState } from "react";
import { Link } from "wouter";

import { Door } from "@/components/door";
import { Field, FormError } from "@/components/field";
import { PasswordField } from "@/components/password-field";
import { Button } from "@/components/ui/button";
import { RequestError } from "@/lib/api";
import { warmUp } from "@/lib/credentials";
import { useWords } from "@/lib/i18n";
import { useTask } from "@/lib/use-task";
import type { Session } from "@/protocol/wire";
import { Mistyped, type NewAccount, recover } from "@/session/account";

import { complainOfName, complainOfPassword } from "@/lib/complaints";
import { CodeField, complainOfCode } from "./code-field";
import { WithNewCode } from "./welcome-code";

/** A new password by the recovery code; the code is used up and another one takes its place. */
export function Forgot({ onDone }: { onDone(session: Session): void }) {
  const { forgot } = useWords().account;
  return (
    <WithNewCode onDone={onDone}>
      {(done) => (
        <Door title={forgot.title} text={forgot.text}>
          <Recover onDone={done} />
          <p className="mt-6 text-sm text-muted-foreground">{forgot.without}</p>
          <Button asChild variant="link" className="mt-3">
            <Link href="/sign-in">{forgot.back}</Link>
          </Button>
        </Door>
      )}
    </WithNewCode>
  );
}

function Recover({ onDone }: { onDone(made: NewAccount): void }) {
  const words = useWords();
  const { account } = words;
  const [name, setName] = useState("");
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const task = useTask((error) =>
    error instanceof Mistyped
      ? account.forgot.typo
      : error instanceof RequestError && ["unauthorized", "not_found", "bad_request"].includes(error.code)
        ? account.forgot.wrong
        : undefined,
  );
  useEffect(warmUp, []);
  const nameError = complainOfName(name, words);
  const codeError = complainOfCode(code, words);
  const passwordError = complainOfPassword(password, words);
  const submit = () => {
    setTried(true);
    if ((nameError ?? codeError ?? passwordError) !== undefined) return;
    task.run(async () => onDone(await recover(name.trim(), code, password)));
  };
  return (
    <form
      noValidate
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Field
        label={account.name}
        name="username"
        autoComplete="username"
        autoFocus
        dir="auto"
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={tried ? nameError : undefined}
      />
      <CodeField
        value={code}
        onChange={(event) => setCode(event.target.value)}
        error={tried ? codeError : undefined}
      />
      <PasswordField
        label={account.newPassword}
        name="password"
        autoComplete="new-password"
        judgeFor={name}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={tried ? passwordError : undefined}
      />
      <FormError>{task.error}</FormError>
      <Button type="submit" size="lg" aria-disabled={task.busy}>
        {task.busy ? account.working : account.forgot.action}
      </Button>
    </form>
  );
}
