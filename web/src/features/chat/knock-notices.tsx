import { DoorOpen } from "lucide-react";

import { GuestBadge } from "@/components/guest-badge";
import { Isolate } from "@/components/isolate";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { useWords } from "@/lib/i18n";
import { isGuest } from "@/lib/people";
import { useReadable } from "@/lib/use-readable";
import { useTask } from "@/lib/use-task";
import type { ConversationId, Knock } from "@/protocol/wire";
import { useSession } from "@/session";

import { useNames } from "./people";

/** Above the log: who asks to be let in. */
export function KnockNotices({ conversation }: { conversation: ConversationId }) {
  const { chat } = useWords();
  const knocks = useReadable(useSession().keys.lobby.knocks).get(conversation) ?? [];
  const more = knocks.length - SHOWN;
  return (
    <>
      {knocks.slice(0, SHOWN).map((knock) => (
        <Asks key={knock.signature} conversation={conversation} knock={knock} />
      ))}
      {more > 0 && <p className="border-b bg-muted px-4 py-2 text-sm text-muted-foreground">{chat.knocks.more(more)}</p>}
    </>
  );
}

function Asks({ conversation, knock }: { conversation: ConversationId; knock: Knock }) {
  const { knocks } = useWords().chat;
  const session = useSession();
  const account = useReadable(session.accounts).get(knock.account);
  const name = useNames()(knock.account);
  const { lobby } = session.keys;
  const task = useTask();
  return (
    <div role="status" className="flex items-start gap-3 border-b bg-accent px-4 py-2.5 text-sm text-accent-foreground">
      <DoorOpen aria-hidden className="mt-0.5 size-4.5 shrink-0" />
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-52">
          <p className="flex flex-wrap items-center gap-x-2 font-medium wrap-anywhere">
            <span>
              <Isolate say={knocks.ask} names={[name]} />
            </span>
            {isGuest(account) && <GuestBadge />}
          </p>
          <p className={cn(task.error && "font-medium text-destructive")}>{task.error ?? knocks.text}</p>
        </div>
        <div className="flex gap-2">
          <Button
            size="sm"
            aria-label={knocks.letInNamed(name)}
            aria-disabled={task.busy}
            onClick={() => task.run(() => lobby.letIn(conversation, knock))}
          >
            {knocks.letIn}
          </Button>
          <Button
            size="sm"
            variant="outline"
            aria-label={knocks.turnAwayNamed(name)}
            aria-disabled={task.busy}
            onClick={() => task.run(() => lobby.turnAway(conversation, knock.account))}
          >
            {knocks.turnAway}
          </Button>
        </div>
      </div>
    </div>
  );
}

/** More at once would leave no room for the conversation. */
const SHOWN = 3;
