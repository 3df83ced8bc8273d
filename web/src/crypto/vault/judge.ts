// Judges entries one by one, in the order of security.md 2.4: shape,
// conversation, device, membership, epoch, signature, chain, seal, and the
// history that the sender was shown. Each failure has its own reason, and says
// what would help.

import type { AccountId, ConversationId, DeviceId, Entry } from "@/protocol/wire";

import type { Content, Needs, Opened, OpenedBody, Reason, Sender, Warning } from "./api";
import { type Bytes, bytes, equal, text } from "../bytes";
import { parseControl } from "../control";
import { type Envelope, openEnvelope, verifyEnvelope } from "../envelope";
import { asObject, parseJson } from "../json";
import { type Followed, changeOf, deviceKey, epochAt, isOf, stayAt } from "./control-log";
import { addLink, cover, isGapBefore } from "./runs";
import type { ChainRow, ContactRow, ConversationRow, Run } from "./rows";
import type { Transcripts } from "./transcripts";

/** An entry with its envelope and its id in the transcript, when it has them. */
export interface ReadEntry {
  readonly entry: Entry;
  readonly envelope: Envelope | null;
  readonly id: Bytes | null;
}

export interface JudgeOf {
  readonly conversation: ConversationId;
  readonly row: ConversationRow | null;
  readonly chain: ChainRow;
  readonly transcripts: Transcripts;
  readonly followed: Followed | null;
  readonly contacts: ReadonlyMap<AccountId, ContactRow>;
}

/** What an entry is before its place in its device's chain is looked at. */
type Checked = { readonly body: OpenedBody; readonly signed: boolean };

export class Judge {
  readonly #of: JudgeOf;
  readonly #records = new Set<AccountId>();
  readonly #epochs = new Set<number>();
  readonly #runs = new Map<DeviceId, readonly Run[]>();
  #control = false;
  #covered: ChainRow["covered"];

  constructor(of: JudgeOf) {
    this.#of = of;
    this.#covered = of.chain.covered;
    for (const [device, runs] of Object.entries(of.chain.runs)) this.#runs.set(device as DeviceId, runs);
    for (const account of of.followed?.records ?? []) this.#records.add(account);
    if (of.followed?.control) this.#control = true;
  }

