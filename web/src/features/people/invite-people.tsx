import { useState } from "react";

import { CopyField } from "@/components/copy-field";
import { FormError } from "@/components/field";
import { QrCode } from "@/components/qr-code";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Label } from "@/components/ui/label";
import { Select } from "@/components/ui/select";
import { useWords } from "@/lib/i18n";
import { useTask } from "@/lib/use-task";
import { useReadable } from "@/lib/use-readable";
import type { Invite } from "@/protocol/wire";
import { useSession } from "@/session";

import { OpenInvites } from "./open-invites";

/** Makes links with which people join, and takes them back. */
export function InvitePeople({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange(open: boolean): void;
}) {
  const { invite } = useWords().people;
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title={invite.title} description={invite.text}>
        <Invites />
      </DialogContent>
    </Dialog>
  );
}

function Invites() {
  const { invite: words } = useWords().people;
  const [created, setCreated] = useState<Created>();
  return (
    <>
      {created ? (
        <NewLink created={created} onAnother={() => setCreated(undefined)} />
      ) : (
        <Conditions onCreated={setCreated} />
      )}
      {/* Asks anew after a link was made: it belongs in the list, too. */}
      <OpenInvites key={created?.invite.id} title={words.open} />
    </>
  );
}

interface Created {
  readonly invite: Invite;
  readonly secret: string;
}

const hour = 3_600_000;
const day = 24 * hour;
const spans = [hour, day, 7 * day, 30 * day] as const;
const uses = [1, 5, 20, 100] as const;

function Conditions({ onCreated }: { onCreated(created: Created): void }) {
  const { invite: words } = useWords().people;
  const [validFor, setValidFor] = useState<number>(7 * day);
  const [count, setCount] = useState<number>(1);
  const session = useSession();
  const everyone = useReadable(session.conversations).find(({ kind }) => kind === "everyone");
  const task = useTask();
  const create = () =>
    task.run(async () => {
      if (!everyone) return;
      onCreated(await session.keys.links.invite(everyone.id, { valid_for: validFor, uses: count }));
    });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        create();
      }}
    >
      <div className="grid grid-cols-2 gap-3">
        <div className="flex flex-col gap-1.5">
          <Label htmlFor="invite-span">{words.expires}</Label>
          <Select
            id="invite-span"
            value={validFor}
            onChange={(event) => setValidFor(Number(event.target.value))}
          >
            {spans.map((span) => (
              <option key={span} value={span}>
                {span < day ? words.hours(span / hour) : words.days(span / day)}
              </option>
            ))}
          </Select>
        </div>
        <div className="flex flex-col gap-1.5">
          <Label htmlFor="invite-uses">{words.uses}</Label>
          <Select
            id="invite-uses"
            value={count}
            onChange={(event) => setCount(Number(event.target.value))}
          >
            {uses.map((number) => (
              <option key={number} value={number}>
                {words.usesOf(number)}
              </option>
            ))}
          </Select>
        </div>
      </div>
      <FormError>{task.error}</FormError>
      <Button type="submit" size="lg" aria-disabled={task.busy}>
        {words.create}
      </Button>
    </form>
  );
}

function NewLink({ created, onAnother }: { created: Created; onAnother(): void }) {
  const { invite: words } = useWords().people;
  const link = `${location.origin}/j/${created.invite.id}#${created.secret}`;
  return (
    <div className="flex flex-col gap-4">
      <div>
        <CopyField value={link} label={words.link} />
        <p className="mt-1.5 text-sm text-muted-foreground">{words.shownOnce}</p>
      </div>
      <div className="flex items-center gap-5">
        <QrCode text={link} label={words.qr} className="size-40 shrink-0 border p-1" />
        <div className="flex flex-col items-start gap-3">
          <p className="text-muted-foreground">{words.scan}</p>
          <Button variant="secondary" size="sm" onClick={onAnother}>
            {words.another}
          </Button>
        </div>
      </div>
    </div>
  );
}
