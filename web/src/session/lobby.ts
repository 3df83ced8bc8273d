// Who waits to be let in: others, at conversations of this account, and this
// account itself. What the server tells of others counts only when their knock is
// signed with the key of a link in the own log.

import { Cell, Listeners, type Readable } from "@/lib/readable";
import type { AccountId, Conversation, ConversationId, Event, Knock, Millis, Waiting } from "@/protocol/wire";

import { ask } from "./ask";
import type { Changes } from "./changes";
import type { Environment } from "./environment";
import type { Supply } from "./supply";
import type { Vault } from "./vault";

/** What it needs of the session. */
export interface LobbyUser {
  now(): Millis;
}

/** Those who have knocked and have the link, by conversation; the oldest first. */
export type Knocks = ReadonlyMap<ConversationId, readonly Knock[]>;

/** The doors of a stay's conversations, from both sides. */
export class Lobby {
  readonly #vault: Vault;
  readonly #env: Environment;
  readonly #user: LobbyUser;
  readonly #supply: Supply;
  readonly #changes: Changes;
  /** What the server says, before it was looked at. */
  readonly #told = new Map<ConversationId, readonly Knock[]>();
  readonly #good = new Set<string>();
  readonly #knocks = new Cell<Knocks>(new Map());
  readonly #waiting = new Cell<readonly Waiting[]>([]);
  readonly #knocked = new Listeners<[ConversationId, Knock]>();
  readonly #turnedAway = new Listeners<[Waiting]>();
  readonly #letIn = new Listeners<[ConversationId]>();

  constructor(vault: Vault, env: Environment, user: LobbyUser, supply: Supply, changes: Changes) {
    this.#vault = vault;
    this.#env = env;
    this.#user = user;
    this.#supply = supply;
    this.#changes = changes;
  }

  /** Who waits to be let in by this account, or by another member. */
  get knocks(): Readable<Knocks> {
    return this.#knocks;
  }
  /** Where this account itself waits. */
  get waiting(): Readable<readonly Waiting[]> {
    return this.#waiting;
  }
  /** Tells of somebody who has just knocked. */
  readonly onKnock = this.#knocked.add;
  /** Tells that this account is in where it waited. */
  readonly onLetIn = this.#letIn.add;
  /** Tells that this account is not let in. */
  readonly onTurnedAway = this.#turnedAway.add;

  welcome(conversations: readonly Conversation[], waiting: readonly Waiting[]): void {
    this.#waiting.set(waiting);
    this.#told.clear();
    for (const { id, knocks } of conversations) this.#told.set(id, knocks);
    for (const { id } of conversations) void this.#look(id);
    this.#show();
  }

  /** The server tells of a conversation that this account is in. */
  put({ id, knocks }: Conversation): void {
    if (this.#waiting.snapshot().some(({ conversation }) => conversation === id)) {
      this.#waiting.set(this.#waiting.snapshot().filter(({ conversation }) => conversation !== id));
      this.#letIn.call(id);
    }
    this.#told.set(id, knocks);
    void this.#look(id);
  }

  gone(id: ConversationId): void {
    this.#told.delete(id);
    this.#show();
  }

  event(event: Event & { type: "knocks" | "turned_away" }): void {
    if (event.type === "knocks") {
      this.#told.set(event.conversation, event.knocks);
      void this.#look(event.conversation);
      return;
    }
    const { conversation, link } = event;
    this.#waiting.set(this.#waiting.snapshot().filter((one) => one.conversation !== conversation || one.link !== link));
    this.#turnedAway.call({ conversation, link });
  }

  /** This account has knocked. */
  waits(waiting: Waiting): void {
    const others = this.#waiting.snapshot().filter(({ conversation }) => conversation !== waiting.conversation);
    this.#waiting.set([...others, waiting]);
  }

  /** This account does not wait there any more. */
  waitsNot({ link }: Pick<Waiting, "link">): void {
    this.#waiting.set(this.#waiting.snapshot().filter((one) => one.link !== link));
  }

  async letIn(id: ConversationId, knock: Knock): Promise<void> {
    await this.#changes.letIn(id, knock);
    this.#forget(id, knock.account);
  }

  async turnAway(id: ConversationId, account: AccountId): Promise<void> {
    await ask(this.#env, "DELETE", `/conversations/${id}/knocks/${account}`);
    this.#forget(id, account);
  }

  #forget(id: ConversationId, account: AccountId): void {
    this.#told.set(id, (this.#told.get(id) ?? []).filter((knock) => knock.account !== account));
    this.#show();
  }

  /** Looks at the knocks that nobody has looked at; what is no good is looked at again when it is told again. */
  async #look(id: ConversationId): Promise<void> {
    for (const knock of this.#told.get(id) ?? []) {
      if (this.#good.has(knock.signature)) continue;
      const good = await this.#isGood(id, knock).catch(() => false);
      const stillThere = this.#told.get(id)?.some(({ signature }) => signature === knock.signature);
      if (!good || !stillThere || this.#good.has(knock.signature)) continue;
      this.#good.add(knock.signature);
      this.#show();
      this.#knocked.call(id, knock);
    }
    this.#show();
  }

  async #isGood(id: ConversationId, knock: Knock): Promise<boolean> {
    for (let round = 0; round < ROUNDS; round++) {
      const verdict = await this.#vault.verifyKnock(id, knock, this.#user.now());
      if (verdict === "good" || verdict === "forged") return verdict === "good";
      const learned = verdict === "unknown_person" ? this.#supply.records([knock.account]) : this.#supply.control(id);
      if (!(await learned)) return false;
    }
    return false;
  }

  #show(): void {
    const shown = new Map<ConversationId, readonly Knock[]>();
    for (const [id, knocks] of this.#told) {
      const good = knocks.filter(({ signature }) => this.#good.has(signature));
      if (good.length > 0) shown.set(id, good);
    }
    if (!same(shown, this.#knocks.snapshot())) this.#knocks.set(shown);
  }
}

function same(a: Knocks, b: Knocks): boolean {
  const signatures = (knocks: Knocks) => [...knocks].map(([id, all]) => [id, all.map(({ signature }) => signature)]);
  return JSON.stringify(signatures(a)) === JSON.stringify(signatures(b));
}

/** Records, then the log, then records of those in the log. */
const ROUNDS = 4;
