import { Check, CheckCheck, CircleAlert, Clock3 } from "lucide-react";

import { cn } from "@/lib/cn";
import { list } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import type { Room } from "@/session";

import { useNames } from "./people";
import type { Row } from "./rows";

/** How an own message stands: a sign to see, a word to hear. */
export function MessageState({ row, room }: { row: Row; room: Room }) {
  const { chat } = useWords();
  const locale = useLocale();
  const nameOf = useNames();
  const reach = useReadable(room.marks.reach);
  const state = stateOf(row, reach);
  const Sign = signs[state];
  const names = () => {
    const readers = state === "read" && row.seq !== null ? room.marks.readers(row.seq) : [];
    return readers.length > 0 ? chat.readBy(list(readers.slice(0, NAMES_MAX).map(nameOf), locale)) : chat[state];
  };
  return (
    <span
      onPointerEnter={(event) => {
        // Asked for only when someone wants to know: in a large room it is a long list.
        event.currentTarget.title = names();
      }}
      className={cn(
        "inline-flex",
        // One sign for a group is enough, but trouble and waiting are always seen.
        !row.tail &&
          row.state === null &&
          "@max-xl:sr-only @xl:opacity-0 @xl:group-hover/row:opacity-100",
        state === "read" && "text-primary",
        state === "failed" && "text-destructive",
      )}
    >
      <Sign aria-hidden className="size-3.5" strokeWidth={2} />
      <span className="sr-only">{chat[state]}</span>
    </span>
  );
}

function stateOf(row: Row, reach: { delivered: number; read: number }) {
  if (row.state !== null) return row.state;
  const seq = row.seq ?? Infinity;
  if (reach.read >= seq) return "read";
  return reach.delivered >= seq ? "delivered" : "sent";
}

const signs = { sending: Clock3, sent: Check, delivered: CheckCheck, read: CheckCheck, failed: CircleAlert };
const NAMES_MAX = 20;
