import { Hourglass } from "lucide-react";
import { useEffect } from "react";
import { useLocation } from "wouter";

import { Door } from "@/components/door";
import { FormError } from "@/components/field";
import { Isolate } from "@/components/isolate";
import { Button } from "@/components/ui/button";
import { useReadable } from "@/lib/use-readable";
import { useTask } from "@/lib/use-task";
import { useGuestWords } from "@/lib/words/guests";
import type { ConversationId, Waiting } from "@/protocol/wire";
import { useSession } from "@/session";

/** A guest before the door; who stops waiting has no further business here. */
export function WaitingRoom({ onLeave }: { onLeave(): Promise<void> }) {
  return <Room by={null} onCancel={onLeave} />;
}

/** Somebody with an account before the door of a room. */
export function Waits({
  waiting,
  by,
  onArrive,
}: {
  waiting: Waiting;
  by: string | null;
  /** Says where this page goes when the waiting is over. */
  onArrive(conversation: ConversationId): void;
}) {
  const { links, lobby } = useSession().keys;
  const { conversation, link } = waiting;
  const [, navigate] = useLocation();
  useEffect(() => onArrive(conversation), [onArrive, conversation]);
  const cancel = async () => {
    await links.withdraw(link);
    lobby.waitsNot({ link });
    navigate("/", { replace: true });
  };
  return <Room by={by} onCancel={cancel} />;
}

function Room({ by, onCancel }: { by: string | null; onCancel(): Promise<void> }) {
  const { waiting } = useGuestWords();
  const session = useSession();
  const name = useReadable(session.accounts).get(session.account)?.name ?? "";
  const online = useReadable(session.status).type === "online";
  const task = useTask();
  return (
    <Door title={waiting.title} text={by === null ? waiting.textAll : <Isolate say={waiting.text} names={[by]} />}>
      <p className="flex items-center gap-3 rounded-lg bg-muted px-4 py-3">
        <Hourglass aria-hidden className="size-4.5 shrink-0 text-muted-foreground motion-safe:animate-pulse" />
        <span role="status">{online ? <Isolate say={waiting.as} names={[name]} /> : waiting.offline}</span>
      </p>
      <FormError>{task.error}</FormError>
      <Button variant="secondary" className="mt-5" aria-disabled={task.busy} onClick={() => task.run(onCancel)}>
        {waiting.cancel}
      </Button>
    </Door>
  );
}
