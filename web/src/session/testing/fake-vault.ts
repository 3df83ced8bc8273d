// A vault without keys, for tests: an envelope is JSON that says who wrote what,
// and what is not known yet is refused as the real one would.

import { fromBase64Url, toBase64Url } from "@/lib/base64";
import type {
  AccountId,
  Blob,
  Chain,
  ControlEvent,
  ConversationId,
  DeviceId,
  Entry,
  EnvelopeId,
  Grant,
  GranteeId,
  Knock,
  LinkId,
  Millis,
  OpenedLink,
  OwnGrant,
  SealedSettings,
  SignedRecord,
} from "@/protocol/wire";

import type {
  Change,
  Contact,
  Content,
  Group,
  LinkTerms,
  NewLink,
  Opened,
  OpenedPage,
  Reason,
  Told,
  Vault,
  Waiting,
} from "../vault";

/** What is in a fake envelope. */
export interface Said {
  readonly conversation: ConversationId;
  readonly sender: AccountId;
  readonly device: DeviceId;
  readonly n: number;
  readonly epoch: number;
  readonly salt: string;
  readonly text?: string;
  readonly change?: Told;
}

/** Writes a fake envelope. */
export function envelopeOf(said: Omit<Said, "salt">): { id: EnvelopeId; envelope: Blob } {
  const salt = toBase64Url(crypto.getRandomValues(new Uint8Array(9)));
  const text = JSON.stringify({ ...said, salt } satisfies Said);
  return { id: salt as EnvelopeId, envelope: toBase64Url(new TextEncoder().encode(text)) as Blob };
}

/** Reads a fake envelope. */
export function saidIn(envelope: Blob): Said {
  return JSON.parse(new TextDecoder().decode(fromBase64Url(envelope) ?? new Uint8Array())) as Said;
}

const YOUNG = { since: Number.MAX_SAFE_INTEGER, from: 0 };

/** A vault of one device of one account. */
export class FakeVault implements Vault {
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly chain = new Map<ConversationId, number>();
  readonly groups = new Map<ConversationId, { next: number; epoch: number; keys: Set<number>; refused: boolean }>();
  readonly records = new Map<AccountId, number>();
  /** Devices whose record is not known before it was fetched. */
  readonly strangers = new Set<AccountId>();
  readonly verified = new Set<AccountId>();
  readonly blocked = new Set<AccountId>();
  settingsVersion = 0;
  /** How many envelopes were sealed. */
  sealed = 0;
  erased = false;
  /** The beginning of every epoch in force; young unless a test says otherwise. */
  begun = YOUNG;
  /** The links of every conversation. */
  links: { id: LinkId; expires: Millis | null }[] = [];
  /** Opens nothing at all. */
  broken = false;
  readonly #held = new Map<ConversationId, Waiting>();

  constructor(account: AccountId, device: DeviceId) {
    this.account = account;
    this.device = device;
  }

