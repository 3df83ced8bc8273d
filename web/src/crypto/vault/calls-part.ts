// Calls: signals sealed for one leg, and the comparison of a call's keys. Not
// even the server that carries the signals can stand in between.

import type { AccountId, Blob, CallId, ConversationId, DeviceId, Millis } from "@/protocol/wire";

import type { Calls, Needs, OpenedSignal, Reason, Signal } from "./api";
import { type Bytes, ZERO_HASH, bytes, random, text } from "../bytes";
import { callSecret, encodeSignal, fingerprintBytes, isFingerprintRight, parseSignal } from "../call-signal";
import { memberOf } from "../control-state";
import { type Envelope, openEnvelope, parseEnvelope, sealEnvelope, verifyEnvelope } from "../envelope";
import { type SasSide, isCommitted, sasCommitment, sasNumbers } from "../sas";
import { deviceKey, isOf } from "./control-log";
import { contactOf } from "./people";
import { type VaultRoom, fail } from "./room";
import type { CallRow } from "./rows";

/** A comparison under way. */
interface Comparison {
  readonly mine: SasSide;
  readonly theirs: Omit<SasSide, "nonce">;
  commitment: Bytes | null;
}

export class CallsPart implements Calls {
  readonly #room: VaultRoom;
  readonly #comparisons = new Map<CallId, Comparison>();

  constructor(room: VaultRoom) {
    this.#room = room;
  }

  sealSignal(ask: Parameters<Calls["sealSignal"]>[0]): Promise<{ envelope: Blob }> {
    const { call, conversation, to, signal, now } = ask;
    return this.#room.alone(call, async () => {
      const own = await this.#room.own();
      const row = (await this.#room.conversation(conversation)) ?? fail("no_conversation");
      const contact = await this.#room.contact(to.account);
      if (contact && contactOf(own, to.account, contact).blocked) fail("keys_changed", [to.account]);
      const { epoch } = row.state;
      const secret = await callSecret((row.secrets[epoch] ?? fail("no_key")).key, call);
      const counters = await this.#counters(call, now);
      const header = {
        kind: "signal" as const,
        epoch,
        conversation: bytes(conversation, 16),
        account: bytes(this.#room.account, 16),
        device: bytes(own.device, 16),
        n: counters.n,
        time: now,
        seenSeq: 0,
        seenHash: ZERO_HASH,
        prev: ZERO_HASH,
      };
      await this.#room.store.put("calls", call, { ...counters, n: counters.n + 1, at: now });
      const envelope = await sealEnvelope(header, secret, encodeSignal({ call, ...to }, signal), own.ds);
      return { envelope: text(envelope.bytes) };
    });
  }

