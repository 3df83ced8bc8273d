import { useCallback, useEffect, useId, useState } from "react";

import { Door } from "@/components/door";
import { FormError } from "@/components/field";
import { Form } from "@/components/form";
import { PasswordField } from "@/components/password-field";
import { Button } from "@/components/ui/button";
import { Label } from "@/components/ui/label";
import { Skeleton } from "@/components/ui/skeleton";
import { Switch } from "@/components/ui/switch";
import { post, RequestError } from "@/lib/api";
import { complainOfPassword } from "@/lib/complaints";
import { warmUp } from "@/lib/credentials";
import { useWords } from "@/lib/i18n";
import { useTask } from "@/lib/use-task";
import type { CheckedReset, CheckReset, ResetId, Session } from "@/protocol/wire";
import { Mistyped, type NewAccount, resetPassword } from "@/session/account";

import { CodeField, complainOfCode } from "./code-field";
import { useLinkCheck } from "@/lib/link-check";
import { takeSecret } from "@/lib/secret";
import { WithNewCode } from "./welcome-code";

/** A new password by a link from an admin. */
export function Reset({ reset, onDone }: { reset: string; onDone(session: Session): void }) {
  const words = useWords();
  const [link] = useState<CheckReset | null>(() => {
    const secret = takeSecret();
    return secret ? { reset: reset as ResetId, secret } : null;
  });
  const ask = useCallback(() => link && post<CheckedReset>("/reset/check", link), [link]);
  const check = useLinkCheck(ask);
  const { title, text, bad } = words.account.reset;

  if (check.state === "bad" || link === null) return <Door title={bad.title} text={bad.text} />;
  if (check.state === "failed") {
    return (
      <Door title={words.common.unreachable.title} text={check.text}>
        <Button onClick={check.retry}>{words.common.retry}</Button>
      </Door>
    );
  }
  if (check.state === "checking") {
    return (
      <Door title={title}>
        <Skeleton className="h-24" />
      </Door>
    );
  }
  return (
    <WithNewCode onDone={onDone}>
      {(done) => (
        <Door title={title} text={<bdi>{text(check.answer.name)}</bdi>}>
          <NewPassword link={link} name={check.answer.name} onDone={done} />
        </Door>
      )}
    </WithNewCode>
  );
}

function NewPassword({
  link,
  name,
  onDone,
}: {
  link: CheckReset;
  name: string;
  onDone(made: NewAccount): void;
}) {
  const words = useWords();
  const { reset } = words.account;
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [hasCode, setHasCode] = useState(true);
  const [warned, setWarned] = useState(false);
  const [tried, setTried] = useState(false);
  const id = useId();
  const error = complainOfPassword(password, words);
  const codeError = hasCode ? complainOfCode(code, words) : undefined;
  const task = useTask((cause) =>
    cause instanceof RequestError && cause.code === "not_found"
      ? `${reset.bad.title}. ${reset.bad.text}`
      : cause instanceof Mistyped
        ? words.account.forgot.typo
        : cause instanceof RequestError && cause.code === "unauthorized"
          ? words.account.forgot.wrong
          : undefined,
  );
  useEffect(warmUp, []);
  return (
    <Form
      onSubmit={() => {
        setTried(true);
        if ((error ?? codeError) !== undefined || (!hasCode && !warned)) return;
        task.run(async () => onDone(await resetPassword(link, password, hasCode ? code : null)));
      }}
    >
      {/* Lets a password manager know whose password this is. */}
      <input type="hidden" name="username" autoComplete="username" value={name} />
      <PasswordField
        label={words.account.newPassword}
        autoComplete="new-password"
        autoFocus
        judgeFor={name}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={tried ? error : undefined}
      />
      {hasCode ? (
        <CodeField
          value={code}
          onChange={(event) => setCode(event.target.value)}
          error={tried ? codeError : undefined}
        />
      ) : (
        <div className="rounded-lg bg-destructive/10 px-3.5 py-3">
          <p>{reset.warning}</p>
          <div className="mt-3 flex items-center gap-3">
            <Switch id={id} checked={warned} onCheckedChange={setWarned} />
            <Label htmlFor={id}>{reset.warned}</Label>
          </div>
          {tried && !warned && <p className="mt-2 text-sm text-destructive">{reset.mustAgree}</p>}
        </div>
      )}
      <Button variant="link" className="self-start" onClick={() => setHasCode(!hasCode)}>
        {hasCode ? reset.withoutCode : reset.withCode}
      </Button>
      <FormError>{task.error}</FormError>
      <Button type="submit" size="lg" aria-disabled={task.busy}>
        {task.busy ? words.account.working : reset.action}
      </Button>
    </Form>
  );
}
