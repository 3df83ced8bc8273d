// What the log shows, as rows: entries with what depends on their neighbours.
// Day lines and the "new" line belong to the row below them, so that rows only
// ever come in front of others or behind them and keep their keys.

import type { AccountId, EnvelopeId, Millis, Seq } from "@/protocol/wire";
import { authorOf, contentOf, deletedFiles, isDeletion, type Pending, type TimelineEntry } from "@/session";

/** How an own message stands. */
export type State = "sending" | "sent" | "failed";

/** One row of the log. */
export interface Row {
  readonly key: string;
  /** Null for what the server has not numbered yet. */
  readonly seq: Seq | null;
  readonly time: Millis;
  readonly content: TimelineEntry["content"];
  readonly own: boolean;
  /** Only for messages that are not in the timeline yet. */
  readonly state: State | null;
  /** A day begins here. */
  readonly day: boolean;
  /** The first that is new. */
  readonly fresh: boolean;
  /** Its file was deleted by who had sent it. */
  readonly deleted: boolean;
  /** Begins and ends a group of messages of one person. */
  readonly head: boolean;
  readonly tail: boolean;
}

/** The rows of a conversation: its entries, then what is on its way. */
export function buildRows(
  entries: readonly TimelineEntry[],
  pending: readonly Pending[],
  own: AccountId,
  freshFrom: Seq | null,
): Row[] {
  const arrived = new Set(
    pending.length > 0 ? entries.flatMap(({ content }) => (content.type === "message" ? [content.key] : [])) : [],
  );
  const items: Item[] = entries.map((entry) => ({ ...entry, author: authorOf(entry), state: null }));
  for (const one of pending) if (!arrived.has(one.id)) items.push(itemOf(one, own));
  const gone = deletedFiles(items);
  // What deletes a file is seen in the place of that file.
  const shown = items.filter((item) => !isDeletion(item));
  const fresh = firstFresh(shown, own, freshFrom);
  return shown.map((item, i) => {
    const said = item.content.type === "message" ? item.content.content : null;
    const deleted = said?.kind === "file" && gone.has(item.author, said.file.id);
    return { ...row(item, shown[i - 1], shown[i + 1], own, fresh), deleted };
  });
}

/** The first entry by someone else from `freshFrom` on, if its place is here. */
function firstFresh(items: readonly Item[], own: AccountId, freshFrom: Seq | null): Seq | null {
  if (freshFrom === null || (items[0]?.seq ?? Infinity) > freshFrom) return null;
  return items.find(({ seq, author }) => seq !== null && seq >= freshFrom && author !== own)?.seq ?? null;
}

interface Item {
  readonly seq: Seq | null;
  readonly time: Millis;
  readonly content: TimelineEntry["content"];
  readonly author: AccountId;
  readonly state: State | null;
}

function itemOf(pending: Pending, own: AccountId): Item {
  const { id, written, state, envelope } = pending;
  return {
    seq: null,
    time: written,
    content: {
      type: "message",
      id: envelope ?? NOT_SEALED,
      key: id,
      sender: own,
      content: contentOf(pending),
      closed: null,
      warnings: [],
    },
    author: own,
    state,
  };
}

function row(
  item: Item,
  before: Item | undefined,
  after: Item | undefined,
  own: AccountId,
  freshSeq: Seq | null,
): Omit<Row, "deleted"> {
  const { seq, time, content, author, state } = item;
  const fresh = freshSeq !== null && seq === freshSeq;
  return {
    key: content.type === "message" ? content.key : `entry-${seq}`,
    seq,
    time,
    content,
    own: author === own,
    state,
    day: !before || !sameDay(before.time, time),
    fresh,
    head: fresh || !before || !together(before, item),
    tail: !after || (after.seq !== null && after.seq === freshSeq) || !together(item, after),
  };
}

/** Whether two neighbours read as one turn of one person. */
function together(before: Item, after: Item): boolean {
  return (
    before.content.type === "message" &&
    after.content.type === "message" &&
    before.author === after.author &&
    after.time - before.time < GROUP_MS &&
    sameDay(before.time, after.time)
  );
}

function sameDay(a: Millis, b: Millis): boolean {
  return Math.abs(a - b) < DAY_MS && new Date(a).getDate() === new Date(b).getDate();
}

/** What nothing in a timeline is called. */
const NOT_SEALED = "" as EnvelopeId;
const GROUP_MS = 5 * 60_000;
const DAY_MS = 24 * 3_600_000;
