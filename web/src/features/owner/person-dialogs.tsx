import { type ReactNode, useState } from "react";

import { CopyField } from "@/components/copy-field";
import { Field } from "@/components/field";
import { Form } from "@/components/form";
import { QrCode } from "@/components/qr-code";
import { Confirm } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { patch, post } from "@/lib/api";
import { useWords } from "@/lib/i18n";
import { useOwnerWords } from "@/lib/words/owner";
import type { AdministerAccount, CreatedReset, Person } from "@/protocol/wire";

import { useAct } from "./acts";
import { QuotaDialog } from "./quota-dialog";

/** What is to be done about whom, and is asked about first. */
export interface Asked {
  person: Person;
  what: "rename" | "quota" | "signOut" | "reset" | "disable";
}

/** Asks before something is done about somebody, and does it. */
export function PersonDialogs({
  asked,
  onClose,
  onChanged,
}: {
  asked: Asked | undefined;
  onClose(): void;
  onChanged(): void;
}) {
  const { people: words } = useOwnerWords();
  const act = useAct();
  const [link, setLink] = useState<{ name: string; created: CreatedReset }>();
  const account = asked?.person.account;
  const name = account?.name ?? "";
  const path = `/admin/accounts/${account?.id}`;
  const change = (to: AdministerAccount) => () => patch(path, to);
  const ask = (what: Asked["what"], title: string, text: string, action: string, onConfirm: () => void) => (
    <Confirm
      open={asked?.what === what}
      onOpenChange={onClose}
      title={<bdi>{title}</bdi>}
      text={text}
      action={action}
      destructive={what === "disable"}
      onConfirm={onConfirm}
    />
  );

  return (
    <>
      {ask("signOut", words.signOutAsk(name), words.signOutText, words.signOutAction, () =>
        act({ send: () => post(`${path}/sign-out`), done: words.signedOut(name), after: onChanged }),
      )}
      {ask("disable", words.disableAsk(name), words.disableText, words.disableAction, () =>
        act({
          send: change({ disabled: true }),
          done: words.disabled(name),
          after: onChanged,
          undo: { send: change({ disabled: false }), done: words.enabled(name), after: onChanged },
        }),
      )}
      {ask("reset", words.resetAsk(name), words.resetText, words.resetAction, () =>
        act({ send: async () => setLink({ name, created: await post<CreatedReset>(`${path}/reset`) }) }),
      )}
      {asked?.what === "rename" && <Rename person={asked.person} onClose={onClose} onChanged={onChanged} />}
      {asked?.what === "quota" && <QuotaDialog person={asked.person} onClose={onClose} onChanged={onChanged} />}
      {link && (
        <Window
          title={words.resetMade(link.name)}
          description={words.resetMadeText}
          onClose={() => setLink(undefined)}
        >
          <ResetLink created={link.created} />
        </Window>
      )}
    </>
  );
}

function Window({
  title,
  description,
  onClose,
  children,
}: {
  title: string;
  description: string;
  onClose(): void;
  children: ReactNode;
}) {
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={<bdi>{title}</bdi>} description={description}>
        {children}
      </DialogContent>
    </Dialog>
  );
}

function Rename({ person, onClose, onChanged }: { person: Person; onClose(): void; onChanged(): void }) {
  const { people: words } = useOwnerWords();
  const { common } = useWords();
  const act = useAct();
  const { id, name } = person.account;
  const [wanted, setWanted] = useState<string>(name);
  const rename = (to: string) => () => patch(`/admin/accounts/${id}`, { name: to });
  const submit = () => {
    const to = wanted.trim();
    if (to === "") return;
    onClose();
    if (to === name) return;
    act({
      send: rename(to),
      done: words.renamed(name, to),
      after: onChanged,
      undo: { send: rename(name), done: words.renamed(to, name), after: onChanged },
    });
  };
  return (
    <Window title={words.renameTitle(name)} description={words.renameText} onClose={onClose}>
      <Form className="gap-4" onSubmit={submit}>
        <Field
          label={words.newName}
          value={wanted}
          maxLength={64}
          autoComplete="off"
          autoFocus
          onChange={(event) => setWanted(event.target.value)}
        />
        <Button type="submit" size="lg">
          {common.save}
        </Button>
      </Form>
    </Window>
  );
}

function ResetLink({ created }: { created: CreatedReset }) {
  const { people: words } = useOwnerWords();
  const link = `${location.origin}/reset/${created.reset}#${created.secret}`;
  return (
    <div className="flex flex-col items-center gap-5">
      <div className="w-full">
        <CopyField value={link} label={words.resetField} />
      </div>
      <QrCode text={link} label={words.resetField} className="size-40 border p-1" />
    </div>
  );
}
