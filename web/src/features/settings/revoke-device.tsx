import { useEffect, useState } from "react";

import { FormError } from "@/components/field";
import { PasswordField } from "@/components/password-field";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { RequestError } from "@/lib/api";
import { warmUp } from "@/lib/credentials";
import { useWords } from "@/lib/i18n";
import { toast } from "@/lib/toasts";
import { useReadable } from "@/lib/use-readable";
import { useTask } from "@/lib/use-task";
import type { Device } from "@/protocol/wire";
import { useSession } from "@/session";
import { revokeDevice } from "@/session/account";

import { NewCode } from "./new-code";

/** Cuts a device off for good: signs it out, renews the account's keys and those of its conversations. */
export function RevokeDevice({ device, onClose, onDone }: { device: Device; onClose(): void; onDone(): void }) {
  const words = useWords();
  const { devices: text } = words.settings;
  const session = useSession();
  const [progress, setProgress] = useState<string>();
  const [code, setCode] = useState<string>();
  const revoke = async (name: string, password: string) => {
    setProgress(text.revoking.keys);
    const made = await revokeDevice({ account: session.account, name }, password, device.id);
    await session.signIns.dismiss(device.id);
    await session.changes.renewAll((done, all) => setProgress(text.revoking.rooms(done, all)));
    toast(text.revoked(device.name));
    setCode(made);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && progress === undefined && onClose()}>
      <DialogContent title={<bdi>{text.revokeTitle(device.name)}</bdi>} description={code ? undefined : text.revokeText}>
        {code ? (
          <NewCode code={code} onDone={onDone} />
        ) : (
          <Proof progress={progress} revoke={revoke} onFailed={() => setProgress(undefined)} />
        )}
      </DialogContent>
    </Dialog>
  );
}

function Proof({
  progress,
  revoke,
  onFailed,
}: {
  progress: string | undefined;
  revoke(name: string, password: string): Promise<void>;
  onFailed(): void;
}) {
  const words = useWords();
  const session = useSession();
  const name = useReadable(session.accounts).get(session.account)?.name ?? "";
  const [password, setPassword] = useState("");
  const task = useTask((error) => {
    onFailed();
    return error instanceof RequestError && error.code === "unauthorized" ? words.account.confirm.wrong : undefined;
  });
  useEffect(warmUp, []);
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (password !== "") task.run(() => revoke(name, password));
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
      <Button type="submit" size="lg" variant="destructive" aria-disabled={task.busy}>
        {task.busy ? words.account.working : words.settings.devices.revokeAction}
      </Button>
      <p role="status" className="text-sm text-muted-foreground">
        {progress}
      </p>
    </form>
  );
}
