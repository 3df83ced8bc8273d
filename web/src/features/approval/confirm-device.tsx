import { useEffect, useState } from "react";

import { FormError } from "@/components/field";
import { Form } from "@/components/form";
import { Isolate } from "@/components/isolate";
import { PasskeyInstead } from "@/components/passkey-instead";
import { PasswordField } from "@/components/password-field";
import { Button } from "@/components/ui/button";
import { RequestError } from "@/lib/api";
import { useNow } from "@/lib/clock";
import { warmUp } from "@/lib/credentials";
import { relativeTime } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { useTask } from "@/lib/use-task";
import { useSecurityWords } from "@/lib/words/security";
import type { Blob, FoundApproval } from "@/protocol/wire";
import { useSession } from "@/session";
import { approveDevice, type Given, refuseDevice } from "@/session/account";

import { explain } from "./find-device";
import { SixWords } from "./six-words";

/** Asks whether the device that was found is one's own, and lets it in after the password. */
export function ConfirmDevice({
  tag,
  found,
  onDone,
  onNo,
}: {
  tag: Blob;
  found: FoundApproval;
  onDone(): void;
  onNo(): void;
}) {
  const words = useWords();
  const { add, confirm } = useSecurityWords().approval;
  const session = useSession();
  const locale = useLocale();
  const now = useNow();
  const name = useReadable(session.accounts).get(session.account)?.name ?? "";
  const [password, setPassword] = useState("");
  const task = useTask((error) =>
    error instanceof RequestError && error.code === "unauthorized" ? words.account.confirm.wrong : explain(error, add),
  );
  useEffect(warmUp, []);
  const approve = (given: Given) =>
    task.run(async () => {
      await approveDevice({ account: session.account, name }, given, found, tag);
      onDone();
    });
  const refuse = () => {
    // What cannot be told now, the other device sees when its code runs out.
    void refuseDevice(found).catch(() => undefined);
    onNo();
  };
  const when = now - found.created < 60_000 ? confirm.now : relativeTime(found.created, now, locale);
  return (
    <>
      <h2 className="text-xl font-semibold">{confirm.title}</h2>
      <p className="mt-3 font-medium">
        <Isolate say={confirm.asks} names={[found.device_name, when]} />
      </p>
      <p className="text-muted-foreground">
        <Isolate say={confirm.from} names={[found.network]} />
      </p>
      <p className="mt-6">{confirm.words}</p>
      <SixWords tag={tag} label={confirm.words} className="mt-3 rounded-xl border bg-card p-4" />
      <p className="mt-6 text-muted-foreground">{confirm.warning}</p>
      <Form
        className="mt-6"
        onSubmit={() => {
          if (password !== "") approve({ password });
        }}
      >
        <input type="hidden" name="username" autoComplete="username" value={name} />
        <PasswordField
          label={words.account.confirm.title}
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <FormError>{task.error}</FormError>
        <div className="flex flex-wrap gap-3">
          <Button type="submit" size="lg" aria-disabled={task.busy}>
            {task.busy ? words.account.working : confirm.action}
          </Button>
          <Button variant="secondary" size="lg" onClick={refuse}>
            {confirm.no}
          </Button>
          <PasskeyInstead busy={task.busy} onClick={() => approve("passkey")} />
        </div>
      </Form>
    </>
  );
}
