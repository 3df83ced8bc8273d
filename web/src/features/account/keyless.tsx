import { useEffect, useState } from "react";

import { Door } from "@/components/door";
import { FormError } from "@/components/field";
import { PasskeyInstead } from "@/components/passkey-instead";
import { PasswordField } from "@/components/password-field";
import { Button } from "@/components/ui/button";
import { RequestError } from "@/lib/api";
import { warmUp } from "@/lib/credentials";
import { useWords } from "@/lib/i18n";
import { useTask } from "@/lib/use-task";
import type { Session } from "@/protocol/wire";
import { logIn, signInWithPasskey, unlock } from "@/session/account";

/** Signed in, but without keys: the browser has thrown them away, or never had them. */
export function Keyless({
  session,
  anew,
  onDone,
  onSignOut,
}: {
  session: Session;
  /** The key of this device is gone, or in a copy of this browser too: it becomes another device. */
  anew: boolean;
  onDone(session: Session): void;
  onSignOut(): void;
}) {
  const words = useWords();
  const { account } = words;
  const [password, setPassword] = useState("");
  const task = useTask((error) =>
    error instanceof RequestError && error.code === "unauthorized" ? account.confirm.wrong : undefined,
  );
  const { name } = session.account;
  useEffect(warmUp, []);
  return (
    <Door title={account.keyless.title} text={account.keyless.text}>
      <form
        noValidate
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (password === "") return;
          task.run(async () => {
            onDone(await (anew ? logIn(name, password) : unlock(session, { password })));
          });
        }}
      >
        <input type="hidden" name="username" autoComplete="username" value={name} />
        <PasswordField
          label={account.password}
          name="password"
          autoComplete="current-password"
          autoFocus
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <FormError>{task.error}</FormError>
        <Button type="submit" size="lg" aria-disabled={task.busy}>
          {task.busy ? account.working : account.keyless.action}
        </Button>
        <PasskeyInstead
          busy={task.busy}
          onClick={() =>
            task.run(async () => onDone(await (anew ? signInWithPasskey() : unlock(session, "passkey"))))
          }
        />
      </form>
      <Button variant="link" className="mt-6" onClick={onSignOut}>
        {words.settings.signOut}
      </Button>
    </Door>
  );
}
