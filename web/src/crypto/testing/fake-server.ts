// A server for tests: stores, numbers and routes envelopes, hands out records
// and grants, and checks what a server can. It can be made to lie.

import type {
  AccountId,
  Blob,
  Bundle,
  ControlEvent,
  ConversationId,
  DeviceId,
  Entry,
  EnvelopeId,
  Grant,
  OwnGrant,
  Placed,
  SignedRecord,
  Wrap,
} from "@/protocol/wire";

import { type Bytes, bytes, random, text } from "../bytes";
import { parseControl, payloadHash } from "../control";
import { dueGrants, step } from "../control-rules";
import type { ControlState } from "../control-state";
import { type Envelope, parseEnvelope } from "../envelope";
import { nextTranscript } from "../transcript";
import { localLocks } from "./memory";

export interface Account {
  records: SignedRecord[];
  bundle: Bundle;
  wraps: Wrap[];
}

export interface Log {
  state: ControlState | null;
  control: ControlEvent[];
  entries: Entry[];
  transcripts: Bytes[];
  grants: (Grant & { by: AccountId })[];
  chains: Map<DeviceId, { n: number; prev: EnvelopeId }>;
  placed: Map<string, Placed>;
  rotate: boolean;
}

/** The server's no. */
export class No extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export class FakeServer {
  readonly accounts = new Map<AccountId, Account>();
  readonly logs = new Map<ConversationId, Log>();
  readonly #alone = localLocks();
  now = 1_800_000_000_000;

  log(id: ConversationId): Log {
    let log = this.logs.get(id);
    if (!log) {
      log = {
        state: null, control: [], entries: [], transcripts: [new Uint8Array(32)], grants: [],
        chains: new Map(), placed: new Map(), rotate: false,
      };
      this.logs.set(id, log);
    }
    return log;
  }

  account(id: AccountId): Account {
    const account = this.accounts.get(id);
    if (!account) throw new No("not_found");
    return account;
  }

  records(id: AccountId, after = 0): SignedRecord[] {
    return this.account(id).records.slice(after);
  }

  send(envelope: Blob): Promise<Placed> {
    return this.#alone("", () => this.#send(envelope));
  }

  control(envelope: Blob, grants: readonly Grant[]): Promise<Placed> {
    return this.#alone("", () => this.#control(envelope, grants));
  }

  grants(id: ConversationId, to: string): OwnGrant[] {
    return this.log(id).grants.filter((grant) => grant.to === to).map(({ epoch, g, enc, ct, by }) => ({ epoch, g, enc, ct, by }));
  }

  chain(id: ConversationId, device: DeviceId): { n: number; prev: EnvelopeId } {
    return this.log(id).chains.get(device) ?? { n: 0, prev: text(new Uint8Array(32)) };
  }

  /** A page of history, with the transcript before it. */
  page(id: ConversationId, from: number, to: number): { entries: Entry[]; before: Blob } {
    const { entries, transcripts } = this.log(id);
    return { entries: entries.slice(from - 1, to), before: text(transcripts[from - 1] ?? new Uint8Array(32)) };
  }

  async #send(envelope: Blob): Promise<Placed> {
    const parsed = await parseEnvelope(bytes(envelope));
    const log = this.log(text(parsed.header.conversation));
    const known = log.placed.get(text(parsed.id));
    if (known) return known;
    if (log.rotate) throw new No("rotate_first");
    if (parsed.header.epoch !== log.state?.epoch) throw new No("stale_epoch");
    return this.#place(log, parsed);
  }

  async #control(envelope: Blob, grants: readonly Grant[]): Promise<Placed> {
    const parsed = await parseEnvelope(bytes(envelope));
    const conversation = text<ConversationId>(parsed.header.conversation);
    const log = this.log(conversation);
    const known = log.placed.get(text(parsed.id));
    if (known) return known;
    const payload = parseControl(parsed.body);
    if (payload.index !== log.control.length) throw new No("conflict");
    const signer = text<AccountId>(parsed.header.account);
    const hash = await payloadHash(parsed.body);
    const effect = await step({ conversation, signer, payload, hash }, log.state, this.now);
    if (log.rotate && !effect.rotates && payload.op.type !== "leave") throw new No("rotate_first");
    const due = dueGrants(effect).map(({ to, epoch }) => `${to} ${epoch}`).sort();
    if (due.join() !== grants.map(({ to, epoch }) => `${to} ${epoch}`).sort().join()) throw new No("bad_request");
    const placed = await this.#place(log, parsed);
    log.state = effect.state;
    log.control.push({ seq: placed.seq, time: placed.time, envelope });
    log.grants.push(...grants.map((grant) => ({ ...grant, by: signer })));
    log.rotate = payload.op.type === "leave" || (log.rotate && !effect.rotates);
    return placed;
  }

  async #place(log: Log, parsed: Envelope): Promise<Placed> {
    const device = text<DeviceId>(parsed.header.device);
    const { n, prev } = log.chains.get(device) ?? { n: 0, prev: text<EnvelopeId>(new Uint8Array(32)) };
    if (parsed.header.n !== n || text(parsed.header.prev) !== prev) throw new No("conflict");
    const id = text<EnvelopeId>(parsed.id);
    this.now += 1000;
    const placed = { id, seq: log.entries.length + 1, time: this.now };
    log.chains.set(device, { n: n + 1, prev: id });
    log.placed.set(id, placed);
    log.entries.push({ seq: placed.seq, time: placed.time, content: { type: "envelope", envelope: text(parsed.bytes) } });
    log.transcripts.push(await nextTranscript(log.transcripts.at(-1) ?? new Uint8Array(32), parsed.id, placed.seq));
    return placed;
  }
}

export function newId<T extends string>(): T {
  return text(random(16));
}
