import { type FormEvent, useState } from "react";

import { FormError } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent } from "@/components/ui/dialog";
import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { useTask } from "@/lib/use-task";
import { type ConversationView, useSession } from "@/session";

import { ChosenPeople } from "./chosen-people";
import { PeoplePicker } from "./people-picker";
import { RoomNameField } from "./room-name-field";
import { usePicked } from "./use-picked";

interface RoomDialogProps {
  room: ConversationView;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Adds members to a room. */
export function AddPeople({ room, open, onOpenChange }: RoomDialogProps) {
  const { rooms } = useWords();
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title={rooms.add} description={rooms.addText}>
        <AddForm room={room} onDone={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  );
}

function AddForm({ room, onDone }: { room: ConversationView; onDone: () => void }) {
  const { rooms } = useWords();
  const session = useSession();
  const accounts = useReadable(session.accounts);
  const picked = usePicked();
  const { busy, error, run } = useTask();
  const inside = new Set(room.members.map(({ account }) => account));
  const outside = [...accounts.values()].filter(({ id, disabled, role }) => !disabled && role !== "guest" && !inside.has(id));
  if (outside.length === 0) return <p className="text-muted-foreground">{rooms.allInside}</p>;
  const add = () =>
    run(async () => {
      await session.changes.addMembers(room.id, [...picked.ids]);
      onDone();
    });
  return (
    <div className="flex flex-col gap-4">
      <ChosenPeople people={picked.people} onRemove={picked.toggle} />
      <PeoplePicker people={outside} chosen={picked.ids} onPick={picked.toggle} />
      <FormError>{error}</FormError>
      <DialogActions className="mt-0">
        <Button disabled={busy || picked.people.length === 0} onClick={add}>
          {rooms.addAction}
        </Button>
      </DialogActions>
    </div>
  );
}

/** Gives a room another name. */
export function RenameRoom({ room, open, onOpenChange }: RoomDialogProps) {
  const { rooms } = useWords();
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title={rooms.renameTitle}>
        <RenameForm room={room} onDone={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  );
}

function RenameForm({ room, onDone }: { room: ConversationView; onDone: () => void }) {
  const { common } = useWords();
  const session = useSession();
  const { busy, error, run } = useTask();
  const [name, setName] = useState(room.name ?? "");
  const nameless = name.trim() === "";
  const rename = (event: FormEvent) => {
    event.preventDefault();
    if (nameless) return;
    run(async () => {
      if (name.trim() !== room.name) {
        await session.changes.rename(room.id, name.trim());
      }
      onDone();
    });
  };
  return (
    <form className="flex flex-col gap-4" onSubmit={rename}>
      <RoomNameField value={name} missing={nameless} onChange={setName} />
      <FormError>{error}</FormError>
      <DialogActions className="mt-0">
        <Button type="submit" disabled={busy || nameless}>
          {common.save}
        </Button>
      </DialogActions>
    </form>
  );
}
