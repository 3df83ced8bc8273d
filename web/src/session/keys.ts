// Between the server and the vault: fetches what the vault needs to judge and
// open entries (records, control events, grants), asks for what is missing,
// passes on what others miss, and lets the vault seal what goes out. It sees
// no key. What the vault refuses is refused here, too.

import { Cell, type Readable } from "@/lib/readable";
import type { Chain, Control, Direct, OwnGrants, PostGrants, Records } from "@/protocol/pending";
import type {
  Account,
  AccountId,
  Blob,
  Call,
  Command,
  ControlEvent,
  Conversation,
  ConversationId,
  DeviceId,
  Entry,
  EnvelopeId,
  Name,
  Reply,
} from "@/protocol/wire";

import { ask } from "./ask";
import type { CallEntry, TimelineEntry } from "./entry";
import type { Environment } from "./environment";
import { Offline, Refused } from "./error";
import { newConversationId } from "./id";
import { NotNow, type SealedMessage } from "./outbox";
import type {
  Content,
  Change,
  Group,
  NewMember,
  Opened,
  Reason,
  Vault,
} from "./vault";

/** What it needs of the session. */
export interface KeysUser {
  readonly account: AccountId;
  readonly device: DeviceId;
  request(command: Command): Promise<Reply>;
  /** The server's word about the conversations. */
  conversation(id: ConversationId): Conversation | null;
  conversations(): readonly Conversation[];
  accounts(): ReadonlyMap<AccountId, Account>;
  /** Under which name an envelope was written on this page. */
  written(id: EnvelopeId): string | null;
  /** Something was learned by which closed entries may open. */
  learned(id: ConversationId): void;
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

/** A signal as it came out of its envelope; null when it is not what its device has said. */
export interface OpenedSignal {
  readonly content: Readonly<Record<string, unknown>> | null;
}

/** The keys of one signed-in stay. */
export class Keys {
  readonly #vault: Vault;
  readonly #env: Environment;
  readonly #user: KeysUser;
  readonly #states = new Map<ConversationId, Cell<KeyState>>();
  /** Fetches under way, so that one answer serves all who wait for it. */
  readonly #fetching = new Map<string, Promise<boolean>>();
  /** Grants asked for on this connection. */
  readonly #asked = new Set<string>();
  /** Versions of records that the server has told of, and the vault has. */
  readonly #records = new Map<AccountId, number>();

  constructor(vault: Vault, env: Environment, user: KeysUser) {
    this.#vault = vault;
    this.#env = env;
    this.#user = user;
  }

  /** How it stands with the keys of a conversation. */
  state(id: ConversationId): Readable<KeyState> {
    return this.#state(id);
  }

