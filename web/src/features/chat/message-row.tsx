import { useContext } from "react";

import { GuestBadge } from "@/components/guest-badge";
import { Isolate } from "@/components/isolate";
import { PersonAvatar } from "@/components/person-avatar";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { fullTime, timeOfDay } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { isGuest } from "@/lib/people";
import { useReadable } from "@/lib/use-readable";
import { type Closed, type LocalId, type Message, type Room, useSession } from "@/session";

import { FileViews } from "./file-views";
import { MessageState } from "./message-state";
import { MessageText } from "./message-text";
import { closedText } from "./said";
import type { Row } from "./rows";

/** One message. The first of a group has the person, the last one the time. */
export function MessageRow({ row, message, room }: { row: Row; message: Message; room: Room }) {
  const words = useWords();
  const locale = useLocale();
  const account = useReadable(useSession().accounts).get(message.sender);
  const view = useContext(FileViews);
  const name = account?.name ?? words.chat.someone;
  const time = timeOfDay(row.time, locale);
  const guest = isGuest(account, room.view.members);
  const label = guest ? [name, words.people.roles.guest, time] : [name, time];
  return (
    <article
      aria-label={label.join(", ")}
      className={cn(
        "group/row grid grid-cols-[2.25rem_minmax(0,1fr)] gap-x-3 rounded-lg px-2 hover:bg-muted/60",
        row.head ? "pt-2" : "pt-0.5",
        row.tail ? "pb-1" : "pb-0.5",
      )}
    >
      <div className="relative">
        {row.head && account && <PersonAvatar account={account} size="sm" className="absolute top-0.5 left-0.5" />}
      </div>
      <div className="min-w-0">
        {row.head && (
          <p aria-hidden className="flex items-center gap-2 text-sm font-semibold">
            <bdi className="truncate">{name}</bdi>
            {guest && <GuestBadge />}
          </p>
        )}
        {/* Beside the text where there is room, else at the end of its last line. */}
        <div
          dir="auto"
          className="flow-root @xl:flex @xl:items-end @xl:justify-between @xl:gap-3 @xl:[direction:ltr]"
        >
          {message.content && (
            <div className="min-w-0 @max-xl:contents">
              {message.content.kind === "file" && (
                <div className="py-1">
                  {row.deleted ? (
                    <p className="text-muted-foreground italic">{words.files.deleted}</p>
                  ) : (
                    view?.(message.content.file, row.own && row.state === null)
                  )}
                </div>
              )}
              {message.content.text !== "" && (
                <MessageText text={message.content.text} muted={row.state === "sending"} />
              )}
            </div>
          )}
          {message.closed && <ClosedText closed={message.closed} />}
          <div className="flex items-center justify-end gap-1.5 pb-0.5 text-xs text-muted-foreground tabular-nums @max-xl:float-end @max-xl:ms-3 @max-xl:mt-0.5 @max-xl:pb-0 @xl:min-w-12">
            <time
              dateTime={new Date(row.time).toISOString()}
              title={fullTime(row.time, locale)}
              className={cn(
                "whitespace-nowrap",
                !row.tail && "@max-xl:hidden @xl:opacity-0 @xl:group-hover/row:opacity-100",
              )}
            >
              {time}
            </time>
            {row.own && <MessageState row={row} room={room} />}
          </div>
        </div>
        {message.warnings.includes("gap") && (
          <p className="text-sm text-muted-foreground">
            <Isolate say={words.chat.warnings.gap} names={[name]} />
          </p>
        )}
        {row.state === "failed" && <Failed id={message.key as LocalId} />}
      </div>
    </article>
  );
}

/** In the place of what could not be opened. Most closed messages open by themselves before one has read this. */
function ClosedText({ closed }: { closed: Closed }) {
  const words = useWords();
  const waiting = closed.reason === "opening" || closed.reason === "no_key" || closed.reason === "unknown_device";
  return (
    <p
      className={cn(
        "text-muted-foreground italic @max-xl:inline",
        waiting && "animate-appear [animation-delay:400ms] [animation-fill-mode:backwards]",
      )}
    >
      {closedText(closed, words)}
    </p>
  );
}

/** What can be done about a message that the server did not take. */
function Failed({ id }: { id: LocalId }) {
  const { chat } = useWords();
  const { outbox } = useSession();
  return (
    <p className="flex flex-wrap items-center gap-x-3 text-sm text-destructive">
      <span>{chat.notSent}</span>
      <Button variant="link" onClick={() => outbox.retry(id)}>
        {chat.tryAgain}
      </Button>
      <Button variant="link" className="text-muted-foreground" onClick={() => outbox.discard(id)}>
        {chat.discard}
      </Button>
    </p>
  );
}