  async recordVersion(account: AccountId): Promise<number> {
    return this.records.get(account) ?? 0;
  }
  async learnRecords(account: AccountId, records: readonly SignedRecord[]): Promise<void> {
    this.records.set(account, (this.records.get(account) ?? 0) + records.length);
    this.strangers.delete(account);
  }
  async group(conversation: ConversationId): Promise<Group | null> {
    const group = this.groups.get(conversation);
    if (!group) return null;
    const { next, epoch, keys, refused } = group;
    const missing = Array.from({ length: epoch }, (_, i) => i + 1).filter((e) => !keys.has(e));
    return { next, epoch, ...this.begun, missing, refused, anew: [], waits: [], links: this.links };
  }
  async learnControl(conversation: ConversationId, events: readonly ControlEvent[]): Promise<Group> {
    const group = this.groups.get(conversation) ?? { next: 0, epoch: 0, keys: new Set<number>(), refused: false };
    this.groups.set(conversation, group);
    for (const { envelope } of events) {
      group.next += 1;
      group.epoch = saidIn(envelope).epoch;
    }
    return this.#known(conversation);
  }
  async learnGrants(conversation: ConversationId, grants: readonly OwnGrant[]): Promise<Group> {
    for (const { epoch } of grants) this.groups.get(conversation)?.keys.add(epoch);
    return this.#known(conversation);
  }
  async learnHead(): Promise<void> {}
  async open(conversation: ConversationId, entries: readonly Entry[]): Promise<OpenedPage> {
    if (this.broken) throw new Error("the vault has failed");
    const needs = { control: false, records: [] as AccountId[], epochs: [] as number[] };
    const opened = entries.map(({ content }) =>
      content.type === "envelope" ? this.#open(conversation, content.envelope, needs) : null,
    );
    return { entries: opened, needs, broken: false };
  }
  async seal(conversation: ConversationId, content: Content, tag: string): Promise<Waiting> {
    return this.#held.get(conversation) ?? this.#hold(conversation, { text: content.text }, tag);
  }
  async reseal(conversation: ConversationId, id: EnvelopeId): Promise<Waiting> {
    const held = this.#held.get(conversation);
    if (held?.id !== id) throw new Error("nothing of that name waits");
    const { text } = saidIn(held.envelope);
    return this.#hold(conversation, text === undefined ? {} : { text }, held.tag);
  }
  async change(conversation: ConversationId, change: Change): Promise<Waiting> {
    if (this.#held.has(conversation)) throw new Error("another envelope waits");
    const group = this.groups.get(conversation);
    const renews = ["create", "remove", "rotate", "readmit", "link_revoke"].includes(change.type);
    if (renews) this.begun = YOUNG;
    if (change.type === "link_revoke") this.links = this.links.filter(({ id }) => id !== change.link);
    const epoch = (group?.epoch ?? 0) + (renews ? 1 : 0);
    return this.#hold(conversation, { change, epoch }, null);
  }
  async link(conversation: ConversationId, { expires }: LinkTerms): Promise<NewLink> {
    const id = `link-${this.sealed}` as LinkId;
    const { envelope } = this.#hold(conversation, { change: { type: "link_add", link: id } }, null);
    this.links.push({ id, expires });
    return { id, link: { auth_hash: "" as Blob }, control: { envelope, grants: [] }, secret: "secret" as Blob };
  }
  async joinByLink(_link: LinkId, _secret: Blob, { conversation }: OpenedLink): Promise<Waiting> {
    return this.#hold(conversation, { change: { type: "join", by: null }, epoch: 1 }, null);
  }
  async signKnock(): Promise<Blob> {
    return "good" as Blob;
  }
  /** The signature of a good knock says so. */
  async verifyKnock(_: ConversationId, { account, signature, link }: Knock): Promise<"good" | "forged" | "unknown_person" | "no_link"> {
    if (!this.records.has(account)) return "unknown_person";
    if (!this.links.some(({ id }) => id === link)) return "no_link";
    return signature === "good" ? "good" : "forged";
  }
  async waiting(conversation: ConversationId): Promise<Waiting | null> {
    return this.#held.get(conversation) ?? null;
  }
  async confirmed(conversation: ConversationId, id: EnvelopeId): Promise<void> {
    if (this.#held.get(conversation)?.id !== id) return;
    this.#held.delete(conversation);
    this.chain.set(conversation, (this.chain.get(conversation) ?? 0) + 1);
  }
  async abandon(conversation: ConversationId, id: EnvelopeId): Promise<void> {
    if (this.#held.get(conversation)?.id === id) this.#held.delete(conversation);
  }
  async recount(conversation: ConversationId, { n }: Chain): Promise<"unchanged" | "rewound"> {
    const before = this.chain.get(conversation) ?? 0;
    this.chain.set(conversation, n);
    return before === n ? "unchanged" : "rewound";
  }
  async grant(conversation: ConversationId, epoch: number, account: AccountId): Promise<Grant[]> {
    const here = this.groups.get(conversation)?.keys.has(epoch) ?? false;
    return here ? [{ to: account as string as GranteeId, epoch, g: 1, enc: "" as Blob, ct: "" as Blob }] : [];
  }
  async sealSignal(): Promise<Blob> {
    return "" as Blob;
  }
  async openSignal(): Promise<never> {
    throw new Error("no signals here");
  }
  async contacts(): Promise<readonly Contact[]> {
    return Array.from(this.records.keys(), (account) => ({
      account,
      verified: this.verified.has(account),
      changed: false,
      blocked: this.blocked.has(account),
      devices: [],
    }));
  }
  async safetyNumber(): Promise<never> {
    throw new Error("no numbers here");
  }
  async scan(): Promise<{ match: boolean; sealed: null }> {
    return { match: false, sealed: null };
  }
  async setVerified(account: AccountId, verified: boolean): Promise<SealedSettings> {
    if (verified) this.verified.add(account);
    else this.verified.delete(account);
    return this.#settings();
  }
  async acceptKeys(account: AccountId): Promise<SealedSettings> {
    this.blocked.delete(account);
    return this.setVerified(account, false);
  }
  /** Of two versions both count; the next one holds both. */
  async learnSettings(settings: SealedSettings | null): Promise<SealedSettings | null> {
    const theirs = settings ? (JSON.parse(settings.ct) as AccountId[]) : [];
    this.settingsVersion = settings?.version ?? 0;
    const newer = [...this.verified].some((account) => !theirs.includes(account));
    for (const account of theirs) this.verified.add(account);
    return newer ? this.#settings() : null;
  }
  #settings(): SealedSettings {
    return { version: this.settingsVersion + 1, nonce: "" as Blob, ct: JSON.stringify([...this.verified]) as Blob };
  }
  async startSas(): Promise<never> {
    throw new Error("no calls here");
  }
  async commitSas(): Promise<never> {
    throw new Error("no calls here");
  }
  async revealSas(): Promise<never> {
    throw new Error("no calls here");
  }
  async forget(conversation: ConversationId): Promise<void> {
    this.groups.delete(conversation);
  }
  async erase(): Promise<void> {
    this.erased = true;
  }
  async #known(conversation: ConversationId): Promise<Group> {
    const group = await this.group(conversation);
    if (!group) throw new Error("nothing is known of it");
    return group;
  }

  #hold(conversation: ConversationId, said: Partial<Said>, tag: string | null): Waiting {
    this.sealed += 1;
    const n = this.chain.get(conversation) ?? 0;
    const epoch = this.groups.get(conversation)?.epoch ?? 0;
    const { account: sender, device } = this;
    const made = envelopeOf({ conversation, sender, device, n, epoch, ...said });
    const held: Waiting = { ...made, tag, grants: said.change ? [] : null };
    this.#held.set(conversation, held);
    return held;
  }

  #open(
    conversation: ConversationId,
    envelope: Blob,
    needs: { control: boolean; records: AccountId[]; epochs: number[] },
  ): Opened {
    const said = saidIn(envelope);
    const { sender, device, epoch, change } = said;
    const group = this.groups.get(conversation);
    const reason = this.#reason(conversation, said);
    if (!group || group.epoch < epoch) needs.control = true;
    if (reason === "unknown_device") needs.records.push(sender);
    if (reason === "no_key") needs.epochs.push(epoch);
    const content = !reason && said.text !== undefined ? ({ kind: "text", text: said.text } as const) : null;
    const id = said.salt as EnvelopeId;
    return { id, sender, device, content, change: change ?? null, reason: change ? null : reason, warnings: [] };
  }

  #reason(conversation: ConversationId, { sender, epoch, text }: Said): Reason | null {
    const group = this.groups.get(conversation);
    if (!group || group.epoch < epoch) return "not_member";
    if (this.strangers.has(sender)) return "unknown_device";
    if (!group.keys.has(epoch)) return "no_key";
    return text === undefined ? "bad_content" : null;
  }
}