  /** What would open more. */
  get needs(): Needs {
    return { control: this.#control, records: [...this.#records], epochs: [...this.#epochs].sort((a, b) => a - b) };
  }

  get runs(): ChainRow["runs"] {
    return Object.fromEntries(this.#runs);
  }

  /** These entries are known to be all of their range. */
  cover(read: readonly ReadEntry[]): void {
    const [first, last] = [read.at(0)?.entry.seq, read.at(-1)?.entry.seq];
    if (first !== undefined && last !== undefined) this.#covered = cover(this.#covered, first, last);
  }

  async open(read: readonly ReadEntry[]): Promise<Opened[]> {
    const checked = await Promise.all(read.map((one) => this.#check(one)));
    const opened: Opened[] = [];
    for (const [i, { entry, envelope }] of read.entries()) {
      const one = checked[i];
      if (!one) continue;
      const body = envelope && one.signed ? this.#chain(envelope, entry, one.body) : one.body;
      opened.push({ seq: entry.seq, time: entry.time, ...body });
    }
    return opened;
  }

  async #check({ entry, envelope }: ReadEntry): Promise<Checked> {
    const { content } = entry;
    if (content.type === "call") {
      const { call, caller, media, end } = content;
      return { body: { type: "call", call, caller, media, end }, signed: false };
    }
    if (!envelope || envelope.header.kind === "signal" || text(envelope.header.conversation) !== this.#of.conversation) {
      return { body: { type: "refused", reason: "format", id: envelope && text(envelope.id), from: null }, signed: false };
    }
    const sender = senderOf(envelope);
    if (envelope.header.kind === "control") return this.#checkControl(entry, envelope, sender);
    const reason = await this.#place(entry, envelope, sender);
    if (reason) return refused(reason, sender, false);
    const body = await this.#unseal(envelope, sender);
    return { body, signed: true };
  }

  /** Device, membership, epoch, signature. */
  async #place({ seq, time }: Entry, envelope: Envelope, { from, device }: Sender): Promise<Reason | null> {
    const { row, contacts } = this.#of;
    const contact = contacts.get(from);
    const found = contact ? deviceKey(contact, device, time) : "unknown_device";
    if (!contact || found === "unknown_device") return this.#lacksRecords(from);
    if (found === "revoked_device") return found;
    const stay = row && stayAt(row, from, seq);
    const belongs = stay ? isOf(contact, device, stay.as) : false;
    if (belongs === null) return this.#lacksRecords(from);
    if (!row || !belongs) return this.#lacksControl("not_member");
    if (envelope.header.epoch !== epochAt(row, seq)) return this.#lacksControl("wrong_epoch");
    return (await verifyEnvelope(envelope, bytes(found.key))) ? null : "bad_signature";
  }

  async #unseal(envelope: Envelope, sender: Sender): Promise<OpenedBody> {
    const { epoch } = envelope.header;
    const secret = this.#of.row?.secrets[epoch];
    if (!secret) {
      this.#epochs.add(epoch);
      return refused("no_key", sender, true).body;
    }
    const plain = await openEnvelope(envelope, secret.key);
    if (!plain) return refused("cannot_open", sender, true).body;
    const content = parseContent(plain);
    if (!content) return refused("bad_content", sender, true).body;
    const warnings: readonly Warning[] = (await this.#sawTheSame(envelope)) ? [] : ["transcript"];
    return { type: "content", content, warnings, ...sender };
  }

  /** Events in the log were judged when they were followed. */
  async #checkControl(entry: Entry, envelope: Envelope, sender: Sender): Promise<Checked> {
    const { row, followed } = this.#of;
    const logged = row?.log.find(({ seq }) => seq === entry.seq);
    if (logged?.id !== sender.id) {
      const reason = followed?.refused?.reason;
      if (!reason) this.#control = true;
      if (this.#records.has(sender.from)) return refused("unknown_device", sender, false);
      return refused(reason === "signature" ? "bad_signature" : reason === "format" ? "format" : "not_member", sender, false);
    }
    const change = changeOf(parseControl(envelope.body).op, sender.from, logged.by);
    const warnings: readonly Warning[] = (await this.#sawTheSame(envelope)) ? [] : ["transcript"];
    return { body: { type: "control", change, warnings, ...sender }, signed: true };
  }

  /** The sender's history up to what it had seen is ours. */
  async #sawTheSame({ header: { seenSeq, seenHash } }: Envelope): Promise<boolean> {
    const ours = await this.#of.transcripts.at(seenSeq);
    return ours === null || equal(ours, seenHash);
  }

  #chain(envelope: Envelope, { seq }: Entry, body: OpenedBody): OpenedBody {
    const { device, n, prev } = envelope.header;
    const name = text<DeviceId>(device);
    const runs = addLink(this.#runs.get(name) ?? [], { n, prev: text(prev), id: text(envelope.id), seq });
    if (!runs) {
      const { id, from } = senderOf(envelope);
      return { type: "refused", reason: "replay", id, from };
    }
    this.#runs.set(name, runs);
    const gap = isGapBefore(runs, n, seq, this.#covered);
    if (!gap || (body.type !== "content" && body.type !== "control")) return body;
    return { ...body, warnings: [...body.warnings, "gap"] };
  }

  #lacksRecords(account: AccountId): Reason {
    this.#records.add(account);
    return "unknown_device";
  }

  #lacksControl(reason: Reason): Reason {
    this.#control = true;
    return reason;
  }
}

export function senderOf({ id, header }: Envelope): Sender {
  return { id: text(id), from: text(header.account), device: text(header.device), sent: header.time };
}

function refused(reason: Reason, { id, from }: Sender, signed: boolean): Checked {
  return { body: { type: "refused", reason, id, from }, signed };
}

function parseContent(plain: Bytes): Content | null {
  try {
    const content = asObject(parseJson(plain, "any"));
    return typeof content.k === "string" ? (content as unknown as Content) : null;
  } catch {
    return null;
  }
}
