import { KeyRound } from "lucide-react";
import { useState } from "react";

import { FormError } from "@/components/field";
import { Section } from "@/components/page";
import { Confirm } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { errorText } from "@/lib/error-text";
import { useNow } from "@/lib/clock";
import { relativeTime } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { toast } from "@/lib/toasts";
import { useLoaded } from "@/lib/use-loaded";
import { usePasskeysWork } from "@/lib/use-passkeys-work";
import { type Passkey, PASSKEYS, type Passkeys } from "@/protocol/wire";
import { removePasskey } from "@/session/account";

import { AddPasskey } from "./add-passkey";
import { RenamePasskey } from "./rename-passkey";

/** The passkeys of this account. */
export function PasskeysSection() {
  const words = useWords();
  const { passkeys: text } = words.settings;
  const work = usePasskeysWork();
  const { value, error, change, reload } = useLoaded<Passkeys>("/passkeys");
  const [adding, setAdding] = useState(false);
  const [renaming, setRenaming] = useState<Passkey>();
  const [removing, setRemoving] = useState<Passkey>();
  const passkeys = value?.passkeys ?? [];

  const remove = (passkey: Passkey) => {
    removePasskey(passkey)
      .then(() => {
        change({ passkeys: passkeys.filter(({ id }) => id !== passkey.id) });
        toast(text.removed(passkey.name));
      })
      .catch((cause: unknown) => {
        toast(errorText(cause, words), { tone: "error" });
        reload();
      });
  };

  return (
    <Section title={text.title} text={text.text} className="mt-10">
      <FormError>{error}</FormError>
      {value && passkeys.length === 0 && work !== false && <p className="text-muted-foreground">{text.none}</p>}
      {passkeys.length > 0 && (
        <ul aria-label={text.title} className="divide-y">
          {passkeys.map((passkey) => (
            <PasskeyRow
              key={passkey.id}
              passkey={passkey}
              onRename={() => setRenaming(passkey)}
              onRemove={() => setRemoving(passkey)}
            />
          ))}
        </ul>
      )}
      {work === false && <p className="mt-4 text-muted-foreground">{text.unable}</p>}
      {work && value && passkeys.length >= PASSKEYS && <p className="mt-4 text-muted-foreground">{text.full}</p>}
      {work && value && passkeys.length < PASSKEYS && (
        <Button variant="outline" className="mt-4" onClick={() => setAdding(true)}>
          {text.add}
        </Button>
      )}
      {adding && (
        <AddPasskey
          onClose={() => setAdding(false)}
          onDone={(made) => {
            setAdding(false);
            change({ passkeys: [...passkeys, made] });
            toast(text.created(made.name));
          }}
        />
      )}
      {renaming && (
        <RenamePasskey
          passkey={renaming}
          onClose={() => setRenaming(undefined)}
          onDone={(name) => {
            setRenaming(undefined);
            change({ passkeys: passkeys.map((one) => (one.id === renaming.id ? { ...one, name } : one)) });
          }}
        />
      )}
      <Confirm
        open={removing !== undefined}
        onOpenChange={(open) => !open && setRemoving(undefined)}
        title={<bdi>{removing && text.removeAsk(removing.name)}</bdi>}
        text={text.removeText}
        action={text.remove}
        destructive
        onConfirm={() => removing && remove(removing)}
      />
    </Section>
  );
}

function PasskeyRow({ passkey, onRename, onRemove }: { passkey: Passkey; onRename(): void; onRemove(): void }) {
  const { passkeys: text } = useWords().settings;
  const locale = useLocale();
  const now = useNow();
  return (
    <li className="flex items-center gap-4 py-3.5 max-sm:flex-wrap max-sm:gap-y-1">
      <KeyRound aria-hidden strokeWidth={1.6} className="size-6 shrink-0 text-muted-foreground" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">
          <bdi>{passkey.name}</bdi>
        </p>
        <p className="text-sm text-muted-foreground">{text.added(relativeTime(passkey.created, now, locale))}</p>
      </div>
      <div className="flex flex-wrap justify-end gap-1 max-sm:-ml-3 max-sm:w-full max-sm:justify-start max-sm:pl-10">
        <Button variant="ghost" size="sm" aria-label={text.renameNamed(passkey.name)} onClick={onRename}>
          {text.rename}
        </Button>
        <Button variant="quiet" size="sm" aria-label={text.removeNamed(passkey.name)} onClick={onRemove}>
          {text.remove}
        </Button>
      </div>
    </li>
  );
}