  openSignal(ask: { call: CallId; conversation: ConversationId; from: DeviceId; envelope: Blob; now: Millis }): Promise<OpenedSignal> {
    return this.#room.alone(ask.call, async () => {
      let envelope: Envelope;
      try {
        envelope = await parseEnvelope(bytes(ask.envelope));
      } catch {
        return refused("format");
      }
      const { header } = envelope;
      if (header.kind !== "signal" || text(header.conversation) !== ask.conversation || text(header.device) !== ask.from) return refused("format");
      const checked = await this.#check(ask.conversation, envelope, ask.now);
      if ("type" in checked) return checked;
      const plain = await openEnvelope(envelope, await callSecret(checked.secret, ask.call));
      if (!plain) return refused("cannot_open");
      return this.#take(ask, envelope, plain);
    });
  }

  async startSas(ask: Parameters<Calls["startSas"]>[0]): Promise<{ commitment: Blob }> {
    const own = await this.#room.own();
    const us = (await this.#room.contact(this.#room.account)) ?? fail("locked");
    const peer = (await this.#room.contact(ask.peer.account)) ?? fail("unknown_person", [ask.peer.account]);
    const mine: SasSide = {
      nonce: random(32),
      device: bytes(own.device, 16),
      asPub: bytes(us.record.as_pub, 32),
      fingerprint: fingerprintBytes(ask.fingerprint),
    };
    const theirs = { device: bytes(ask.peer.device, 16), asPub: bytes(peer.record.as_pub, 32), fingerprint: fingerprintBytes(ask.peerFingerprint) };
    this.#comparisons.set(ask.call, { mine, theirs, commitment: null });
    return { commitment: text(await sasCommitment(mine, bytes(ask.call, 16))) };
  }

  async commitSas({ call, commitment }: { call: CallId; commitment: Blob }): Promise<{ nonce: Blob }> {
    const comparison = this.#comparisons.get(call) ?? fail("call");
    // Whoever could commit anew would choose after our nonce is known.
    if (comparison.commitment) fail("call");
    comparison.commitment = bytes(commitment, 32);
    return { nonce: text(comparison.mine.nonce) };
  }

  async revealSas({ call, nonce }: { call: CallId; nonce: Blob }): Promise<{ emoji: readonly number[] | null }> {
    const { mine, theirs, commitment } = this.#comparisons.get(call) ?? fail("call");
    if (!commitment) fail("call");
    this.#comparisons.delete(call);
    const side: SasSide = { ...theirs, nonce: bytes(nonce, 32) };
    const id = bytes(call, 16);
    if (!(await isCommitted(commitment, side, id))) return { emoji: null };
    return { emoji: await sasNumbers(mine, side, id) };
  }

  /** Device, membership, epoch, signature; then the epoch's secret. */
  async #check(conversation: ConversationId, envelope: Envelope, now: Millis): Promise<OpenedSignal | { secret: CryptoKey }> {
    const { header } = envelope;
    const account = text<AccountId>(header.account);
    const device = text<DeviceId>(header.device);
    const contact = await this.#room.contact(account);
    const found = contact ? deviceKey(contact, device, now) : "unknown_device";
    if (!contact || found === "unknown_device") return refused("unknown_device", { records: [account] });
    if (found === "revoked_device") return refused(found);
    const row = await this.#room.conversation(conversation);
    const member = row && memberOf(row.state, account);
    if (!row || !member || !isOf(contact, device, member.as)) return refused("not_member", { control: true });
    // A renewal of keys may overtake a signal on its way.
    const { epoch } = row.state;
    if (header.epoch !== epoch && header.epoch !== epoch - 1) return refused("wrong_epoch", { control: header.epoch > epoch });
    if (!(await verifyEnvelope(envelope, bytes(found.key)))) return refused("bad_signature");
    const secret = row.secrets[header.epoch];
    return secret ? { secret: secret.key } : refused("no_key", { epochs: [header.epoch] });
  }

  async #take({ call, from, now }: { call: CallId; from: DeviceId; now: Millis }, { header }: Envelope, plain: Bytes): Promise<OpenedSignal> {
    let parsed: ReturnType<typeof parseSignal>;
    try {
      parsed = parseSignal(plain);
    } catch {
      return refused("bad_content");
    }
    const { to, signal } = parsed;
    if (to.call !== call || to.account !== this.#room.account || to.device !== (await this.#room.device())) return refused("not_for_us");
    const counters = await this.#counters(call, now);
    if (header.n <= (counters.heard[from] ?? -1)) return refused("replay");
    await this.#room.store.put("calls", call, { ...counters, heard: { ...counters.heard, [from]: header.n }, at: now });
    if (!isFingerprintRight(signal)) return refused("fingerprint");
    return { type: "signal", from: text(header.account), signal: signal as Signal };
  }

  /** Counters of a call; those of calls long gone are dropped. */
  async #counters(call: CallId, now: Millis): Promise<CallRow> {
    const { store } = this.#room;
    const row = await store.get("calls", call);
    if (row) return row;
    for (const old of await store.keys("calls")) {
      const { at = 0 } = (await store.get("calls", old)) ?? {};
      if (at < now - KEPT_MS) await store.remove("calls", old);
    }
    return { n: 0, heard: {}, at: now };
  }
}

function refused(reason: Reason | "not_for_us" | "fingerprint", needs: Partial<Needs> = {}): OpenedSignal & { type: "refused" } {
  return { type: "refused", reason, needs: { control: false, records: [], epochs: [], ...needs } };
}

const KEPT_MS = 86_400_000;
