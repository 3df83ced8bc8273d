import { useEffect, useState } from "react";

import { FormError } from "@/components/field";
import { Form } from "@/components/form";
import { PasskeyInstead } from "@/components/passkey-instead";
import { PasswordField } from "@/components/password-field";
import { Button } from "@/components/ui/button";
import { RequestError } from "@/lib/api";
import { warmUp } from "@/lib/credentials";
import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { useTask } from "@/lib/use-task";
import { useSession } from "@/session";
import type { Given, Owner } from "@/session/account";

/** Asks for the password or a passkey before something that needs it, and does that. */
export function ProofForm({ onGiven }: { onGiven(owner: Owner, given: Given): Promise<void> }) {
  const words = useWords();
  const session = useSession();
  const name = useReadable(session.accounts).get(session.account)?.name ?? "";
  const [password, setPassword] = useState("");
  const task = useTask((error) =>
    error instanceof RequestError && error.code === "unauthorized" ? words.account.confirm.wrong : undefined,
  );
  useEffect(warmUp, []);
  const give = (given: Given) => task.run(() => onGiven({ account: session.account, name }, given));
  return (
    <Form
      className="gap-4"
      onSubmit={() => {
        if (password !== "") give({ password });
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
      <PasskeyInstead busy={task.busy} onClick={() => give("passkey")} />
    </Form>
  );
}
