import { DoorClosed } from "lucide-react";

import { EmptyState } from "@/components/empty-state";
import { Button } from "@/components/ui/button";
import { useGuestWords } from "@/lib/words/guests";

/** A guest who was removed from the last room, or has left it. */
export function NoRoomLeft({ onLeave }: { onLeave(): void }) {
  const { keep, noRoom } = useGuestWords();
  return (
    <EmptyState
      className="h-full"
      icon={DoorClosed}
      title={noRoom.title}
      text={noRoom.text}
      action={<Button onClick={onLeave}>{keep.leave}</Button>}
    />
  );
}
