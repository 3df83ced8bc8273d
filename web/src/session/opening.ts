// Opens what the server tells of conversations: what comes live, pages of
// history, and what was closed when it came.

import type { Blob, ConversationId, Entry, History, Seq } from "@/protocol/wire";
import { PAGE_ENTRIES } from "@/protocol/wire";

import { ask } from "./ask";
import { isClosed, type TimelineEntry } from "./entry";
import type { Conversations } from "./conversations";
import type { Environment } from "./environment";
import type { Keys } from "./keys";
import type { OpenPage } from "./timeline";

/** What it needs of the session. */
export interface OpeningUser {
  readonly keys: Pick<Keys, "open">;
  readonly conversations: Conversations;
  /** Entries are in that were not there before. */
  came(conversation: ConversationId, fresh: readonly TimelineEntry[]): void;
  /** Entries that were closed can be read now. */
  healed(): void;
}

/** From envelopes to timelines. */
export class Opening {
  readonly #env: Environment;
  readonly #user: OpeningUser;
  /** What is being opened, so that it enters the timelines in the order in which it came. */
  readonly #incoming = new Map<ConversationId, Promise<void>>();

  /** The page that comes next, already on its way. */
  #ahead: { readonly name: string; readonly history: Promise<History> } | null = null;

  constructor(env: Environment, user: OpeningUser) {
    this.#env = env;
    this.#user = user;
  }

  /** Opens what has come and takes it in, in the order in which it came. */
  entries(conversation: ConversationId, entries: readonly Entry[]): Promise<void> {
    const opening = this.#user.keys.open(conversation, entries);
    const before = this.#incoming.get(conversation) ?? Promise.resolve();
    const done = before.then(async () => {
      this.#user.came(conversation, this.#user.conversations.append(conversation, await opening));
    });
    this.#incoming.set(conversation, done);
    return done;
  }

  /** Tries what is closed in a conversation again. */
  async again(conversation: ConversationId): Promise<void> {
    const { conversations, keys } = this.#user;
    const timeline = conversations.room(conversation)?.timeline;
    if (!timeline) return;
    const closed = timeline.window.snapshot().entries.flatMap((entry) => isClosed(entry) ?? []);
    if (closed.length === 0) return;
    const opened = await keys.open(conversation, closed);
    const healed = timeline.replace(opened).filter((entry) => isClosed(entry) === null);
    if (healed.length > 0) this.#user.healed();
    conversations.room(conversation)?.touch();
    conversations.changed();
  }

  /** A page of history, for who waits to read it. */
  async page(conversation: ConversationId, before: Seq): Promise<OpenPage> {
    return this.#open(conversation, await this.#history(conversation, before, PAGE));
  }

  /** A large page of all of it; the one before is fetched while this one is opened. */
  async pageOfAll(conversation: ConversationId, before: Seq): Promise<OpenPage> {
    const wanted = `${conversation} ${before}`;
    const history = this.#ahead?.name === wanted ? this.#ahead.history : this.#history(conversation, before, PAGE_ENTRIES);
    this.#ahead = null;
    const page = await history;
    const next = page.entries[0]?.seq;
    if (page.more && next !== undefined) {
      const history = this.#history(conversation, next, PAGE_ENTRIES);
      // Who asks for it hears of its failure; perhaps nobody does.
      history.catch(() => undefined);
      this.#ahead = { name: `${conversation} ${next}`, history };
    }
    return this.#open(conversation, page);
  }

  #history(conversation: ConversationId, before: Seq, limit: number): Promise<History> {
    return ask<History>(this.#env, "GET", `/conversations/${conversation}/entries?before=${before}&limit=${limit}`);
  }

  async #open(conversation: ConversationId, { entries, before, more }: History): Promise<OpenPage> {
    return { entries: await this.#user.keys.open(conversation, entries, before as Blob | null), more };
  }
}

const PAGE = Math.min(50, PAGE_ENTRIES);
