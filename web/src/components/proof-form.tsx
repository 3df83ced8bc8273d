import { useEffect, useState } from "react";

import { FormError } from "@/components/field";
import { Form } from "@/components/form";
import { PasskeyInstead } from "@/components/passkey-instead";
import { PasswordField } from "@/components/password-field";
import { Button } from "@/components/ui/button";
import { RequestError } from "@/lib/api";
import { warmUp } from "@/lib/credentials";
import { useWords } from "@/lib/i18n";
import { useTask } from "@/lib/use-task";

export interface ProofFormProps {
  /** Whose password it is. */
  name: string;
  /** Does what needs the proof. Rejects with `unauthorized` when it is not right. */
  onGiven(given: { readonly password: string } | "passkey"): Promise<void>;
}

/** Asks for the password or a passkey before something that needs it, and does that. */
export function ProofForm({ name, onGiven }: ProofFormProps) {
  const words = useWords();
  const [password, setPassword] = useState("");
  const task = useTask((error) =>
    error instanceof RequestError && error.code === "unauthorized" ? words.account.confirm.wrong : undefined,
  );
  useEffect(warmUp, []);
  return (
    <Form
      className="gap-4"
      onSubmit={() => {
        if (password !== "") task.run(() => onGiven({ password }));
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
      <PasskeyInstead busy={task.busy} onClick={() => task.run(() => onGiven("passkey"))} />
    </Form>
  );
}
