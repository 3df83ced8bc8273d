// Messages on their way: each keeps its id until the server has confirmed it,
// through lost connections and reloads. Sending the same id twice stores it
// once, so in doubt a message is sent again. In a conversation one message is
// under way at a time, so that they arrive in the order they were written.

import { Computed, type Readable } from "@/lib/readable";
import type { Command, ConversationId, MessageId, Reply, Seq } from "@/protocol/wire";

import { encodeContent } from "./body";
import { Offline, Refused } from "./error";
import { newMessageId } from "./id";
import type { Storage, StoredMessage } from "./storage";

/** An own message that is not in the timeline yet. */
export interface Pending {
  readonly id: MessageId;
  readonly conversation: ConversationId;
  readonly text: string;
  readonly written: number;
  readonly state: "sending" | "sent" | "failed";
  /** Its number, once sent. */
  readonly seq: Seq | null;
}

/** What the outbox needs of the session. */
export interface OutboxUser {
  request(command: Command): Promise<Reply>;
  /** Whether the timeline of a conversation has reached an entry. */
  holds(conversation: ConversationId, seq: Seq): boolean;
  now(): number;
}

/** The unsent messages of this account. */
export class Outbox {
  readonly #user: OutboxUser;
  readonly #storage: Storage;
  /** In the order they were written. */
  readonly #pending = new Map<MessageId, Pending>();
  readonly #lists = new Map<ConversationId, Computed<readonly Pending[]>>();
  /** Conversations with a message under way. */
  readonly #busy = new Set<ConversationId>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #restored = false;
  #pausedUntil = 0;
  #failures = 0;
  #written = 0;

  constructor(user: OutboxUser, storage: Storage) {
    this.#user = user;
    this.#storage = storage;
  }

  /** The unsent messages of a conversation, the oldest first. */
  of(conversation: ConversationId): Readable<readonly Pending[]> {
    let list = this.#lists.get(conversation);
    if (!list) {
      list = new Computed(() =>
        [...this.#pending.values()].filter((pending) => pending.conversation === conversation),
      );
      this.#lists.set(conversation, list);
    }
    return list;
  }

  /**
   * Takes back in what an earlier page, or another one that is gone, has left.
   * Nothing is sent before that, or older messages would follow newer ones.
   */
  async restore(): Promise<void> {
    const stored = await this.#storage.messages();
    const all = stored
      .filter(({ id }) => !this.#pending.has(id))
      .map((message): Pending => {
        const { id, conversation, text, written, failed } = message;
        return { id, conversation, text, written, state: failed ? "failed" : "sending", seq: null };
      })
      .concat([...this.#pending.values()])
      .sort((a, b) => a.written - b.written);
    this.#pending.clear();
    for (const pending of all) this.#pending.set(pending.id, pending);
    for (const list of this.#lists.values()) list.changed();
    this.#restored = true;
    this.flush();
  }

  add(conversation: ConversationId, text: string): Pending {
    // Two in the same millisecond still have an order after a reload.
    const written = Math.max(this.#user.now(), this.#written + 1);
    this.#written = written;
    const id = newMessageId(written);
    const pending: Pending = { id, conversation, text, written, state: "sending", seq: null };
    this.#put(pending);
    void this.#storage.putMessage(stored(pending));
    this.flush();
    return pending;
  }

  /** Tries a failed message again, under the same id. */
  retry(id: MessageId): void {
    const pending = this.#pending.get(id);
    if (pending?.state !== "failed") return;
    const again: Pending = { ...pending, state: "sending" };
    this.#put(again);
    void this.#storage.putMessage(stored(again));
    this.flush();
  }

  /** Gives a failed message up. */
  discard(id: MessageId): void {
    if (this.#pending.get(id)?.state !== "failed") return;
    this.#drop(id);
    void this.#storage.deleteMessage(id);
  }

  /** A message of this account is in the timeline. */
  arrived(id: MessageId): void {
    if (!this.#pending.has(id)) return;
    this.#drop(id);
    void this.#storage.deleteMessage(id);
  }

  /** The server went back to an older history: what it had confirmed since may be lost. */
  startOver(): void {
    for (const pending of [...this.#pending.values()]) {
      if (pending.state === "sent") this.#put({ ...pending, state: "sending", seq: null });
    }
  }

  /** A conversation is gone: nothing more arrives there. */
  forget(conversation: ConversationId): void {
    for (const pending of [...this.#pending.values()]) {
      if (pending.conversation !== conversation) continue;
      this.#drop(pending.id);
      void this.#storage.deleteMessage(pending.id);
    }
  }

  /** Stops trying. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Sends what waits. */
  flush(): void {
    if (!this.#restored || this.#user.now() < this.#pausedUntil) return;
    clearTimeout(this.#timer);
    for (const pending of this.#pending.values()) {
      if (pending.state === "sending" && !this.#busy.has(pending.conversation)) void this.#send(pending);
    }
  }

  async #send(pending: Pending): Promise<void> {
    const { id, conversation, text } = pending;
    this.#busy.add(conversation);
    try {
      const body = encodeContent({ kind: "text", text });
      const reply = await this.#user.request({ type: "send", conversation, message: id, body });
      this.#failures = 0;
      if (reply.type === "sent") this.#sent(id, reply.seq);
    } catch (error) {
      this.#refused(id, error);
      return;
    } finally {
      this.#busy.delete(conversation);
    }
    this.flush();
  }

  #sent(id: MessageId, seq: Seq): void {
    const pending = this.#pending.get(id);
    // Sent before, by a page that did not live to hear of it.
    if (pending && this.#user.holds(pending.conversation, seq)) this.#drop(id);
    else if (pending) this.#put({ ...pending, state: "sent", seq });
    void this.#storage.deleteMessage(id);
  }

  #refused(id: MessageId, error: unknown): void {
    // The next connection flushes; the pause is for an answer that never came on this one.
    if (error instanceof Offline) {
      this.#pause(PAUSE_MAX_MS, false);
      return;
    }
    if (error instanceof Refused && (error.code === "rate_limited" || error.code === "unavailable")) {
      this.#failures += 1;
      this.#pause(error.retry_ms ?? Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** this.#failures), true);
      return;
    }
    const pending = this.#pending.get(id);
    if (!pending) return;
    const failed: Pending = { ...pending, state: "failed" };
    this.#put(failed);
    void this.#storage.putMessage(stored(failed));
    // What was written after it does not wait for a decision about it.
    queueMicrotask(() => this.flush());
  }

  #pause(ms: number, wholly: boolean): void {
    if (wholly) this.#pausedUntil = this.#user.now() + ms;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), ms);
  }

  #put(pending: Pending): void {
    this.#pending.set(pending.id, pending);
    this.#lists.get(pending.conversation)?.changed();
  }

  #drop(id: MessageId): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (pending) this.#lists.get(pending.conversation)?.changed();
  }
}

function stored(pending: Pending): StoredMessage {
  const { id, conversation, text, written, state } = pending;
  return { id, conversation, text, written, failed: state === "failed" };
}

const PAUSE_MS = 500;
const PAUSE_MAX_MS = 30_000;
