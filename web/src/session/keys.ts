// Between the server and the vault: has entries and signals opened and sealed,
// and passes on what others miss. It sees no key. What the vault refuses is
// refused here, too.

import type { Readable } from "@/lib/readable";
import type {
  Account,
  AccountId,
  Blob,
  Call,
  Conversation,
  ConversationId,
  DeviceId,
  Entry,
  EnvelopeId,
  Event,
  PostGrants,
  Welcome,
} from "@/protocol/wire";

import { ask } from "./ask";
import { Chain } from "./chain";
import { Changes } from "./changes";
import { Contacts } from "./contacts";
import type { CallEntry, TimelineEntry } from "./entry";
import type { Environment } from "./environment";
import type { Refused } from "./error";
import type { LocalId } from "./id";
import { Links } from "./links";
import { Lobby } from "./lobby";
import type { SealedMessage } from "./outbox";
import { type KeyState, type KeysUser, Supply } from "./supply";
import type { Content, Needs, Opened, OpenedPage, Vault } from "./vault";

/** A signal as it came out of its envelope; null when it is not what its device has said. */
export interface OpenedSignal {
  readonly content: Readonly<Record<string, unknown>> | null;
}

/** The keys of one signed-in stay. */
export class Keys {
  readonly #vault: Vault;
  readonly #env: Environment;
  readonly #user: KeysUser;
  readonly #supply: Supply;
  readonly #chain: Chain;
  /** What this account changes about conversations. */
  readonly changes: Changes;
  /** Whose keys were compared. */
  readonly contacts: Contacts;
  /** By which people come in, and by which one comes in oneself. */
  readonly links: Links;
  /** Who waits to be let in. */
  readonly lobby: Lobby;

  /** The comparison of a call's keys; only the vault sees what it is made of. */
  readonly sas: {
    readonly start: Vault["startSas"];
    readonly commit: Vault["commitSas"];
    readonly reveal: Vault["revealSas"];
  };

  constructor(vault: Vault, env: Environment, user: KeysUser) {
    this.#vault = vault;
    this.#env = env;
    this.#user = user;
    this.sas = {
      start: (legs) => vault.startSas(legs),
      commit: (call, commitment) => vault.commitSas(call, commitment),
      reveal: (call, nonce) => vault.revealSas(call, nonce),
    };
    this.contacts = new Contacts(vault, env);
    this.#supply = new Supply(vault, env, user, () => void this.contacts.look().catch(() => undefined));
    this.#chain = new Chain(vault, env, user, this.#supply);
    this.changes = new Changes(vault, env, user, this.#supply, this.#chain);
    this.links = new Links(vault, env, user, this.changes, this.#chain);
    this.lobby = new Lobby(vault, env, user, this.#supply, this.changes);
  }

  /** How it stands with the keys of a conversation. */
  state(id: ConversationId): Readable<KeyState> {
    return this.#supply.state(id);
  }

  /** A new connection: what was asked for on the one before may be asked for again. */
  welcomed({ conversations, waiting }: Welcome): void {
    this.#supply.connected();
    // What was decided on other devices meanwhile; a failure waits for the next connection.
    this.contacts.sync().catch(() => undefined);
    this.lobby.welcome(conversations, waiting);
    for (const { id } of conversations) this.#changed(id);
  }

  /** The server tells of a conversation: its log may have grown. */
  put(conversation: Conversation): void {
    this.lobby.put(conversation);
    this.#changed(conversation.id);
  }

  /** What the server tells of keys and of who waits for them. */
  event(event: Event & { type: "grants" | "grant_request" | "knocks" | "turned_away" }): void {
    switch (event.type) {
      case "grants":
        this.#grantsCame(event.conversation).catch(() => undefined);
        return;
      case "grant_request":
        this.#grantWanted(event.conversation, event.epoch, event.account).catch(() => undefined);
        return;
      case "knocks":
      case "turned_away":
        this.lobby.event(event);
        return;
    }
  }

  #changed(id: ConversationId): void {
    // What fails now is fetched when an entry or a message asks for it.
    this.#catchUp(id)
      .then(() => this.changes.renewIfDue(id))
      .catch(() => undefined);
  }

  gone(id: ConversationId): void {
    this.#supply.gone(id);
    this.lobby.gone(id);
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
    await this.changes.renewIfOld(id);
    return this.#chain.seal(id, content, local);
  }

  /** Nothing else of this device is sealed for the conversation meanwhile, in no tab. */
  alone<T>(id: ConversationId, work: () => Promise<T>): Promise<T> {
    return this.#chain.alone(id, work);
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
        await this.changes.renew(id);
        return this.#chain.seal(id, message.content, message.local);
      case "conflict": {
        const counted = await this.#chain.recount(id);
        if (counted === "cloned") {
          this.#user.copied();
          return null;
        }
        // It was taken, and the answer was lost: asked again, the server says so.
        if (counted === "stored") return message;
        break;
      }
      default:
        return null;
    }
    await this.#chain.ready(id);
    return this.#vault.reseal(id, message.id).catch(() => this.#chain.seal(id, message.content, message.local));
  }

  /** Fetches the newest keys of somebody, for whoever looks at them. */
  async know(account: AccountId): Promise<void> {
    await this.#supply.records([account]);
    await this.contacts.sync();
  }

  /** An account has changed: perhaps its devices. */
  async accountChanged({ id, record }: Account): Promise<void> {
    if (record <= this.#supply.version(id) || !(await this.#supply.records([id]))) return;
    for (const conversation of this.#user.conversations()) {
      if (conversation.members.some(({ account }) => account === id)) this.#user.learned(conversation.id);
    }
  }

  /** New grants wait at the server. */
  async #grantsCame(id: ConversationId): Promise<void> {
    if (await this.#supply.grants(id)) this.#user.learned(id);
  }

  /** A member misses the key of an epoch: passes it on, if it is here. */
  async #grantWanted(id: ConversationId, epoch: number, account: AccountId): Promise<void> {
    await this.#supply.records([account]);
    const grants = await this.#vault.grant(id, epoch, account).catch(() => []);
    // Another member may be faster, and nothing is lost when nobody is: it is asked again.
    if (grants.length > 0) {
      await ask(this.#env, "POST", `/conversations/${id}/grants`, { grants } satisfies PostGrants).catch(() => undefined);
    }
  }

  async sealSignal(signal: Parameters<Vault["sealSignal"]>[0]): Promise<Blob> {
    await this.#chain.ready(signal.conversation);
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
      const learned = await this.#supply.forNeeds(id, page.needs);
      // Also when nothing came of it: another fetch may have brought it since these were opened.
      page = await this.#vault.open(id, entries, before);
      if (!learned) break;
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

  async #catchUp(id: ConversationId): Promise<void> {
    const state = this.#user.conversation(id);
    if (!state) return;
    // A change whose answer never came, such as the one that came with the account. Messages are the outbox's.
    if ((await this.#vault.waiting(id))?.grants) await this.alone(id, () => this.#chain.settleAll(id)).catch(() => undefined);
    const told = state.control;
    const group = await this.#vault.group(id);
    if (group) this.#supply.look(id, group);
    if ((!group || group.next < told) && (await this.#supply.control(id))) this.#user.learned(id);
    const now = await this.#vault.group(id);
    if (now && now.missing.length > 0 && (await this.#supply.grants(id))) this.#user.learned(id);
  }

}

function call({ seq, time }: Entry, content: CallEntry): TimelineEntry {
  return { seq, time, content };
}

function asks({ control, records, epochs }: Needs): boolean {
  return control || records.length > 0 || epochs.length > 0;
}

const ROUNDS = 3;
