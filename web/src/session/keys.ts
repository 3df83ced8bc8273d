// Between the server and the vault: has entries opened and messages and changes
// sealed, brings changes to the server until they are in or refused, and passes
// on what others miss. It sees no key. What the vault refuses is refused here, too.

import type { Readable } from "@/lib/readable";
import type { Chain, Direct, PostGrants } from "@/protocol/pending";
import type {
  Account,
  AccountId,
  Blob,
  Call,
  CreateInvite,
  ConversationId,
  DeviceId,
  Entry,
  EnvelopeId,
  Invite,
  Millis,
  Name,
  Placed,
} from "@/protocol/wire";

import { ask } from "./ask";
import type { CallEntry, TimelineEntry } from "./entry";
import type { Environment } from "./environment";
import { Offline, Refused } from "./error";
import { type LocalId, newConversationId } from "./id";
import { NotNow, type SealedMessage } from "./outbox";
import { type KeyState, type KeysUser, Supply } from "./supply";
import type {
  Content,
  Change,
  NewMember,
  Needs,
  Opened,
  OpenedPage,
  Vault,
  Waiting,
} from "./vault";

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
  readonly #supply: Supply;

  constructor(vault: Vault, env: Environment, user: KeysUser) {
    this.#vault = vault;
    this.#env = env;
    this.#user = user;
    this.#supply = new Supply(vault, env, user);
  }

  /** How it stands with the keys of a conversation. */
  state(id: ConversationId): Readable<KeyState> {
    return this.#supply.state(id);
  }

  /** A new connection: what was asked for on the one before may be asked for again. */
  welcomed(): void {
    this.#supply.connected();
    for (const { id } of this.#user.conversations()) this.changed(id);
  }

  /** The server tells of a conversation: its log may have grown. */
  changed(id: ConversationId): void {
    // What fails now is fetched when an entry or a message asks for it.
    this.#catchUp(id).catch(() => undefined);
  }

  gone(id: ConversationId): void {
    this.#supply.gone(id);
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
    for (const epoch of needs.epochs) void this.#supply.request(id, epoch);
    if (broken || page.entries.some((one) => one?.warnings.includes("transcript"))) this.#supply.update(id, { split: true });
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
        await this.#supply.control(id);
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
    await this.#supply.records(accounts);
    await this.change(id, { type: "add", members: accounts.map(member) });
  }

  /** Lets somebody in again whose account began anew. */
  async readmit(id: ConversationId, account: AccountId): Promise<void> {
    await this.#supply.records([account]);
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
        await this.#prepare(id, { type: "rotate" });
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
    if (record <= this.#supply.version(id) || !(await this.#supply.records([id]))) return;
    for (const conversation of this.#user.conversations()) {
      if (conversation.members.some(({ account }) => account === id)) this.#user.learned(conversation.id);
    }
  }

  /** New grants wait at the server. */
  async grantsCame(id: ConversationId): Promise<void> {
    if (await this.#supply.grants(id)) this.#user.learned(id);
  }

  /** A member misses the key of an epoch: passes it on, if it is here. */
  async grantWanted(id: ConversationId, epoch: number, account: AccountId): Promise<void> {
    await this.#supply.records([account]);
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
      if (round >= ROUNDS || !(await this.#supply.forNeeds(conversation, needs))) return { content: null };
    }
  }

  async #openPage(id: ConversationId, entries: readonly Entry[], before: Blob | null): Promise<OpenedPage> {
    let page = await this.#vault.open(id, entries, before);
    for (let round = 0; round < ROUNDS && asks(page.needs); round++) {
      if (!(await this.#supply.forNeeds(id, page.needs))) break;
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
      await this.#supply.control(id);
      group = await this.#vault.group(id);
    }
    if (group && group.missing.includes(group.epoch)) {
      await this.#supply.grants(id);
      group = await this.#vault.group(id);
    }
    if (!group || group.refused) throw new NotNow("the log of members does not hold");
    if (group.missing.includes(group.epoch)) {
      await this.#supply.request(id, group.epoch);
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
    if (group) this.#supply.look(id, group);
    if ((!group || group.next < told) && (await this.#supply.control(id))) this.#user.learned(id);
    const now = await this.#vault.group(id);
    if (now && now.missing.length > 0 && (await this.#supply.grants(id))) this.#user.learned(id);
  }

  /** New keys, unless another member was faster. Only while alone. */
  async #renew(id: ConversationId): Promise<void> {
    const before = (await this.#vault.group(id))?.epoch;
    await this.#supply.control(id);
    if ((await this.#vault.group(id))?.epoch === before) await this.#commit(id, { type: "rotate" });
  }

  async #create(change: Change & { type: "create" }): Promise<ConversationId> {
    const id = newConversationId();
    await this.#supply.records(change.members.map(({ account }) => account));
    await this.change(id, change);
    return id;
  }

  /** Seals a change and posts it until it is in, or clearly refused. Only while alone. */
  async #commit(id: ConversationId, change: Change): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      if (change.type !== "create") await this.#prepare(id, change);
      await this.#settleAll(id);
      const made = await this.#vault.change(id, change);
      try {
        await this.#settle(id, made);
        await this.#supply.control(id);
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
    await this.#supply.control(id);
    await this.#recount(id);
    // All that was wanted is new keys, and there they are.
    if (change?.type === "rotate" && ((await this.#vault.group(id))?.epoch ?? 0) > before) return false;
    await new Promise((resolve) => setTimeout(resolve, this.#env.random() * PAUSE_MS));
    return true;
  }

  /** Everything that the grants of a change need: who is in, and their newest keys. */
  async #prepare(id: ConversationId, change: Change): Promise<void> {
    const told = this.#user.conversation(id);
    const group = await this.#vault.group(id);
    if (!group || group.next < (told?.control ?? 0)) await this.#supply.control(id);
    if ((group?.missing.length ?? 0) > 0) await this.#supply.grants(id);
    const needsAll = change.type === "rotate" || change.type === "remove" || change.type === "readmit";
    if (needsAll && told) await this.#supply.records(told.members.map(({ account }) => account));
  }

  async #recount(id: ConversationId): ReturnType<Vault["recount"]> {
    const chain = await ask<Chain>(this.#env, "GET", `/conversations/${id}/chain`);
    return this.#vault.recount(id, chain);
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
