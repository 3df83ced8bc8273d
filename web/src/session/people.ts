// Who is on this server, who is online and who is typing where.

import { Cell, Computed, type Readable } from "@/lib/readable";
import type { Account, AccountId, ConversationId } from "@/protocol/wire";
import { TYPING_MS } from "@/protocol/wire";

/** All accounts, and those that are online. */
export class People {
  readonly #accounts = new Cell<ReadonlyMap<AccountId, Account>>(new Map());
  readonly #online = new Cell<ReadonlySet<AccountId>>(new Set());
  #unsure: ReturnType<typeof setTimeout> | undefined;

  get accounts(): Readable<ReadonlyMap<AccountId, Account>> {
    return this.#accounts;
  }

  get online(): Readable<ReadonlySet<AccountId>> {
    return this.#online;
  }

  replace(accounts: readonly Account[], online: readonly AccountId[]): void {
    this.#accounts.set(new Map(accounts.map((account) => [account.id, account])));
    this.#online.set(new Set(online));
  }

  put(account: Account): void {
    this.#accounts.set(new Map(this.#accounts.snapshot()).set(account.id, account));
  }

  /** Without a connection for more than a moment, who was online says nothing about who is. */
  connected(now: boolean): void {
    if (now) this.stop();
    else this.#unsure ??= setTimeout(() => this.#online.set(new Set()), PRESENCE_MS);
  }

  stop(): void {
    clearTimeout(this.#unsure);
    this.#unsure = undefined;
  }

  setOnline(account: AccountId, online: boolean): void {
    const next = new Set(this.#online.snapshot());
    if (online) next.add(account);
    else next.delete(account);
    this.#online.set(next);
  }
}

/** Who is typing in one conversation; fades by itself. */
export class Typing {
  readonly #fading = new Map<AccountId, ReturnType<typeof setTimeout>>();
  readonly #accounts = new Computed<readonly AccountId[]>(() => [...this.#fading.keys()]);

  get accounts(): Readable<readonly AccountId[]> {
    return this.#accounts;
  }

  heard(account: AccountId): void {
    clearTimeout(this.#fading.get(account));
    const isNew = !this.#fading.has(account);
    this.#fading.set(account, setTimeout(() => this.stopped(account), TYPING_MS));
    if (isNew) this.#accounts.changed();
  }

  stopped(account: AccountId): void {
    clearTimeout(this.#fading.get(account));
    if (this.#fading.delete(account)) this.#accounts.changed();
  }

  clear(): void {
    for (const account of this.#fading.keys()) this.stopped(account);
  }
}

/** Own typing notices, at most one in a while per conversation. */
export class TypingNotices {
  readonly #send: (conversation: ConversationId) => void;
  readonly #now: () => number;
  readonly #sent = new Map<ConversationId, number>();

  constructor(send: (conversation: ConversationId) => void, now: () => number) {
    this.#send = send;
    this.#now = now;
  }

  notice(conversation: ConversationId): void {
    const now = this.#now();
    if (now - (this.#sent.get(conversation) ?? -Infinity) < NOTICE_MS) return;
    this.#sent.set(conversation, now);
    this.#send(conversation);
  }
}

const PRESENCE_MS = 5_000;
const NOTICE_MS = 2_000;
