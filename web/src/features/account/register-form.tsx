import { useEffect, useState } from "react";

import { Field, FormError } from "@/components/field";
import { Form } from "@/components/form";
import { PasswordField } from "@/components/password-field";
import { Button } from "@/components/ui/button";
import { RequestError } from "@/lib/api";
import { complainOfName, complainOfPassword } from "@/lib/complaints";
import { warmUp } from "@/lib/credentials";
import { useWords } from "@/lib/i18n";
import { privacyDoorPath } from "@/lib/paths";
import { useTask } from "@/lib/use-task";
import { type Entrance, type NewAccount, register } from "@/session/account";

export interface RegisterFormProps {
  entrance: Entrance;
  action: string;
  /** What to say when the link is not good any more. */
  badTicket: string;
  onDone(made: NewAccount): void;
}

/** Name and password of somebody new. */
export function RegisterForm({ entrance, action, badTicket, onDone }: RegisterFormProps) {
  const words = useWords();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const [taken, setTaken] = useState<string>();
  const task = useTask((error) => {
    if (!(error instanceof RequestError)) return undefined;
    return error.code === "not_found" || error.code === "unauthorized" || error.code === "forbidden"
      ? badTicket
      : undefined;
  });
  useEffect(warmUp, []);

  const nameError = complainOfName(name, words);
  const passwordError = complainOfPassword(password, words);

  const submit = () => {
    setTried(true);
    if (nameError !== undefined || passwordError !== undefined) return;
    task.run(async () => {
      try {
        onDone(await register(entrance, name.trim(), password));
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
        autoFocus
        dir="auto"
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={taken === name ? words.common.errors.nameTaken : tried ? nameError : undefined}
      />
      <PasswordField
        label={words.account.password}
        name="password"
        autoComplete="new-password"
        judgeFor={name}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={tried ? passwordError : undefined}
      />
      <p className="text-sm text-muted-foreground">
        {/* Apart, so that what was typed and the link's secret stay. */}
        <a href={privacyDoorPath} target="_blank" rel="noreferrer" className="text-primary underline underline-offset-4">
          {words.common.whatIsProtected}
        </a>
      </p>
      <FormError>{task.error}</FormError>
      <Button type="submit" size="lg" aria-disabled={task.busy}>
        {task.busy ? words.account.recovery.making : action}
      </Button>
    </Form>
  );
}
