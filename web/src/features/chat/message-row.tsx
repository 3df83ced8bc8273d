import { PersonAvatar } from "@/components/person-avatar";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { fullTime, timeOfDay } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { type Message, type Room, useSession } from "@/session";

import { MessageState } from "./message-state";
import { MessageText } from "./message-text";
import type { Row } from "./rows";

/** One message. The first of a group has the person, the last one the time. */
export function MessageRow({ row, message, room }: { row: Row; message: Message; room: Room }) {
  const words = useWords();
  const locale = useLocale();
  const account = useReadable(useSession().accounts).get(message.sender);
  const name = account?.name ?? words.chat.someone;
  const time = timeOfDay(row.time, locale);
  return (
    <article
      aria-label={`${name}, ${time}`}
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
          <p aria-hidden className="truncate text-sm font-semibold">
            <bdi>{name}</bdi>
          </p>
        )}
        {/* Beside the text where there is room, else at the end of its last line. */}
        <div
          dir="auto"
          className="flow-root @xl:flex @xl:items-end @xl:justify-between @xl:gap-3 @xl:[direction:ltr]"
        >
          {message.content ? (
            <MessageText text={message.content.text} muted={row.state === "sending"} />
          ) : (
            <p className="text-muted-foreground italic @max-xl:inline">{words.chat.unreadable}</p>
          )}
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
        {row.state === "failed" && <Failed id={message.id} />}
      </div>
    </article>
  );
}

/** What can be done about a message that the server did not take. */
function Failed({ id }: { id: Message["id"] }) {
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
