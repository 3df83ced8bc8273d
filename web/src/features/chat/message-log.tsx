import { ArrowDown } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { Virtualizer } from "virtua";

import { Button } from "@/components/ui/button";
import { useNow } from "@/lib/clock";
import { cn } from "@/lib/cn";
import { dayName } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { Cell } from "@/lib/readable";
import { useReadable } from "@/lib/use-readable";
import type { Seq } from "@/protocol/wire";
import { type CallEntry, type ConversationView, type Room, useSession } from "@/session";

import { EventRow } from "./event-row";
import { MessageRow } from "./message-row";
import { buildRows, type Row } from "./rows";
import { useFreshFrom } from "./use-fresh-from";
import { useLogScroll } from "./use-log-scroll";

export type CallBack = (call: CallEntry) => ReactNode;

/** What was said and what happened in a conversation. Mount it anew for another conversation. */
export function MessageLog({
  room,
  conversation,
  sent,
  target,
  begin,
  empty,
  callBack,
}: {
  room: Room;
  conversation: ConversationView;
  /** Grows when a message is sent from here. */
  sent: number;
  /** The message to open at. */
  target: Seq | null;
  /** Above the very first entry. */
  begin: ReactNode;
  /** Instead of entries while there are none. */
  empty: ReactNode;
  callBack?: CallBack | undefined;
}) {
  const words = useWords();
  const session = useSession();
  const window = useReadable(room.timeline.window);
  const pending = useReadable(session.outbox.of(room.id));
  const [following] = useState(() => new Cell(true));
  const atEnd = useReadable(following);
  const [freshFrom, clearFresh] = useFreshFrom(conversation, following);
  const rows = useMemo(
    () => buildRows(window.entries, pending, session.account, freshFrom),
    [window.entries, pending, session.account, freshFrom],
  );
  const { scroller, content, list, shift, onScroll, toEnd } = useLogScroll(
    room,
    window,
    rows,
    freshFrom,
    following,
    target,
  );

  useEffect(() => {
    if (sent === 0) return;
    clearFresh();
    toEnd();
  }, [sent, clearFresh, toEnd]);

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <Older state={window.loading} retry={() => void room.timeline.loadOlder()} />
      <div
        ref={scroller}
        role="log"
        aria-label={words.chat.messages}
        // Scrolling and loading add rows too; what arrives is told by the announcer instead.
        aria-live="off"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the keyboard scrolls it
        tabIndex={0}
        className="min-h-0 flex-1 overflow-x-hidden overflow-y-auto overscroll-contain outline-offset-[-2px] [overflow-anchor:none]"
      >
        <div ref={content} className="flex min-h-full flex-col">
          <div className="grow" />
          {rows.length === 0 && window.complete && <div className="grow">{empty}</div>}
          <Virtualizer ref={list} scrollRef={scroller} data={rows} shift={shift} onScroll={onScroll}>
            {(row, i) => (
              <LogRow
                key={row.key}
                row={row}
                room={room}
                found={target !== null && row.seq === target}
                begin={i === 0 && window.complete ? begin : null}
                callBack={callBack}
              />
            )}
          </Virtualizer>
        </div>
      </div>
      {!atEnd && <Jump unread={conversation.unread} onClick={toEnd} />}
    </div>
  );
}

function LogRow({
  row,
  room,
  found,
  begin,
  callBack,
}: {
  row: Row;
  room: Room;
  /** It is what was looked for. */
  found: boolean;
  begin: ReactNode;
  callBack: CallBack | undefined;
}) {
  return (
    <div className="mx-auto w-full max-w-[52rem] px-2 @xl:px-4">
      {begin}
      {row.day && <Day time={row.time} />}
      {row.fresh && <Fresh />}
      <div className={cn(found && "animate-found rounded-lg")}>
        {row.content.type === "message" ? (
          <MessageRow row={row} message={row.content} room={room} />
        ) : (
          <EventRow row={row} content={row.content} callBack={callBack} />
        )}
      </div>
    </div>
  );
}

function Day({ time }: { time: number }) {
  const locale = useLocale();
  const now = useNow();
  return (
    <h2 className="pt-5 pb-2 text-center text-xs font-medium text-muted-foreground">{dayName(time, now, locale)}</h2>
  );
}

function Fresh() {
  const { chat } = useWords();
  return (
    <div role="separator" aria-label={chat.fresh} className="flex items-center gap-3 px-2 pt-2">
      <span className="h-px flex-1 bg-primary/40" />
      <span className="text-xs font-medium text-primary">{chat.fresh}</span>
    </div>
  );
}

/** Over the top of the log, so that it moves nothing. */
function Older({ state, retry }: { state: "no" | "older" | "failed"; retry: () => void }) {
  const { chat, common } = useWords();
  if (state === "no") return null;
  return (
    <div
      role="status"
      className={cn(
        "absolute inset-x-0 top-2 z-10 mx-auto flex w-fit items-center gap-3 rounded-full bg-popover px-4 py-1.5 text-sm shadow-lift",
        // Most pages come faster than one can read.
        state === "older" && "animate-appear [animation-delay:400ms] [animation-fill-mode:backwards]",
      )}
    >
      {state === "older" ? chat.older : chat.olderFailed}
      {state === "failed" && (
        <Button variant="link" onClick={retry}>
          {common.retry}
        </Button>
      )}
    </div>
  );
}

function Jump({ unread, onClick }: { unread: number; onClick: () => void }) {
  const { chat } = useWords();
  return (
    <Button
      variant="secondary"
      size="sm"
      onClick={onClick}
      className="absolute inset-x-0 bottom-3 z-10 mx-auto h-9 w-fit animate-rise rounded-full border bg-popover shadow-lift hover:bg-muted"
    >
      <ArrowDown aria-hidden />
      {unread > 0 ? chat.freshBelow(unread) : chat.toLatest}
    </Button>
  );
}
