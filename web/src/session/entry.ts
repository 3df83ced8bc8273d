// Entries as the view reads them: their bodies opened once, when they arrive.

import type { AccountId, Entry, EntryContent, MessageId, Millis, Seq } from "@/protocol/wire";

import { type Content, decodeContent } from "./body";

/** A message, opened. */
export interface Message {
  readonly type: "message";
  readonly id: MessageId;
  readonly sender: AccountId;
  /** Null when this client cannot read it. */
  readonly content: Content | null;
}

/** One numbered thing that happened in a conversation. */
export interface TimelineEntry {
  readonly seq: Seq;
  readonly time: Millis;
  readonly content: Message | Exclude<EntryContent, { type: "message" }>;
}

/** Opens an entry. */
export function readEntry(entry: Entry): TimelineEntry {
  const { seq, time, content } = entry;
  if (content.type !== "message") return { seq, time, content };
  const { id, sender, body } = content;
  return { seq, time, content: { type: "message", id, sender, content: decodeContent(body) } };
}

/** Whose doing an entry is. */
export function authorOf(entry: TimelineEntry): AccountId {
  switch (entry.content.type) {
    case "message":
      return entry.content.sender;
    case "call":
      return entry.content.caller;
    case "room":
      return entry.content.by;
  }
}
