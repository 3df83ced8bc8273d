import { useState } from "react";

import { Field, FormError } from "@/components/field";
import { Form } from "@/components/form";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { RequestError } from "@/lib/api";
import { deviceName } from "@/lib/device-name";
import { useWords } from "@/lib/i18n";
import { useTask } from "@/lib/use-task";
import { NAME_CHARS, type Passkey } from "@/protocol/wire";
import { addPasskey, type Owner, type Proof, proofOf } from "@/session/account";

import { ProofForm } from "./proof-form";

/** Who has shown that it is them, and what opens their keys. */
interface Proved {
  readonly owner: Owner;
  readonly proof: Proof;
}

/** Asks who it is, then for a name, and has the browser make a passkey. */
export function AddPasskey({ onClose, onDone }: { onClose(): void; onDone(made: Passkey): void }) {
  const words = useWords();
  const { passkeys: text } = words.settings;
  const [proved, setProved] = useState<Proved>();
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={text.add} description={proved ? text.createText : words.account.confirm.text}>
        {proved ? (
          <Create proved={proved} onDone={onDone} onStale={() => setProved(undefined)} />
        ) : (
          <ProofForm onGiven={async (owner, given) => setProved({ owner, proof: await proofOf(owner, given) })} />
        )}
      </DialogContent>
    </Dialog>
  );
}

/** A step of its own, because browsers make passkeys only right after a click. */
function Create({ proved, onDone, onStale }: { proved: Proved; onDone(made: Passkey): void; onStale(): void }) {
  const words = useWords();
  const { passkeys: text } = words.settings;
  const [name, setName] = useState(() => deviceName());
  const [tried, setTried] = useState(false);
  const task = useTask((error) => {
    if (error instanceof RequestError && error.code === "reauth_required") onStale();
    return undefined;
  });
  return (
    <Form
      className="gap-4"
      onSubmit={() => {
        setTried(true);
        const called = name.trim();
        if (called !== "") task.run(async () => onDone(await addPasskey(proved.owner, proved.proof, called)));
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
        {task.busy ? words.account.working : text.create}
      </Button>
    </Form>
  );
}
