import { PhoneForwarded, Users } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";

import { FormError } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent } from "@/components/ui/dialog";
import { useWords } from "@/lib/i18n";
import { conversationPath } from "@/lib/paths";
import { useMedia } from "@/lib/use-media";
import { useReadable } from "@/lib/use-readable";
import { useTask } from "@/lib/use-task";
import { useGuestWords } from "@/lib/words/guests";
import type { Account, ConversationId } from "@/protocol/wire";
import { useSession } from "@/session";

import { CallLink } from "./call-link";
import { ChosenPeople } from "./chosen-people";
import { PeoplePicker } from "./people-picker";
import { RoomNameField } from "./room-name-field";
import { usePicked } from "./use-picked";

/** Begins a conversation: one person picked is a direct one, a name and members make a room. */
export function NewConversation({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { rooms } = useWords();
  const [kind, setKind] = useState<"direct" | "room">("direct");
  const [calling, setCalling] = useState(false);
  const [, go] = useLocation();
  const close = (next: boolean) => {
    onOpenChange(next);
    if (next) setKind("direct");
  };
  const done = (conversation: ConversationId) => {
    close(false);
    setKind("direct");
    go(conversationPath(conversation));
  };
  const callLink = () => {
    close(false);
    setCalling(true);
  };
  const direct = kind === "direct";
  return (
    <>
    <CallLink open={calling} onOpenChange={setCalling} />
    <Dialog open={open} onOpenChange={close}>
      <DialogContent
        title={direct ? rooms.newConversation : rooms.newRoom}
        description={direct ? rooms.newText : rooms.newRoomText}
      >
        {direct ? <Direct onDone={done} onRoom={() => setKind("room")} onCallLink={callLink} /> : <NewRoom onDone={done} onBack={() => setKind("direct")} />}
      </DialogContent>
    </Dialog>
    </>
  );
}

function useOthers(): Account[] {
  const session = useSession();
  return [...useReadable(session.accounts).values()].filter(({ id, role }) => id !== session.account && role !== "guest");
}

function Direct({
  onDone,
  onRoom,
  onCallLink,
}: {
  onDone: (conversation: ConversationId) => void;
  onRoom: () => void;
  onCallLink: () => void;
}) {
  const { rooms } = useWords();
  const { callLink } = useGuestWords();
  const session = useSession();
  const { error, run } = useTask();
  return (
    <div className="flex flex-col gap-4">
      <Button variant="outline" className="h-11 justify-start px-3.5" onClick={onRoom}>
        <Users aria-hidden />
        {rooms.newRoom}
      </Button>
      <Button variant="outline" className="-mt-2 h-11 justify-start px-3.5" onClick={onCallLink}>
        <PhoneForwarded aria-hidden />
        {callLink.action}
      </Button>
      <PeoplePicker
        people={useOthers()}
        // On a phone the keyboard would cover the people.
        autoFocus={useMedia("(hover: hover) and (pointer: fine)")}
        onPick={(account) => run(async () => onDone(await session.changes.openDirect(account.id)))}
      />
      <FormError>{error}</FormError>
    </div>
  );
}

function NewRoom({ onDone, onBack }: { onDone: (conversation: ConversationId) => void; onBack: () => void }) {
  const { rooms, common } = useWords();
  const session = useSession();
  const picked = usePicked();
  const { busy, error, run } = useTask();
  const [name, setName] = useState("");
  const [nameless, setNameless] = useState(false);
  const create = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "") {
      setNameless(true);
      return;
    }
    run(async () => onDone(await session.changes.createRoom(name.trim(), [...picked.ids])));
  };
  return (
    <form className="flex flex-col gap-4" onSubmit={create}>
      <RoomNameField
        value={name}
        missing={nameless}
        onChange={(next) => {
          setName(next);
          setNameless(false);
        }}
      />
      <ChosenPeople people={picked.people} onRemove={picked.toggle} />
      <PeoplePicker people={useOthers()} chosen={picked.ids} onPick={picked.toggle} />
      <FormError>{error}</FormError>
      <DialogActions className="mt-0">
        <Button type="submit" disabled={busy}>
          {rooms.create}
        </Button>
        <Button variant="secondary" onClick={onBack}>
          {common.back}
        </Button>
      </DialogActions>
    </form>
  );
}
