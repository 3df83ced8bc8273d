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
  CreateInvite,
  Conversation,
  ConversationId,
  DeviceId,
  Entry,
  EnvelopeId,
  Invite,
  Millis,
  Name,
  Placed,
  Reply,
} from "@/protocol/wire";

import { ask } from "./ask";
import type { CallEntry, TimelineEntry } from "./entry";
import type { Environment } from "./environment";
import { Offline, Refused } from "./error";
import { type LocalId, newConversationId } from "./id";
import { NotNow, type SealedMessage } from "./outbox";
import type {
  Content,
  Change,
  Group,
  NewMember,
  Needs,
  Opened,
  OpenedPage,
  Vault,
  Waiting,
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

/** How long an invite is good, and for how many. */
export type InviteTerms = Pick<CreateInvite, "valid_for" | "uses">;

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
    for (const { id } of this.#user.conversations()) this.changed(id);
  }

  /** The server tells of a conversation: its log may have grown. */
  changed(id: ConversationId): void {
    // What fails now is fetched when an entry or a message asks for it.
    this.#catchUp(id).catch(() => undefined);
  }

  gone(id: ConversationId): void {
    this.#states.delete(id);
    this.#vault.forget(id).catch(() => undefined);
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
    const page = await this.#openPage(id, entries, before).catch(() => null);
    // The vault itself has failed: everything keeps its place until it is tried again.
    if (!page) return entries.map((entry) => this.closed(entry));
    const { needs, broken } = page;
    for (const epoch of needs.epochs) void this.#request(id, epoch);
    if (broken || page.entries.some((one) => one?.warnings.includes("transcript"))) this.#update(id, { split: true });
    return entries.map((entry, i) => this.#entry(entry, page.entries[i] ?? null));
  }

  /** Seals a content as the next envelope of this device. Only while alone. */
  async seal(id: ConversationId, content: Content, local: LocalId): Promise<SealedMessage> {
    await this.#ready(id);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { tag, ...sealed } = await this.#vault.seal(id, content, local);
      if (tag === local) return { id: sealed.id, envelope: sealed.envelope };
      await this.#settle(id, { tag, ...sealed });
    }
    throw new NotNow("an earlier envelope is not confirmed");
  }

  /** Nothing else of this device is sealed for the conversation meanwhile, in no tab. */
  alone<T>(id: ConversationId, work: () => Promise<T>): Promise<T> {
    return this.#env.lock(`callbox-chain-${this.#user.account}-${id}`, work);
  }

  /** Does what the server's no to a message asks for, and seals it anew. Only while alone. */
  async mend(
    id: ConversationId,
    message: SealedMessage & { content: Content; local: LocalId },
    { code }: Refused,
  ): Promise<SealedMessage | null> {
    switch (code) {
      case "stale_epoch":
        await this.#fetchControl(id);
        break;
      case "rotate_first":
        await this.#vault.abandon(id, message.id);
        await this.#renew(id);
        return this.seal(id, message.content, message.local);
      case "conflict": {
        const counted = await this.#recount(id);
        if (counted === "cloned") return null;
        // It was taken, and the answer was lost: asked again, the server says so.
        if (counted === "stored") return message;
        break;
      }
      default:
        return null;
    }
    await this.#ready(id);
    return this.#vault.reseal(id, message.id).catch(() => this.seal(id, message.content, message.local));
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

  /** An invite: a link of Everyone, whose secret is known here alone. */
  invite(id: ConversationId, terms: InviteTerms, now: Millis): Promise<{ invite: Invite; secret: Blob }> {
    return this.alone(id, async () => {
      for (let attempt = 0; ; attempt++) {
        await this.#supply(id, { type: "rotate" });
        await this.#settleAll(id);
        const { secret, ...link } = await this.#vault.invite(id, now + terms.valid_for);
        try {
          const body: CreateInvite = { ...link, ...terms };
          const invite = await ask<Invite>(this.#env, "POST", "/invites", body);
          await this.#settleAll(id);
          return { invite, secret };
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          const waiting = await this.#vault.waiting(id);
          if (waiting) await this.#vault.abandon(id, waiting.id);
          if (attempt >= ATTEMPTS || !(await this.#overtaken(id, error, null))) throw error;
        }
      }
    });
  }

  /** Renews the keys of all conversations that ask for it. */
  async renewAll(progress: (done: number, all: number) => void): Promise<void> {
    // The server tells of them one by one, after it has taken the new keys of the account.
    await new Promise((resolve) => setTimeout(resolve, TOLD_MS));
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
    const { id, conversation } = call;
    for (let round = 0; ; round++) {
      const opened = await this.#vault.openSignal({ call: id, conversation, from, envelope });
      if ("content" in opened) return opened;
      const { reason, needs } = opened;
      if (reason === "replay" || reason === "not_for_us") return null;
      if (round >= ROUNDS || !(await this.#fetchFor(conversation, needs))) return { content: null };
    }
  }

  async #openPage(id: ConversationId, entries: readonly Entry[], before: Blob | null): Promise<OpenedPage> {
    let page = await this.#vault.open(id, entries, before);
    for (let round = 0; round < ROUNDS && asks(page.needs); round++) {
      if (!(await this.#fetchFor(id, page.needs))) break;
      page = await this.#vault.open(id, entries, before);
    }
    return page;
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
        key: this.#user.written(id) ?? (id || `entry-${seq}`),
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
    // A change whose answer never came, such as the one that came with the account. Messages are the outbox's.
    if ((await this.#vault.waiting(id))?.grants) await this.alone(id, () => this.#settleAll(id)).catch(() => undefined);
    const told = state.control;
    const group = await this.#vault.group(id);
    if (group) this.#look(id, group);
    if ((!group || group.next < told) && (await this.#fetchControl(id))) this.#user.learned(id);
    const now = await this.#vault.group(id);
    if (now && now.missing.length > 0 && (await this.#fetchGrants(id))) this.#user.learned(id);
  }

  /** New keys, unless another member was faster. Only while alone. */
  async #renew(id: ConversationId): Promise<void> {
    const before = (await this.#vault.group(id))?.epoch;
    await this.#fetchControl(id);
    if ((await this.#vault.group(id))?.epoch === before) await this.#commit(id, { type: "rotate" });
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
      await this.#settleAll(id);
      const made = await this.#vault.change(id, change);
      try {
        await this.#settle(id, made);
        await this.#fetchControl(id);
        return;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        await this.#vault.abandon(id, made.id);
        if (attempt >= ATTEMPTS || change.type === "create") throw error;
        if (!(await this.#overtaken(id, error, change))) throw error;
      }
    }
  }

  /** Brings an envelope of this device to the server and hears that it is stored. */
  async #settle(id: ConversationId, { id: name, envelope, grants }: Waiting): Promise<void> {
    const at = grants ? await this.#post(id, { envelope, grants: [...grants] }) : await this.#send(envelope);
    if (at) await this.#vault.confirmed(id, name, at);
  }

  /** What an earlier page has left unconfirmed goes first. */
  async #settleAll(id: ConversationId): Promise<void> {
    const waiting = await this.#vault.waiting(id);
    if (!waiting) return;
    try {
      await this.#settle(id, waiting);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // A message is sealed anew when its turn comes.
      await this.#vault.abandon(id, waiting.id);
    }
  }

  async #send(envelope: Blob): Promise<Placed | null> {
    const reply = await this.#user.request({ type: "send", envelope });
    return reply.type === "sent" ? reply : null;
  }

  /** An answer that got lost is asked for again with the same envelope: it is stored once. */
  async #post(id: ConversationId, posted: PostControl): Promise<Placed> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await ask<Placed>(this.#env, "POST", `/conversations/${id}/control`, posted);
      } catch (error) {
        if (!(error instanceof Offline) || attempt >= ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** attempt));
      }
    }
  }

  /** Somebody else's change, or an envelope of another tab, came first. */
  async #overtaken(id: ConversationId, { code }: Refused, change: Change | null): Promise<boolean> {
    if (code === "rotate_first") {
      await this.#renew(id);
      return true;
    }
    if (code !== "conflict" && code !== "stale_epoch") return false;
    const before = (await this.#vault.group(id))?.epoch ?? 0;
    await this.#fetchControl(id);
    await this.#recount(id);
    // All that was wanted is new keys, and there they are.
    if (change?.type === "rotate" && ((await this.#vault.group(id))?.epoch ?? 0) > before) return false;
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

  async #recount(id: ConversationId): ReturnType<Vault["recount"]> {
    const chain = await ask<Chain>(this.#env, "GET", `/conversations/${id}/chain`);
    return this.#vault.recount(id, chain);
  }

  /** Fetches what the vault needs; tells whether anything new was learned. */
  async #fetchFor(id: ConversationId, needs: Needs): Promise<boolean> {
    const work: Promise<boolean>[] = [];
    if (needs.records.length > 0) work.push(this.#fetchRecords(needs.records));
    if (needs.control) work.push(this.#fetchControl(id));
    if (needs.epochs.length > 0) work.push(this.#fetchGrants(id));
    return (await Promise.all(work)).some(Boolean);
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
    let group = await this.#vault.learnControl(id, events);
    // Who is no member any more may have signed, too.
    if (group.waits.length > 0 && (await this.#fetchRecords(group.waits))) group = await this.#vault.learnControl(id, events);
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

function asks({ control, records, epochs }: Needs): boolean {
  return control || records.length > 0 || epochs.length > 0;
}

const ROUNDS = 3;
const ATTEMPTS = 5;
const PAUSE_MS = 400;
const TOLD_MS = 1_500;
