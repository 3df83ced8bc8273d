import { useState } from "react";

import { Field, FormError } from "@/components/field";
import { Form } from "@/components/form";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { useWords } from "@/lib/i18n";
import { useTask } from "@/lib/use-task";
import { NAME_CHARS, type Name, type Passkey } from "@/protocol/wire";
import { renamePasskey } from "@/session/account";

/** Another name for a passkey. */
export function RenamePasskey({
  passkey,
  onClose,
  onDone,
}: {
  passkey: Passkey;
  onClose(): void;
  onDone(name: Name): void;
}) {
  const words = useWords();
  const { passkeys: text } = words.settings;
  const [name, setName] = useState(passkey.name);
  const [tried, setTried] = useState(false);
  const task = useTask();
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={<bdi>{text.renameNamed(passkey.name)}</bdi>}>
        <Form
          className="gap-4"
          onSubmit={() => {
            setTried(true);
            const called = name.trim();
            if (called === "") return;
            task.run(async () => {
              await renamePasskey(passkey, called);
              onDone(called);
            });
          }}
        >
          <Field
            label={text.name}
            autoComplete="off"
            autoFocus
            dir="auto"
            maxLength={NAME_CHARS}
            value={name}
            onChange={(event) => setName(event.target.value)}
            error={tried && name.trim() === "" ? words.account.nameEmpty : undefined}
          />
          <FormError>{task.error}</FormError>
          <Button type="submit" size="lg" aria-disabled={task.busy}>
            {task.busy ? words.account.working : text.save}
          </Button>
        </Form>
      </DialogContent>
    </Dialog>
  );
}
