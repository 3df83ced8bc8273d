// Messages on their way. A message is sealed when it is sent, in the order of
// writing, one at a time in a conversation and over all tabs of this browser:
// the envelope names the one before it. Sealed, it is kept until the server has
// answered, and in doubt exactly that envelope is sent again, which stores it
// once. Only a clear no to an envelope lets the message be sealed anew.

import type { FileReference } from "@/crypto/file-content";
import { Computed, type Readable } from "@/lib/readable";
import type { Blob, ConversationId, EnvelopeId, FileId, Millis, Reply, Seq } from "@/protocol/wire";

import { Offline, Refused } from "./error";
import { type LocalId, newLocalId } from "./id";
import type { Storage, StoredMessage } from "./storage";
import type { Content } from "./vault";

/** An own message that is not in the timeline yet. */
export interface Pending {
  readonly id: LocalId;
  readonly conversation: ConversationId;
  readonly text: string;
  /** What the text is about; most messages have none. */
  readonly file: FileReference | null;
  /** The file that it deletes. */
  readonly deletes: FileId | null;
  readonly written: number;
  readonly state: "sending" | "sent" | "failed";
  /** What it is called once it is sealed. */
  readonly envelope: EnvelopeId | null;
  /** Its number, once sent. */
  readonly seq: Seq | null;
}

/** A message as it travels. */
export interface SealedMessage {
  readonly id: EnvelopeId;
  readonly envelope: Blob;
}

/** What the outbox needs of the session. */
export interface OutboxUser {
  /** Whether commands reach the server now. */
  online(): boolean;
  /** Seals a content as the next envelope of this device; `NotNow` while it cannot be done. */
  seal(conversation: ConversationId, content: Content, id: LocalId): Promise<SealedMessage>;
  send(envelope: Blob): Promise<Reply>;
  /** The server has stored the envelope. */
  confirmed(conversation: ConversationId, id: EnvelopeId, at: { seq: Seq; time: Millis }): Promise<void>;
  /** Does what the server's no asks for and seals anew; null when it asks for nothing that could be done. */
  mend(conversation: ConversationId, message: SealedMessage & { content: Content; local: LocalId }, refused: Refused): Promise<SealedMessage | null>;
  /** An envelope is given up. */
  abandon(conversation: ConversationId, id: EnvelopeId): Promise<void>;
  /** Nothing else of this device is sealed for the conversation meanwhile. */
  alone<T>(conversation: ConversationId, work: () => Promise<T>): Promise<T>;
  /** Whether something keeps a message about a file from being sent now. */
  held(file: FileReference): Promise<boolean>;
  /** A message about a file is given up. */
  unsaid(file: FileReference): void;
  /** Whether the timeline of a conversation has reached an entry. */
  holds(conversation: ConversationId, seq: Seq): boolean;
  now(): number;
}

/** What is to be sealed has to wait: keys are missing, or the server cannot be asked. */
export class NotNow extends Error {
  override readonly name = "NotNow";
}

/** The unsent messages of this account. */
export class Outbox {
  readonly #user: OutboxUser;
  readonly #storage: Storage;
  /** In the order they were written. */
  readonly #pending = new Map<LocalId, Pending>();
  readonly #lists = new Map<ConversationId, Computed<readonly Pending[]>>();
  /** Under which local id an envelope of this page was written, so that its row stays the same. */
  readonly #written = new Map<EnvelopeId, LocalId>();
  /** Conversations with a message under way. */
  readonly #busy = new Set<ConversationId>();
  readonly #saving = new Map<LocalId, Promise<void>>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #restored = false;
  #pausedUntil = 0;
  #failures = 0;
  #last = 0;

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

