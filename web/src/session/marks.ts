// Watermarks: how far the members of one conversation have come, and how far
// this account wants the server to know it has come itself.

import { Cell, type Readable } from "@/lib/readable";
import type { AccountId, Command, ConversationId, Member, Seq } from "@/protocol/wire";

/** How far the others have come: the furthest of them. */
export interface Reach {
  readonly delivered: Seq;
  readonly read: Seq;
}

/** How far one member has come. */
interface Mark {
  delivered: Seq;
  read: Seq;
}

/** The watermarks of one conversation. */
export class Marks {
  readonly #own: AccountId;
  readonly #marks = new Map<AccountId, Mark>();
  readonly #reach = new Cell<Reach>({ delivered: 0, read: 0 });

  constructor(own: AccountId) {
    this.#own = own;
  }

  /** The furthest of the other members. */
  get reach(): Readable<Reach> {
    return this.#reach;
  }

  /** How far this account has read, as the server knows. */
  get own(): Reach {
    return this.#marks.get(this.#own) ?? { delivered: 0, read: 0 };
  }

  replace(members: readonly Member[]): void {
    this.#marks.clear();
    for (const { account, delivered, read } of members) this.#marks.set(account, { delivered, read });
    this.#measure();
  }

  /** Takes a receipt in; they never go back. */
  advance(account: AccountId, delivered: Seq, read: Seq): void {
    const mark = this.#marks.get(account) ?? { delivered: 0, read: 0 };
    mark.delivered = Math.max(mark.delivered, delivered, read);
    mark.read = Math.max(mark.read, read);
    this.#marks.set(account, mark);
    if (account === this.#own) return;
    const reach = this.#reach.snapshot();
    if (mark.delivered > reach.delivered || mark.read > reach.read) {
      this.#reach.set({
        delivered: Math.max(reach.delivered, mark.delivered),
        read: Math.max(reach.read, mark.read),
      });
    }
  }

  /** The other members that have read an entry. */
  readers(seq: Seq): AccountId[] {
    return [...this.#marks]
      .filter(([account, mark]) => account !== this.#own && mark.read >= seq)
      .map(([account]) => account);
  }

  #measure(): void {
    let delivered = 0;
    let read = 0;
    for (const [account, mark] of this.#marks) {
      if (account === this.#own) continue;
      delivered = Math.max(delivered, mark.delivered, mark.read);
      read = Math.max(read, mark.read);
    }
    this.#reach.set({ delivered, read });
  }
}

/**
 * Own receipts on their way to the server: gathered for a second, the highest
 * of a conversation wins, and kept until the server has confirmed them.
 */
export class Receipts {
  readonly #request: (command: Command) => Promise<unknown>;
  readonly #known: (conversation: ConversationId, mark: Reach) => void;
  readonly #wanted = new Map<ConversationId, Mark>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `known` hears what the server has confirmed. */
  constructor(
    request: (command: Command) => Promise<unknown>,
    known: (conversation: ConversationId, mark: Reach) => void,
  ) {
    this.#request = request;
    this.#known = known;
  }

  /** Wants the server to know; `known` is what it knows already. */
  want(conversation: ConversationId, wanted: Partial<Mark>, known: Reach): void {
    const mark = this.#wanted.get(conversation) ?? { ...known };
    mark.delivered = Math.max(mark.delivered, wanted.delivered ?? 0);
    mark.read = Math.max(mark.read, wanted.read ?? 0);
    if (mark.delivered <= known.delivered && mark.read <= known.read) return;
    this.#wanted.set(conversation, mark);
    this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  /** Another history began: what was wanted has no meaning in it. */
  clear(): void {
    this.#wanted.clear();
  }

  /** Sends what is wanted. What fails stays wanted until the next connection. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [conversation, { delivered, read }] of this.#wanted) {
      const command: Command = { type: "receipt", conversation };
      if (delivered > 0) command.delivered = delivered;
      if (read > 0) command.read = read;
      this.#request(command).then(
        () => this.#confirmed(conversation, { delivered, read }),
        () => undefined,
      );
    }
  }

  #confirmed(conversation: ConversationId, mark: Mark): void {
    this.#known(conversation, mark);
    const wanted = this.#wanted.get(conversation);
    if (wanted && wanted.delivered <= mark.delivered && wanted.read <= mark.read) {
      this.#wanted.delete(conversation);
    }
  }
}

const GATHER_MS = 1_000;
