// Entries as the view reads them: opened by the vault, or with the reason why
// they could not be.

import type { AccountId, Entry, EntryContent, EnvelopeId, FileId, Millis, Seq } from "@/protocol/wire";

import type { Content, Reason, Told, Warning } from "./vault";

/** What was said, or why it is not shown. */
export interface Message {
  readonly type: "message";
  readonly id: EnvelopeId;
  /** The same from its writing on, if it was written here. */
  readonly key: string;
  readonly sender: AccountId;
  /** Null while it is closed. */
  readonly content: Content | null;
  readonly closed: Closed | null;
  readonly warnings: readonly Warning[];
}

/** A change of members, name or keys, signed by the one who made it. */
export interface ChangeEntry {
  readonly type: "change";
  readonly id: EnvelopeId;
  readonly by: AccountId;
  readonly change: Told;
  readonly warnings: readonly Warning[];
}

/** An entry that is not open, with what it takes to open it later. */
export interface Closed {
  readonly reason: Reason | "opening";
  readonly entry: Entry;
}

/** One numbered thing that happened in a conversation. */
export interface TimelineEntry {
  readonly seq: Seq;
  readonly time: Millis;
  readonly content: Message | ChangeEntry | CallEntry;
}

/** A call that has ended, as the server tells it. */
export type CallEntry = EntryContent & { type: "call" };

/** The entry under a closed one; null when it is open. */
export function isClosed({ content }: TimelineEntry): Entry | null {
  return content.type === "message" && content.closed ? content.closed.entry : null;
}

/** Whether an entry does nothing but delete a file. */
export function isDeletion({ content }: Pick<TimelineEntry, "content">): boolean {
  return content.type === "message" && content.content?.kind === "file_deleted";
}

/** Whether an entry is nothing that anyone would come to read. */
export function isQuiet(entry: TimelineEntry): boolean {
  return isDeletion(entry) || (entry.content.type === "change" && entry.content.change.type === "rotate");
}

/** Of the files in entries, those that who sent them has deleted. */
export function deletedFiles(entries: readonly Pick<TimelineEntry, "content">[]): DeletedFiles {
  const deleted = new Set<string>();
  for (const { content } of entries) {
    if (content.type !== "message" || content.content?.kind !== "file_deleted") continue;
    deleted.add(`${content.sender} ${content.content.target}`);
  }
  return { has: (sender, file) => deleted.has(`${sender} ${file}`) };
}

/** Files that are deleted, each by the account that sent it. */
export interface DeletedFiles {
  has(sender: AccountId, file: FileId): boolean;
}

/** Whose doing an entry is. */
export function authorOf(entry: TimelineEntry): AccountId {
  switch (entry.content.type) {
    case "message":
      return entry.content.sender;
    case "call":
      return entry.content.caller;
    case "change":
      return entry.content.by;
  }
}
