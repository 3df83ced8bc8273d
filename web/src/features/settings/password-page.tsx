import { useEffect, useId, useState } from "react";

import { FormError } from "@/components/field";
import { Form } from "@/components/form";
import { PasskeyInstead } from "@/components/passkey-instead";
import { PasswordField } from "@/components/password-field";
import { Button } from "@/components/ui/button";
import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";
import { RequestError } from "@/lib/api";
import { warmUp } from "@/lib/credentials";
import { useWords } from "@/lib/i18n";
import { PASSWORD_CHARS } from "@/lib/password-strength";
import { toast } from "@/lib/toasts";
import { useReadable } from "@/lib/use-readable";
import { useTask } from "@/lib/use-task";
import { useSession } from "@/session";
import { changePassword, type Given } from "@/session/account";

import { PasskeysSection } from "./passkeys-section";
import { RecoverySection } from "./recovery-section";

/** What opens this account: another password after the current one or a passkey, passkeys, the recovery code. */
export function PasswordPage() {
  const words = useWords();
  const { password: text } = words.settings;
  const session = useSession();
  const name = useReadable(session.accounts).get(session.account)?.name ?? "";
  const others = useId();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [signOutOthers, setSignOutOthers] = useState(true);
  const [tried, setTried] = useState<"password" | "passkey">();
  const task = useTask((error) =>
    error instanceof RequestError && error.code === "unauthorized" ? text.wrong : undefined,
  );
  const short = [...next].length < PASSWORD_CHARS;
  useEffect(warmUp, []);

  const submit = (given: Given) => {
    setTried(given === "passkey" ? given : "password");
    if ((given !== "passkey" && given.password === "") || short) return;
    task.run(async () => {
      await changePassword({ account: session.account, name }, given, next, signOutOthers);
      setCurrent("");
      setNext("");
      setTried(undefined);
      toast(text.done);
    });
  };

  return (
    <>
      <Form onSubmit={() => submit({ password: current })}>
      <p className="text-muted-foreground">{text.text}</p>
      <input type="hidden" name="username" autoComplete="username" value={name} />
      <PasswordField
        label={text.current}
        autoComplete="current-password"
        value={current}
        onChange={(event) => setCurrent(event.target.value)}
        error={tried === "password" && current === "" ? words.account.passwordEmpty : undefined}
      />
      <PasswordField
        label={text.next}
        autoComplete="new-password"
        judgeFor={name}
        value={next}
        onChange={(event) => setNext(event.target.value)}
        error={tried && short ? words.account.strength.short : undefined}
      />
      <div className="flex items-center gap-3">
        <Switch id={others} checked={signOutOthers} onCheckedChange={setSignOutOthers} />
        <Label htmlFor={others} className="font-normal">
          {text.others}
        </Label>
      </div>
      <FormError>{task.error}</FormError>
      <div className="flex flex-wrap gap-3">
        <Button type="submit" size="lg" aria-disabled={task.busy}>
          {task.busy ? words.account.working : text.action}
        </Button>
        <PasskeyInstead busy={task.busy} onClick={() => submit("passkey")} />
      </div>
      </Form>
      <PasskeysSection />
      <RecoverySection />
    </>
  );
}
