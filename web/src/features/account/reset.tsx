import { useEffect, useState } from "react";

import { Door } from "@/components/door";
import { FormError } from "@/components/field";
import { Form } from "@/components/form";
import { PasswordField } from "@/components/password-field";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { RequestError } from "@/lib/api";
import { complainOfPassword } from "@/lib/complaints";
import { resetPassword, warmUp } from "@/lib/credentials";
import { useWords } from "@/lib/i18n";
import { useTask } from "@/lib/use-task";
import type { CheckedReset, CheckReset, ResetId, Session } from "@/protocol/wire";

import { useLinkCheck } from "./link-check";
import { secretOf } from "./set-up";

/** A new password by a link from an admin. */
export function Reset({ reset, onDone }: { reset: string; onDone(session: Session): void }) {
  const words = useWords();
  const [link] = useState<CheckReset | null>(() => {
    const secret = secretOf(location.hash);
    return secret ? { reset: reset as ResetId, secret } : null;
  });
  const check = useLinkCheck<CheckedReset>("/reset/check", link);
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
    <Door title={title} text={<bdi>{text(check.answer.name)}</bdi>}>
      <NewPassword link={link} name={check.answer.name} onDone={onDone} />
    </Door>
  );
}

function NewPassword({
  link,
  name,
  onDone,
}: {
  link: CheckReset;
  name: string;
  onDone(session: Session): void;
}) {
  const words = useWords();
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const error = complainOfPassword(password, words);
  const task = useTask((cause) =>
    cause instanceof RequestError && cause.code === "not_found"
      ? `${words.account.reset.bad.title}. ${words.account.reset.bad.text}`
      : undefined,
  );
  useEffect(warmUp, []);
  return (
    <Form
      onSubmit={() => {
        setTried(true);
        if (error === undefined) task.run(async () => onDone(await resetPassword(link, password)));
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
      <FormError>{task.error}</FormError>
      <Button type="submit" size="lg" aria-disabled={task.busy}>
        {task.busy ? words.account.working : words.account.reset.action}
      </Button>
    </Form>
  );
}