  /** A new connection: what was asked for on the one before may be asked for again. */
  welcomed(): void {
    this.#asked.clear();
    for (const { id } of this.#user.conversations()) void this.#catchUp(id);
  }

  /** The server tells of a conversation: its log may have grown. */
  changed(id: ConversationId): void {
    void this.#catchUp(id);
  }

  gone(id: ConversationId): void {
    this.#states.delete(id);
    void this.#vault.forget(id);
  }

  async erase(): Promise<void> {
    await this.#vault.erase();
  }

  /** An entry before anybody has tried to open it. */
  closed(entry: Entry): TimelineEntry {
    if (entry.content.type === "call") return call(entry, entry.content);
    return {
      seq: entry.seq,
      time: entry.time,
      content: {
        type: "message",
        id: "" as EnvelopeId,
        key: `entry-${entry.seq}`,
        sender: "" as AccountId,
        content: null,
        closed: { reason: "opening", entry },
        warnings: [],
      },
    };
  }

  /** Opens entries in their order; fetches what is missing for it. Never rejects. */
  async open(id: ConversationId, entries: readonly Entry[], before: Blob | null = null): Promise<TimelineEntry[]> {
    let opened = await this.#vault.open(id, entries, before);
    for (let round = 0; round < ROUNDS; round++) {
      const learned = await this.#fetchFor(id, opened);
      if (!learned) break;
      opened = await this.#vault.open(id, entries, before);
    }
    await this.#askFor(id, opened);
    if (opened.some((one) => one?.warnings.includes("transcript"))) this.#update(id, { split: true });
    return entries.map((entry, i) => this.#entry(entry, opened[i] ?? null));
  }

  /** Seals a text as the next envelope of this device. */
  async seal(id: ConversationId, content: Content): Promise<SealedMessage> {
    await this.#ready(id);
    return this.#vault.seal(id, content);
  }

  confirmed(id: ConversationId, { id: envelope }: SealedMessage): Promise<void> {
    return this.#vault.confirmed(id, envelope);
  }

  /** Nothing else of this device is sealed for the conversation meanwhile, in no tab. */
  alone<T>(id: ConversationId, work: () => Promise<T>): Promise<T> {
    return this.#env.lock(`callbox-chain-${this.#user.account}-${id}`, work);
  }

  /** Does what the server's no to an envelope asks for. Only while alone. */
  async mend(id: ConversationId, { code }: Refused): Promise<boolean> {
    switch (code) {
      case "stale_epoch":
        return this.#fetchControl(id);
      case "rotate_first":
        await this.#fetchControl(id);
        await this.#commit(id, { type: "rotate" });
        return true;
      case "conflict":
        await this.#recount(id);
        return true;
      default:
        return false;
    }
  }

  /** Changes a conversation. */
  change(id: ConversationId, change: Change): Promise<void> {
    return this.alone(id, () => this.#commit(id, change));
  }

  async addMembers(id: ConversationId, accounts: readonly AccountId[]): Promise<void> {
    await this.#fetchRecords(accounts);
    await this.change(id, { type: "add", members: accounts.map(member) });
  }

  /** Lets somebody in again whose account began anew. */
  async readmit(id: ConversationId, account: AccountId): Promise<void> {
    await this.#fetchRecords([account]);
    await this.change(id, { type: "readmit", account });
  }

  async createRoom(name: Name, accounts: readonly AccountId[]): Promise<ConversationId> {
    const members: NewMember[] = [{ account: this.#user.account, role: "manager" }, ...accounts.map(member)];
    return this.#create({ type: "create", kind: "room", name, history: "all", members });
  }

  async createDirect(account: AccountId): Promise<ConversationId> {
    const members = [this.#user.account, account].map(member);
    try {
      return await this.#create({ type: "create", kind: "direct", name: null, history: "all", members });
    } catch (error) {
      // The other one was faster, or it has been there all along.
      if (!(error instanceof Refused) || error.code !== "conflict") throw error;
      const { conversation } = await ask<Direct>(this.#env, "GET", `/direct/${account}`);
      return conversation;
    }
  }

  /** Renews the keys of all conversations that ask for it. */
  async renewAll(progress: (done: number, all: number) => void): Promise<void> {
    const wanted = this.#user.conversations().filter(({ rotation_required }) => rotation_required);
    for (const [done, { id }] of wanted.entries()) {
      progress(done, wanted.length);
      // Another member may have done it in the meantime.
      if (this.#user.conversation(id)?.rotation_required) await this.change(id, { type: "rotate" });
    }
    progress(wanted.length, wanted.length);
  }

  /** An account has changed: perhaps its devices. */
  async accountChanged({ id, record }: Account): Promise<void> {
    if (record <= (this.#records.get(id) ?? 0) || !(await this.#fetchRecords([id]))) return;
    for (const conversation of this.#user.conversations()) {
      if (conversation.members.some(({ account }) => account === id)) this.#user.learned(conversation.id);
    }
  }

  /** New grants wait at the server. */
  async grantsCame(id: ConversationId): Promise<void> {
    if (await this.#fetchGrants(id)) this.#user.learned(id);
  }

  /** A member misses the key of an epoch: passes it on, if it is here. */
  async grantWanted(id: ConversationId, epoch: number, account: AccountId): Promise<void> {
    await this.#fetchRecords([account]);
    const grants = await this.#vault.grant(id, epoch, account).catch(() => []);
    // Another member may be faster, and nothing is lost when nobody is: it is asked again.
    if (grants.length > 0) {
      await ask(this.#env, "POST", `/conversations/${id}/grants`, { grants } satisfies PostGrants).catch(() => undefined);
    }
  }

  async sealSignal(signal: Parameters<Vault["sealSignal"]>[0]): Promise<Blob> {
    await this.#ready(signal.conversation);
    return this.#vault.sealSignal(signal);
  }

  /** Opens a signal of a call; null when it means nothing, because it came before. */
  async openSignal(call: Call, from: DeviceId, envelope: Blob): Promise<OpenedSignal | null> {
    const id = call.conversation;
    for (let round = 0; ; round++) {
      const opened = await this.#vault.openSignal(id, call.id, envelope);
      if ("content" in opened) {
        const { account, device, content } = opened;
        const other = account === call.caller || account === call.callee;
        const named = content.to_account === this.#user.account && content.to_device === this.#user.device;
        const meant = other && device === from && content.call === call.id && named;
        return { content: meant ? content : null };
      }
      if (opened.reason === "replay") return null;
      const { account: sender, reason } = opened;
      if (round >= ROUNDS || !(await this.#fetchReasons(id, [{ sender, reason, control: false }]))) return { content: null };
    }
  }

  #entry(entry: Entry, opened: Opened | null): TimelineEntry {
    const { seq, time, content } = entry;
    if (content.type === "call") return call(entry, content);
    if (!opened) return this.closed(entry);
    const { id, sender, warnings } = opened;
    if (opened.change) return { seq, time, content: { type: "change", id, by: sender, change: opened.change, warnings } };
    return {
      seq,
      time,
      content: {
        type: "message",
        id,
        key: this.#user.written(id) ?? id,
        sender,
        content: opened.content,
        closed: opened.reason && { reason: opened.reason, entry },
        warnings,
      },
    };
  }

  /** Makes sure that the log is known and the key in force is here. */
  async #ready(id: ConversationId): Promise<void> {
    const told = this.#user.conversation(id)?.control ?? 0;
    let group = await this.#vault.group(id);
    if (!group || group.next < told) {
      await this.#fetchControl(id);
      group = await this.#vault.group(id);
    }
    if (group && group.missing.includes(group.epoch)) {
      await this.#fetchGrants(id);
      group = await this.#vault.group(id);
    }
    if (!group || group.refused) throw new NotNow("the log of members does not hold");
    if (group.missing.includes(group.epoch)) {
      await this.#request(id, group.epoch);
      throw new NotNow("the key in force is not here");
    }
  }

  async #catchUp(id: ConversationId): Promise<void> {
    const state = this.#user.conversation(id);
    if (!state) return;
    await this.#vault.learnHead(id, state.head, state.transcript);
    const told = state.control;
    const group = await this.#vault.group(id);
    if (group) this.#look(id, group);
    if ((!group || group.next < told) && (await this.#fetchControl(id))) this.#user.learned(id);
    const now = await this.#vault.group(id);
    if (now && now.missing.length > 0 && (await this.#fetchGrants(id))) this.#user.learned(id);
  }

  async #create(change: Change & { type: "create" }): Promise<ConversationId> {
    const id = newConversationId();
    await this.#fetchRecords(change.members.map(({ account }) => account));
    await this.change(id, change);
    return id;
  }

  /** Seals a change and posts it until it is in, or clearly refused. Only while alone. */
  async #commit(id: ConversationId, change: Change): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      if (change.type !== "create") await this.#supply(id, change);
      const { id: envelope, ...posted } = await this.#vault.change(id, change);
      try {
        await this.#post(id, posted);
        await this.#vault.confirmed(id, envelope);
        await this.#fetchControl(id);
        return;
      } catch (error) {
        if (!(error instanceof Refused) || attempt >= ATTEMPTS || change.type === "create") throw error;
        if (!(await this.#overtaken(id, error, change))) throw error;
      }
    }
  }

  /** An answer that got lost is asked for again with the same envelope: it is stored once. */
  async #post(id: ConversationId, posted: object): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await ask(this.#env, "POST", `/conversations/${id}/control`, posted);
        return;
      } catch (error) {
        if (!(error instanceof Offline) || attempt >= ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** attempt));
      }
    }
  }

  /** Somebody else's change, or an envelope of another tab, came first. */
  async #overtaken(id: ConversationId, { code }: Refused, change: Change): Promise<boolean> {
    if (code === "rotate_first") {
      await this.#commit(id, { type: "rotate" });
      return true;
    }
    if (code !== "conflict" && code !== "stale_epoch") return false;
    const before = (await this.#vault.group(id))?.epoch ?? 0;
    await this.#fetchControl(id);
    await this.#recount(id);
    // All that was wanted is new keys, and there they are.
    if (change.type === "rotate" && ((await this.#vault.group(id))?.epoch ?? 0) > before) return false;
    await new Promise((resolve) => setTimeout(resolve, this.#env.random() * PAUSE_MS));
    return true;
  }

  /** Everything that the grants of a change need: who is in, and their newest keys. */
  async #supply(id: ConversationId, change: Change): Promise<void> {
    const told = this.#user.conversation(id);
    const group = await this.#vault.group(id);
    if (!group || group.next < (told?.control ?? 0)) await this.#fetchControl(id);
    if ((group?.missing.length ?? 0) > 0) await this.#fetchGrants(id);
    const needsAll = change.type === "rotate" || change.type === "remove" || change.type === "readmit";
    if (needsAll && told) await this.#fetchRecords(told.members.map(({ account }) => account));
  }

  async #recount(id: ConversationId): Promise<void> {
    const chain = await ask<Chain>(this.#env, "GET", `/conversations/${id}/chain`);
    await this.#vault.setChain(id, chain);
  }

  #fetchFor(id: ConversationId, opened: readonly (Opened | null)[]): Promise<boolean> {
    return this.#fetchReasons(id, opened.filter((one) => one !== null && (one.reason !== null || one.control)) as Opened[]);
  }

  /** Fetches what could make refused entries good; tells whether anything new was learned. */
  async #fetchReasons(
    id: ConversationId,
    refused: readonly { sender: AccountId; reason: Reason | null; control: boolean }[],
  ): Promise<boolean> {
    const because = (...reasons: Reason[]) => refused.filter(({ reason }) => reason !== null && reasons.includes(reason));
    const work: Promise<boolean>[] = [];
    const senders = because("unknown_device", "bad_signature", "revoked_device").map(({ sender }) => sender);
    if (senders.length > 0) work.push(this.#fetchRecords(senders));
    if (because("not_member", "wrong_epoch", "no_key").length > 0 || refused.some(({ control }) => control)) {
      work.push(this.#fetchControl(id).then(async (control) => (await this.#lacks(id)) && (await this.#fetchGrants(id)) || control));
    }
    return (await Promise.all(work)).some(Boolean);
  }

  async #lacks(id: ConversationId): Promise<boolean> {
    return ((await this.#vault.group(id))?.missing.length ?? 0) > 0;
  }

  /** Asks the other members for keys that nobody has passed on. */
  async #askFor(id: ConversationId, opened: readonly (Opened | null)[]): Promise<void> {
    const epochs = new Set(opened.flatMap((one) => (one?.reason === "no_key" ? [one.epoch] : [])));
    for (const epoch of epochs) void this.#request(id, epoch);
  }

  async #request(id: ConversationId, epoch: number): Promise<void> {
    const key = `${id} ${epoch}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    await this.#user.request({ type: "request_grant", conversation: id, epoch }).catch(() => this.#asked.delete(key));
  }

  /** Fetches newer records of accounts, if there are any; tells whether there were. */
  async #fetchRecords(accounts: readonly AccountId[]): Promise<boolean> {
    const all = await Promise.all(Array.from(new Set(accounts), (account) => this.#fetchRecord(account)));
    return all.some(Boolean);
  }

  #fetchRecord(account: AccountId): Promise<boolean> {
    return this.#once(`record ${account}`, async () => {
      const known = await this.#vault.recordVersion(account);
      const told = this.#user.accounts().get(account)?.record;
      this.#records.set(account, known);
      if (told !== undefined && told <= known) return false;
      const { records } = await ask<Records>(this.#env, "GET", `/accounts/${account}/records?after=${known}`);
      if (records.length === 0) return false;
      await this.#vault.learnRecords(account, records);
      this.#records.set(account, await this.#vault.recordVersion(account));
      return true;
    });
  }

  #fetchControl(id: ConversationId): Promise<boolean> {
    return this.#once(`control ${id}`, async () => {
      let learned = false;
      for (;;) {
        const group = await this.#vault.group(id);
        const after = (group?.next ?? 0) - 1;
        const { events, more } = await ask<Control>(
          this.#env,
          "GET",
          `/conversations/${id}/control?after=${after}`,
        );
        if (events.length === 0) return learned;
        const next = await this.#learn(id, events);
        if (next.next <= (group?.next ?? 0)) return learned;
        learned = true;
        if (!more) {
          if (next.missing.length > 0) await this.#fetchGrants(id);
          return true;
        }
      }
    });
  }

  /** The signers of events may be as new as the events. */
  async #learn(id: ConversationId, events: readonly ControlEvent[]): Promise<Group> {
    const members = this.#user.conversation(id)?.members.map(({ account }) => account) ?? [];
    await this.#fetchRecords(members);
    const group = await this.#vault.learnControl(id, events);
    this.#look(id, group);
    return group;
  }

  #fetchGrants(id: ConversationId): Promise<boolean> {
    return this.#once(`grants ${id}`, async () => {
      const before = await this.#vault.group(id);
      if (!before) return false;
      const { grants } = await ask<OwnGrants>(this.#env, "GET", `/conversations/${id}/grants`);
      const after = await this.#vault.learnGrants(id, grants);
      this.#look(id, after);
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

  #look(id: ConversationId, { refused, missing, epoch, anew }: Group): void {
    this.#update(id, { refused, waiting: missing.includes(epoch), anew });
  }

  #update(id: ConversationId, change: Partial<KeyState>): void {
    const cell = this.#state(id);
    const before = cell.snapshot();
    const after = { ...before, ...change };
    if (JSON.stringify(before) !== JSON.stringify(after)) cell.set(after);
  }

  #state(id: ConversationId): Cell<KeyState> {
    let cell = this.#states.get(id);
    if (!cell) {
      cell = new Cell<KeyState>({ refused: false, split: false, waiting: false, anew: [] });
      this.#states.set(id, cell);
    }
    return cell;
  }
}

function call({ seq, time }: Entry, content: CallEntry): TimelineEntry {
  return { seq, time, content };
}

function member(account: AccountId): NewMember {
  return { account, role: "member" };
}

const ROUNDS = 3;
const ATTEMPTS = 5;
const PAUSE_MS = 400;
