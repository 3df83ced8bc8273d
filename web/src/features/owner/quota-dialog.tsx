import { useState } from "react";

import { Field } from "@/components/field";
import { Form } from "@/components/form";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { put } from "@/lib/api";
import { fileSize } from "@/lib/format";
import { useLocale } from "@/lib/i18n";
import { useOwnerWords } from "@/lib/words/owner";
import type { Person } from "@/protocol/wire";

import { useAct } from "./acts";

/** How much somebody's files may take. */
export function QuotaDialog({ person, onClose, onChanged }: { person: Person; onClose(): void; onChanged(): void }) {
  const { quota: words } = useOwnerWords();
  const locale = useLocale();
  const act = useAct();
  const { id, name } = person.account;
  const [text, setText] = useState(() => new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(person.quota / GB));
  const [wrong, setWrong] = useState(false);

  const set = (quota: number | null) => {
    onClose();
    const send = (to: number | null) => () => put(`/admin/accounts/${id}/quota`, { quota: to });
    const told = (to: number | null) => (to === null ? words.lifted(name) : words.set(name, fileSize(to, locale)));
    const before = person.own_quota ? person.quota : null;
    act({
      send: send(quota),
      done: told(quota),
      after: onChanged,
      undo: { send: send(before), done: told(before), after: onChanged },
    });
  };
  const submit = () => {
    const gigabytes = numberIn(text);
    if (gigabytes === null) setWrong(true);
    else set(Math.round(gigabytes * GB));
  };

  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={<bdi>{words.title(name)}</bdi>} description={words.text(fileSize(person.used, locale))}>
        <Form className="gap-4" onSubmit={submit}>
          <Field
            label={words.field}
            inputMode="decimal"
            autoComplete="off"
            autoFocus
            value={text}
            error={wrong ? words.wrong : undefined}
            onChange={(event) => {
              setText(event.target.value);
              setWrong(false);
            }}
          />
          <div className="flex flex-wrap gap-3">
            <Button type="submit" className="flex-1">
              {words.save}
            </Button>
            {person.own_quota && (
              <Button variant="secondary" className="flex-1" onClick={() => set(null)}>
                {words.asRole}
              </Button>
            )}
          </div>
        </Form>
      </DialogContent>
    </Dialog>
  );
}

/** A number with a point or a comma for its fraction, up to a petabyte. */
export function numberIn(text: string): number | null {
  const plain = text.trim().replace(",", ".");
  if (!/^\d{1,7}(\.\d+)?$/.test(plain)) return null;
  const value = Number(plain);
  return value <= 1_000_000 ? value : null;
}

const GB = 1e9;
