import { useEffect, useId, useState } from "react";

import { FormError } from "@/components/field";
import { Form } from "@/components/form";
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
import { changePassword } from "@/session/account";

import { RecoverySection } from "./recovery-section";

/** Another password for this account, after the current one was proved. */
export function PasswordPage() {
  const words = useWords();
  const { password: text } = words.settings;
  const session = useSession();
  const name = useReadable(session.accounts).get(session.account)?.name ?? "";
  const others = useId();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [signOutOthers, setSignOutOthers] = useState(true);
  const [tried, setTried] = useState(false);
  const task = useTask((error) =>
    error instanceof RequestError && error.code === "unauthorized" ? text.wrong : undefined,
  );
  const short = [...next].length < PASSWORD_CHARS;
  useEffect(warmUp, []);

  const submit = () => {
    setTried(true);
    if (current === "" || short) return;
    task.run(async () => {
      await changePassword({ account: session.account, name }, current, next, signOutOthers);
      setCurrent("");
      setNext("");
      setTried(false);
      toast(text.done);
    });
  };

  return (
    <>
      <Form onSubmit={submit}>
      <p className="text-muted-foreground">{text.text}</p>
      <input type="hidden" name="username" autoComplete="username" value={name} />
      <PasswordField
        label={text.current}
        autoComplete="current-password"
        value={current}
        onChange={(event) => setCurrent(event.target.value)}
        error={tried && current === "" ? words.account.passwordEmpty : undefined}
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
      <Button type="submit" className="self-start" aria-disabled={task.busy}>
        {task.busy ? words.account.working : text.action}
      </Button>
      </Form>
      <RecoverySection />
    </>
  );
}
