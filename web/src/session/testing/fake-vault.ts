// A vault without keys, for tests: an envelope is JSON that says who wrote what,
// and what is not known yet is refused as the real one would.

import { fromBase64Url, toBase64Url } from "@/lib/base64";
import type {
  AccountId,
  Blob,
  ControlEvent,
  ConversationId,
  DeviceId,
  Entry,
  EnvelopeId,
  Grant,
  GranteeId,
  OwnGrant,
  SignedRecord,
} from "@/protocol/wire";

import type {
  Change,
  Content,
  Group,
  Opened,
  Reason,
  SealedChange,
  Told,
  Vault,
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

/** A vault of one device of one account. */
export class FakeVault implements Vault {
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly chain = new Map<ConversationId, number>();
  readonly groups = new Map<ConversationId, { next: number; epoch: number; keys: Set<number>; refused: boolean }>();
  readonly records = new Map<AccountId, number>();
  /** Devices whose record is not known before it was fetched. */
  readonly strangers = new Set<AccountId>();
  /** How many envelopes were sealed. */
  sealed = 0;
  erased = false;

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
    return { next, epoch, missing, refused, anew: [] };
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
  async open(conversation: ConversationId, entries: readonly Entry[]): Promise<(Opened | null)[]> {
    return entries.map(({ content }) => (content.type === "envelope" ? this.#open(conversation, content.envelope) : null));
  }
  async seal(conversation: ConversationId, content: Content): Promise<{ id: EnvelopeId; envelope: Blob }> {
    return this.#seal(conversation, { text: content.text });
  }
  async change(conversation: ConversationId, change: Change): Promise<SealedChange> {
    const group = this.groups.get(conversation);
    const renews = ["create", "remove", "rotate", "readmit"].includes(change.type);
    const epoch = (group?.epoch ?? 0) + (renews ? 1 : 0);
    return { ...this.#seal(conversation, { change }, epoch), grants: [] };
  }
  async confirmed(conversation: ConversationId): Promise<void> {
    this.chain.set(conversation, (this.chain.get(conversation) ?? 0) + 1);
  }
  async setChain(conversation: ConversationId, { n }: { n: number }): Promise<void> {
    this.chain.set(conversation, n);
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
  async forget(conversation: ConversationId): Promise<void> {
    this.groups.delete(conversation);
  }
  async protect(text: string): Promise<Uint8Array<ArrayBuffer>> {
    return new TextEncoder().encode(text);
  }
  async unprotect(sealed: Uint8Array<ArrayBuffer>): Promise<string | null> {
    return new TextDecoder().decode(sealed);
  }
  async erase(): Promise<void> {
    this.erased = true;
  }
  close(): void {}

  async #known(conversation: ConversationId): Promise<Group> {
    const group = await this.group(conversation);
    if (!group) throw new Error("nothing is known of it");
    return group;
  }

  #seal(conversation: ConversationId, said: Partial<Said>, epoch = this.groups.get(conversation)?.epoch ?? 0) {
    this.sealed += 1;
    const n = this.chain.get(conversation) ?? 0;
    const { account: sender, device } = this;
    return envelopeOf({ conversation, sender, device, n, epoch, ...said });
  }

  #open(conversation: ConversationId, envelope: Blob): Opened {
    const said = saidIn(envelope);
    const { sender, device, epoch, change } = said;
    const reason = this.#reason(conversation, said);
    const content = !reason && said.text !== undefined ? ({ kind: "text", text: said.text } as const) : null;
    const id = said.salt as EnvelopeId;
    return { id, sender, device, epoch, control: change !== undefined, content, change: change ?? null, reason: change ? null : reason, warnings: [] };
  }

  #reason(conversation: ConversationId, { sender, epoch, text }: Said): Reason | null {
    const group = this.groups.get(conversation);
    if (!group || group.epoch < epoch) return "not_member";
    if (this.strangers.has(sender)) return "unknown_device";
    if (!group.keys.has(epoch)) return "no_key";
    return text === undefined ? "bad_content" : null;
  }
}
