import { Phone, PhoneMissed, Video } from "lucide-react";
import type { ReactNode } from "react";

import { Isolate } from "@/components/isolate";
import { cn } from "@/lib/cn";
import { fileSize, fullTime, timeOfDay } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import type { AccountId } from "@/protocol/wire";
import { type CallEntry, type ChangeEntry, useSession } from "@/session";

import { callWords, wasMissed } from "./call-words";
import { ChangeText } from "./change-text";
import { useNames } from "./people";
import type { Row } from "./rows";

/** Something that happened in a conversation and is no message. */
export function EventRow({
  row,
  content,
  callBack,
}: {
  row: Row;
  content: CallEntry | ChangeEntry;
  /** What begins a call like this one again. */
  callBack?: ((call: CallEntry) => ReactNode) | undefined;
}) {
  const locale = useLocale();
  return (
    <div className="group/row grid grid-cols-[2.25rem_minmax(0,1fr)_auto] items-center gap-x-3 rounded-lg px-2 py-1.5 text-sm text-muted-foreground hover:bg-muted/60">
      {content.type === "call" ? (
        <CallLine content={content} action={callBack?.(content)} />
      ) : (
        <>
          <span />
          <div className="wrap-anywhere">
            <p>
              <ChangeText entry={content} />
            </p>
            {content.warnings.includes("gap") && <Gap by={content.by} />}
          </div>
        </>
      )}
      <time
        dateTime={new Date(row.time).toISOString()}
        title={fullTime(row.time, locale)}
        className={cn(
          "min-w-12 text-right text-xs whitespace-nowrap tabular-nums",
          content.type === "change" && "opacity-0 group-hover/row:opacity-100",
        )}
      >
        {timeOfDay(row.time, locale)}
      </time>
    </div>
  );
}

function Gap({ by }: { by: AccountId }) {
  const { chat } = useWords();
  const nameOf = useNames();
  return (
    <p>
      <Isolate say={chat.warnings.gapInChanges} names={[nameOf(by)]} />
    </p>
  );
}

function CallLine({ content, action }: { content: CallEntry; action: ReactNode }) {
  const words = useWords();
  const own = useSession().account;
  const locale = useLocale();
  const missed = wasMissed(content, own);
  const { relayed } = content.end;
  const Sign = missed ? PhoneMissed : content.media === "video" ? Video : Phone;
  return (
    <>
      <span
        aria-hidden
        className={cn(
          "ml-0.5 flex size-8 items-center justify-center rounded-full",
          missed ? "bg-attention text-attention-foreground" : "bg-muted",
        )}
      >
        <Sign className="size-4" strokeWidth={1.75} />
      </span>
      <div className="flex min-w-0 flex-wrap items-center gap-x-3">
        <p className="text-foreground">{callWords(content, own, words)}</p>
        {relayed && <p>{words.chat.calls.relayed(fileSize(relayed.bytes, locale))}</p>}
        {action}
      </div>
    </>
  );
}
