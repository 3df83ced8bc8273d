// The conversations of this account: who is in them, how far everyone has
// come, and the window of entries held of each.

import { Computed, type Readable } from "@/lib/readable";
import type {
  AccountId,
  Conversation,
  ConversationId,
  ConversationKind,
  Cursor,
  Entry,
  MemberRole,
  Millis,
  Name,
  Seq,
} from "@/protocol/wire";
import { CURSORS } from "@/protocol/wire";

import { isQuiet, type TimelineEntry } from "./entry";
import { Offline } from "./error";
import { Marks } from "./marks";
import { Typing } from "./people";
import { type Pages, Timeline } from "./timeline";

/** A conversation as a list shows it. */
export interface ConversationView {
  readonly id: ConversationId;
  readonly kind: ConversationKind;
  /** Rooms have one; the others are named by who looks at them. */
  readonly name: Name | null;
  readonly members: readonly { readonly account: AccountId; readonly role: MemberRole }[];
  /** The other one of a direct conversation. */
  readonly peer: AccountId | null;
  /** Whom one calls here: the other one of exactly two. */
  readonly callee: AccountId | null;
  /** The own role in it. */
  readonly role: MemberRole;
  readonly last: TimelineEntry | null;
  /** When something last happened here. */
  readonly active: Millis;
  readonly head: Seq;
  /** Up to where this account has read. */
  readonly read: Seq;
  /** Entries to read; what only deletes a file or renews keys is none. */
  readonly unread: number;
}

/** All that is held of one conversation. */
export class Room {
  readonly id: ConversationId;
  readonly timeline: Timeline;
  readonly marks: Marks;
  readonly typing = new Typing();
  #state: Conversation;
  /** What was read here, perhaps not yet known to the server. */
  #read: Seq;
  #cache: ConversationView | null = null;
  #watchers = 0;
  readonly #own: AccountId;

  constructor(conversation: Conversation, own: AccountId, pages: Pages, last: TimelineEntry | null) {
    this.id = conversation.id;
    this.#own = own;
    this.#state = conversation;
    this.timeline = new Timeline({ head: conversation.head, last }, pages);
    this.marks = new Marks(own);
    this.marks.replace(conversation.members);
    this.#read = this.marks.own.read;
  }

  /** The server's word. */
  get state(): Conversation {
    return this.#state;
  }

