// What the vault needs from the server: records, control events and grants,
// fetched when they are asked for and never twice at once, and keys that only
// another member can pass on. It keeps how it stands with each conversation.

import { Cell } from "@/lib/readable";
import type {
  Account,
  AccountId,
  Command,
  Control,
  ControlEvent,
  Conversation,
  ConversationId,
  DeviceId,
  EnvelopeId,
  Millis,
  OwnGrants,
  Records,
  Reply,
  Seq,
} from "@/protocol/wire";

import { ask } from "./ask";
import type { Environment } from "./environment";
import type { Group, Needs, Vault } from "./vault";

/** What it needs of the session. */
export interface KeysUser {
  readonly account: AccountId;
  readonly device: DeviceId;
  request(command: Command): Promise<Reply>;
  /** The server's word about the conversations. */
  conversation(id: ConversationId): Conversation | null;
  /** The newest entry that is known. */
  head(id: ConversationId): Seq;
  conversations(): readonly Conversation[];
  /** Waits until the server tells of a conversation that was made here. */
  appears(id: ConversationId): Promise<ConversationId>;
  /** The server's time. */
  now(): Millis;
  accounts(): ReadonlyMap<AccountId, Account>;
  /** Under which name an envelope was written on this page. */
  written(id: EnvelopeId): string | null;
  /** Something was learned by which closed entries may open. */
  learned(id: ConversationId): void;
  /** Another copy of this browser sends as this device. */
  copied(): void;
}

/** What people may want to know about the keys of one conversation. */
export interface KeyState {
  /** The server's log of members does not hold: nothing is sent. */
  readonly refused: boolean;
  /** The server shows different people different histories. */
  readonly split: boolean;
  /** The keys in force are not here. */
  readonly waiting: boolean;
  /** Members whose account began anew. */
  readonly anew: readonly AccountId[];
}

/** Fetches for the vault. */
export class Supply {
  readonly #vault: Vault;
  readonly #env: Environment;
  readonly #user: KeysUser;
  readonly #states = new Map<ConversationId, Cell<KeyState>>();
  /** Fetches under way, so that one answer serves all who wait for it. */
  readonly #fetching = new Map<string, Promise<boolean>>();
  /** Grants asked for on this connection. */
  readonly #asked = new Set<string>();
  /** Versions of records that the vault has. */
  readonly #known = new Map<AccountId, number>();

  /** Somebody's record is new here. */
  readonly #recordsLearned: () => void;

  constructor(vault: Vault, env: Environment, user: KeysUser, recordsLearned: () => void) {
    this.#recordsLearned = recordsLearned;
    this.#vault = vault;
    this.#env = env;
    this.#user = user;
  }

  /** A new connection: what was asked for on the one before may be asked for again. */
  connected(): void {
    this.#asked.clear();
  }

  gone(id: ConversationId): void {
    this.#states.delete(id);
  }

  /** The newest version of an account's record that is here, as far as this page knows. */
  version(account: AccountId): number {
    return this.#known.get(account) ?? 0;
  }

  /** Fetches what the vault needs; tells whether anything new was learned. */
  async forNeeds(id: ConversationId, needs: Needs): Promise<boolean> {
    const work: Promise<boolean>[] = [];
    if (needs.records.length > 0) work.push(this.records(needs.records));
    if (needs.control) work.push(this.control(id));
    if (needs.epochs.length > 0) work.push(this.grants(id));
    return (await Promise.all(work)).some(Boolean);
  }

  async request(id: ConversationId, epoch: number): Promise<void> {
    const key = `${id} ${epoch}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    await this.#user.request({ type: "request_grant", conversation: id, epoch }).catch(() => this.#asked.delete(key));
  }

  /** Fetches newer records of accounts, if there are any; tells whether there were. */
  async records(accounts: readonly AccountId[]): Promise<boolean> {
    const all = await Promise.all(Array.from(new Set(accounts), (account) => this.#record(account)));
    return all.some(Boolean);
  }

  #record(account: AccountId): Promise<boolean> {
    return this.#once(`record ${account}`, async () => {
      const known = await this.#vault.recordVersion(account);
      const told = this.#user.accounts().get(account)?.record;
      this.#known.set(account, known);
      if (told !== undefined && told <= known) return false;
      const { records } = await ask<Records>(this.#env, "GET", `/accounts/${account}/records?after=${known}`);
      if (records.length === 0) return false;
      await this.#vault.learnRecords(account, records);
      this.#recordsLearned();
      this.#known.set(account, await this.#vault.recordVersion(account));
      return true;
    });
  }

  control(id: ConversationId): Promise<boolean> {
    return this.#once(`control ${id}`, async () => {
      let learned = false;
      for (;;) {
        const group = await this.#vault.group(id);
        // From the beginning, when nothing is known.
        const after = group && group.next > 0 ? `?after=${group.next - 1}` : "";
        const { events, more } = await ask<Control>(
          this.#env,
          "GET",
          `/conversations/${id}/control${after}`,
        );
        if (events.length === 0) return learned;
        const next = await this.#learn(id, events);
        if (next.next <= (group?.next ?? 0)) return learned;
        learned = true;
        if (!more) {
          if (next.missing.length > 0) await this.grants(id);
          return true;
        }
      }
    });
  }

  /** The signers of events may be as new as the events. */
  async #learn(id: ConversationId, events: readonly ControlEvent[]): Promise<Group> {
    const members = this.#user.conversation(id)?.members.map(({ account }) => account) ?? [];
    await this.records(members);
    let group = await this.#vault.learnControl(id, events);
    // Who is no member any more may have signed, too.
    if (group.waits.length > 0 && (await this.records(group.waits))) group = await this.#vault.learnControl(id, events);
    this.look(id, group);
    return group;
  }

  grants(id: ConversationId): Promise<boolean> {
    return this.#once(`grants ${id}`, async () => {
      const before = await this.#vault.group(id);
      if (!before) return false;
      const { grants } = await ask<OwnGrants>(this.#env, "GET", `/conversations/${id}/grants`);
      const after = await this.#vault.learnGrants(id, grants);
      this.look(id, after);
      return after.missing.length < before.missing.length;
    });
  }

  /** What fails is tried again when it is needed again. */
  #once(what: string, work: () => Promise<boolean>): Promise<boolean> {
    let running = this.#fetching.get(what);
    if (!running) {
      running = work()
        .catch(() => false)
        .finally(() => this.#fetching.delete(what));
      this.#fetching.set(what, running);
    }
    return running;
  }

  look(id: ConversationId, { refused, missing, epoch, anew }: Group): void {
    this.update(id, { refused, waiting: missing.includes(epoch), anew });
  }

  update(id: ConversationId, change: Partial<KeyState>): void {
    const cell = this.state(id);
    const before = cell.snapshot();
    const after = { ...before, ...change };
    if (JSON.stringify(before) !== JSON.stringify(after)) cell.set(after);
  }

  state(id: ConversationId): Cell<KeyState> {
    let cell = this.#states.get(id);
    if (!cell) {
      cell = new Cell<KeyState>({ refused: false, split: false, waiting: false, anew: [] });
      this.#states.set(id, cell);
    }
    return cell;
  }
}