  /** What an envelope was called here before it was sealed. */
  localId(envelope: EnvelopeId): LocalId | null {
    return this.#written.get(envelope) ?? null;
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
        const { id, conversation, text, file = null, deletes = null, written, failed, sealed } = message;
        if (sealed) this.#written.set(sealed.id, id);
        const state = failed ? "failed" : "sending";
        return { id, conversation, text, file, deletes, written, state, envelope: sealed?.id ?? null, seq: null };
      })
      .concat([...this.#pending.values()])
      .sort((a, b) => a.written - b.written);
    this.#pending.clear();
    for (const pending of all) this.#pending.set(pending.id, pending);
    for (const list of this.#lists.values()) list.changed();
    this.#restored = true;
    this.flush();
  }

  /** Sends a text. */
  add(conversation: ConversationId, text: string): Pending {
    return this.#add(conversation, newLocalId(), { kind: "text", text })[0];
  }

  /** Sends the message about a file that has been uploaded, once; resolves when it is kept on this device. */
  async addFile(conversation: ConversationId, text: string, file: FileReference): Promise<void> {
    const id = file.id as string as LocalId;
    if (this.#pending.has(id)) await this.#saving.get(id);
    else await this.#add(conversation, id, { kind: "file", text, file })[1];
  }

  /** Tells that a file of this account is deleted. */
  addDeletion(conversation: ConversationId, target: FileId): void {
    this.#add(conversation, newLocalId(), { kind: "file_deleted", text: "", target });
  }

  #add(conversation: ConversationId, id: LocalId, content: Content): [Pending, Promise<void>] {
    // Two in the same millisecond still have an order after a reload.
    const written = Math.max(this.#user.now(), this.#last + 1);
    this.#last = written;
    const { text } = content;
    const file = content.kind === "file" ? content.file : null;
    const deletes = content.kind === "file_deleted" ? content.target : null;
    const pending: Pending = { id, conversation, text, file, deletes, written, state: "sending", envelope: null, seq: null };
    this.#put(pending);
    const saved = this.#save({ id, conversation, text, file, deletes, written, failed: false, sealed: null });
    this.flush();
    return [pending, saved];
  }

  /** Tries a failed message again. */
  retry(id: LocalId): void {
    const pending = this.#pending.get(id);
    if (pending?.state !== "failed") return;
    this.#put({ ...pending, state: "sending", envelope: null });
    const { conversation, text, file, deletes, written } = pending;
    void this.#save({ id, conversation, text, file, deletes, written, failed: false, sealed: null });
    this.flush();
  }

  /** Gives a failed message up. */
  discard(id: LocalId): void {
    const pending = this.#pending.get(id);
    if (pending?.state !== "failed") return;
    // Nobody will ever know of it.
    if (pending.file) this.#user.unsaid(pending.file);
    this.#drop(id);
    void this.#storage.deleteMessage(id);
  }

  /** A message of this account is in the timeline. */
  arrived(envelope: EnvelopeId): void {
    const id = this.#written.get(envelope);
    if (id === undefined || !this.#pending.has(id)) return;
    this.#drop(id);
    void this.#storage.deleteMessage(id);
  }

  /** The server went back to an older history: what it had confirmed since may be lost. */
  startOver(): void {
    for (const pending of [...this.#pending.values()]) {
      if (pending.state !== "sent") continue;
      const { id, conversation, text, file, deletes, written } = pending;
      this.#put({ ...pending, state: "sending", envelope: null, seq: null });
      void this.#save({ id, conversation, text, file, deletes, written, failed: false, sealed: null });
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
    if (!this.#restored || !this.#user.online() || this.#user.now() < this.#pausedUntil) return;
    clearTimeout(this.#timer);
    for (const pending of this.#pending.values()) {
      if (pending.state === "sending" && !this.#busy.has(pending.conversation)) void this.#send(pending);
    }
  }

  async #send({ id, conversation }: Pending): Promise<void> {
    this.#busy.add(conversation);
    try {
      await this.#user.alone(conversation, () => this.#deliver(id, conversation));
      this.#failures = 0;
    } catch (error) {
      this.#refused(id, error);
      return;
    } finally {
      this.#busy.delete(conversation);
    }
    this.flush();
  }

  /** With nobody else sealing for the conversation: what is stored now counts, not what this page remembers. */
  async #deliver(id: LocalId, conversation: ConversationId): Promise<void> {
    await this.#saving.get(id);
    const kept = await this.#storage.message(id);
    // Another tab has sent it, or it was discarded.
    if (!kept) return this.#drop(id);
    if (kept.file && (await this.#user.held(kept.file))) throw new NotNow("its upload is still kept");
    let { sealed } = kept;
    for (let attempt = 0; ; attempt++) {
      sealed ??= await this.#user.seal(conversation, contentOf(kept), id);
      await this.#save({ ...kept, failed: false, sealed });
      this.#sealed(id, sealed.id);
      try {
        const reply = await this.#user.send(sealed.envelope);
        if (reply.type === "sent") await this.#sent(id, conversation, sealed, reply);
        return;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        const mended: SealedMessage | null =
          attempt < ATTEMPTS
            ? await this.#user.mend(conversation, { ...sealed, content: contentOf(kept), local: id }, error)
            : null;
        if (!mended && !PASSING.has(error.code)) await this.#user.abandon(conversation, sealed.id);
        if (!mended) throw error;
        sealed = mended;
      }
    }
  }

  #sealed(id: LocalId, envelope: EnvelopeId): void {
    this.#written.set(envelope, id);
    const pending = this.#pending.get(id);
    if (pending && pending.envelope !== envelope) this.#put({ ...pending, envelope });
  }

  async #sent(
    id: LocalId,
    conversation: ConversationId,
    sealed: SealedMessage,
    { seq, time }: { seq: Seq; time: Millis },
  ): Promise<void> {
    const pending = this.#pending.get(id);
    // Sent before, by a page that did not live to hear of it.
    if (pending && this.#user.holds(conversation, seq)) this.#drop(id);
    else if (pending) this.#put({ ...pending, state: "sent", seq });
    await this.#user.confirmed(conversation, sealed.id, { seq, time });
    await this.#storage.deleteMessage(id);
  }

  #refused(id: LocalId, error: unknown): void {
    // The next connection flushes; the pause is for an answer that never came on this one.
    if (error instanceof Offline) {
      this.#pause(PAUSE_MAX_MS, false);
      return;
    }
    if (error instanceof NotNow || (error instanceof Refused && PASSING.has(error.code))) {
      this.#failures += 1;
      const asked = error instanceof Refused ? error.retry_ms : undefined;
      this.#pause(asked ?? Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** this.#failures), error instanceof Refused);
      return;
    }
    const pending = this.#pending.get(id);
    if (!pending) return;
    const { conversation, text, file, deletes, written } = pending;
    this.#put({ ...pending, state: "failed" });
    void this.#save({ id, conversation, text, file, deletes, written, failed: true, sealed: null });
    // What was written after it does not wait for a decision about it.
    queueMicrotask(() => this.flush());
  }

  #pause(ms: number, wholly: boolean): void {
    if (wholly) this.#pausedUntil = this.#user.now() + ms;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), ms);
  }

  #save(message: StoredMessage): Promise<void> {
    const saved = (this.#saving.get(message.id) ?? Promise.resolve()).then(() => this.#storage.putMessage(message));
    this.#saving.set(message.id, saved);
    void saved.finally(() => {
      if (this.#saving.get(message.id) === saved) this.#saving.delete(message.id);
    });
    return saved;
  }

  #put(pending: Pending): void {
    this.#pending.set(pending.id, pending);
    this.#lists.get(pending.conversation)?.changed();
  }

  #drop(id: LocalId): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (pending) this.#lists.get(pending.conversation)?.changed();
  }
}

/** What a message on its way says. */
export function contentOf({ text, file, deletes }: Pick<StoredMessage, "text" | "file" | "deletes">): Content {
  if (deletes) return { kind: "file_deleted", text: "", target: deletes };
  return file ? { kind: "file", text, file } : { kind: "text", text };
}

const PASSING: ReadonlySet<string> = new Set(["rate_limited", "unavailable", "stale_epoch", "rotate_first"]);
const ATTEMPTS = 4;
const PAUSE_MS = 500;
const PAUSE_MAX_MS = 30_000;