  get head(): Seq {
    return Math.max(this.#state.head, this.timeline.end);
  }

  get read(): Seq {
    return this.#read;
  }

  get view(): ConversationView {
    return (this.#cache ??= this.#look());
  }

  /** Somebody looks at it until the returned function is called; then it need not keep all it has loaded. */
  watch(): () => void {
    this.#watchers += 1;
    return () => {
      this.#watchers -= 1;
      this.shrink();
    };
  }

  /** Forgets old entries while nobody looks. */
  shrink(): void {
    if (this.#watchers === 0) this.timeline.trim(UNWATCHED);
  }

  /** Takes the server's word about the conversation; the window is not touched. */
  update(conversation: Conversation): void {
    this.#state = conversation;
    this.marks.replace(conversation.members);
    this.#read = Math.max(this.#read, this.marks.own.read);
    this.touch();
  }

  /** Starts over with another history. */
  reset(conversation: Conversation, last: TimelineEntry | null): void {
    this.timeline.reset({ head: conversation.head, last });
    this.#state = conversation;
    this.marks.replace(conversation.members);
    this.#read = this.marks.own.read;
    this.touch();
  }

  readUpTo(seq: Seq): void {
    this.#read = Math.max(this.#read, seq);
    this.touch();
  }

  touch(): void {
    this.#cache = null;
  }

  #look(): ConversationView {
    const { id, kind, name, created } = this.#state;
    const members = this.#state.members.map(({ account, role }) => ({ account, role }));
    const { last } = this.timeline;
    const others = members.filter(({ account }) => account !== this.#own);
    const other = others.length === 1 ? (others[0]?.account ?? null) : null;
    const { head } = this;
    return {
      id,
      kind,
      name,
      members,
      peer: kind === "direct" ? other : null,
      callee: kind === "everyone" ? null : other,
      role: members.find((m) => m.account === this.#own)?.role ?? "member",
      last,
      active: last?.time ?? created,
      head,
      read: this.#read,
      unread: Math.max(0, head - this.#read - this.timeline.countAfter(this.#read, isQuiet)),
    };
  }
}

/** What came in live: for sounds and notifications. */
export interface Arrival {
  readonly conversation: ConversationView;
  readonly entry: TimelineEntry;
}

/** The conversations of this account. */
export class Conversations {
  readonly #own: AccountId;
  readonly #pages: (conversation: ConversationId) => Pages;
  readonly #rooms = new Map<ConversationId, Room>();
  readonly #list = new Computed<readonly ConversationView[]>(() =>
    [...this.#rooms.values()].map((room) => room.view).sort((a, b) => b.active - a.active),
  );

  constructor(own: AccountId, pages: (conversation: ConversationId) => Pages) {
    this.#own = own;
    this.#pages = pages;
  }

  /** The list, the last active first. */
  get list(): Readable<readonly ConversationView[]> {
    return this.#list;
  }

  room(id: ConversationId): Room | undefined {
    return this.#rooms.get(id);
  }

  rooms(): Iterable<Room> {
    return this.#rooms.values();
  }

  /** What is held without a gap, the most recent conversations first. */
  cursors(): Cursor[] {
    return this.#list
      .snapshot()
      .slice(0, CURSORS)
      .map(({ id }) => ({ conversation: id, seq: this.#rooms.get(id)?.timeline.end ?? 0 }));
  }

  /**
   * Takes the conversations of a `welcome`. What was resumed from `cursors`
   * keeps its window; everything else starts over from the server's word.
   */
  welcome(
    conversations: readonly Conversation[],
    resumed: ReadonlyMap<ConversationId, Seq>,
    closed: (last: Entry) => TimelineEntry,
  ): void {
    const here = new Set(conversations.map(({ id }) => id));
    for (const id of this.#rooms.keys()) if (!here.has(id)) this.#rooms.delete(id);
    for (const conversation of conversations) {
      const cursor = resumed.get(conversation.id);
      const room = this.#rooms.get(conversation.id);
      const last = conversation.last && closed(conversation.last);
      if (!room) this.#add(conversation, last);
      else if (cursor === undefined || cursor > conversation.head) room.reset(conversation, last);
      else room.update(conversation);
    }
    this.changed();
  }

  put(conversation: Conversation, closed: (last: Entry) => TimelineEntry): Room {
    const room = this.#rooms.get(conversation.id);
    room?.update(conversation);
    const there = room ?? this.#add(conversation, conversation.last && closed(conversation.last));
    this.changed();
    return there;
  }

  remove(id: ConversationId): void {
    this.#rooms.delete(id);
    this.changed();
  }

  /** Waits until the server's word of a conversation that this client made is here, too. */
  async appears(id: ConversationId): Promise<ConversationId> {
    if (this.#rooms.has(id)) return id;
    return new Promise((resolve, reject) => {
      const done = this.#list.subscribe(() => {
        if (!this.#rooms.has(id)) return;
        clearTimeout(timer);
        done();
        resolve(id);
      });
      const timer = setTimeout(() => {
        done();
        reject(new Offline());
      }, HERE_MS);
    });
  }

  /** Takes entries in; returns those that are new here. */
  append(id: ConversationId, entries: readonly TimelineEntry[]): TimelineEntry[] {
    const room = this.#rooms.get(id);
    if (!room) return [];
    const fresh = room.timeline.append(entries);
    if (fresh.length > 0) {
      if (room.timeline.size > 2 * UNWATCHED) room.shrink();
      room.touch();
      this.changed();
    }
    return fresh;
  }

  changed(): void {
    this.#list.changed();
  }

  #add(conversation: Conversation, last: TimelineEntry | null): Room {
    const room = new Room(conversation, this.#own, this.#pages(conversation.id), last);
    this.#rooms.set(conversation.id, room);
    return room;
  }
}

/** Entries kept of a conversation that nobody looks at. */
const UNWATCHED = 200;
const HERE_MS = 10_000;
