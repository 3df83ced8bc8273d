// @vitest-environment node
// The vectors that the server's side of the formats has made: both sides must agree.

import { describe, expect, test } from "vitest";

import type { AccountId, Blob, CallId, ConversationId, GranteeId, LinkId, SignedRecord, WrapId, WrapType } from "@/protocol/wire";

import vectors from "../../../tests/vectors/e2ee.json";
import { approvalTag } from "./approval";
import { openBundle } from "./bundle";
import { type Bytes, bytes, concat, equal, fromUtf8, secretKey, text, utf8 } from "./bytes";
import { callSecret } from "./call-signal";
import { commitment, parseControl, payloadHash } from "./control";
import { dueGrants, step } from "./control-rules";
import type { ControlState } from "./control-state";
import { signingPair } from "./ed25519";
import { type Header, openEnvelope, parseEnvelope, sealEnvelope, signEnvelope, verifyEnvelope } from "./envelope";
import { openGrant } from "./grant";
import { sealPair } from "./hpke";
import { isJoinSigned, isKnockSigned, linkAuth, linkAuthHash, linkKeys, signJoin, signKnock } from "./link";
import { isPaddedLength, pad, unpad } from "./padding";
import { passkeyPair, signPasskey } from "./passkey";
import { type KnownRecord, checkRecord, fingerprint, signRecord } from "./record";
import { formatRecoveryCode, parseRecoveryCode, recoveryAuth } from "./recovery-code";
import { isSafetyCode, safetyCode, safetyNumber } from "./safety-number";
import { isCommitted, sasCommitment, sasNumbers } from "./sas";
import { openSettingsBytes } from "./settings";
import { callEntryId, nextTranscript } from "./transcript";
import { openApproval, openWrap, passwordKey, prfKey, recoveryKey } from "./wrap";

const id = <T extends string>(hex: string): T => text(un(hex));
const blob = (hex: string): Blob => text(un(hex));

function un(hex: string): Bytes {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

describe.each(vectors.envelopes)("envelope $name", (v) => {
  test("parses, verifies and opens", async () => {
    const envelope = await parseEnvelope(un(v.envelope));
    expect(envelope.header.epoch).toBe(v.epoch);
    expect(text(envelope.id)).toBe(blob(v.id));
    expect(await verifyEnvelope(envelope, un(v.device_pub))).toBe(true);
    expect(await openEnvelope(envelope, await secretKey(un(v.secret)))).toEqual(un(v.plaintext));
    expect(await openEnvelope(envelope, un(v.secret).fill(7))).toBeNull();
  });

  test("is sealed the same", async () => {
    const { key } = await signingPair(un(v.device_seed));
    const header: Header = {
      kind: v.kind === 1 ? "content" : "signal",
      epoch: v.epoch,
      conversation: un(v.conversation),
      account: un(v.account),
      device: un(v.device),
      n: v.n,
      time: v.time,
      seenSeq: v.seen_seq,
      seenHash: un(v.seen_hash),
      prev: un(v.prev),
    };
    const secret = v.call === null ? un(v.epoch_secret) : await callSecret(un(v.epoch_secret), id<CallId>(v.call));
    const sealed = await sealEnvelope(header, secret, un(v.plaintext), key, un(v.salt));
    expect(text(sealed.bytes)).toBe(blob(v.envelope));
  });

  test("e1 no flipped bit and no truncation passes", { timeout: 60_000 }, async () => {
    const whole = un(v.envelope);
    const device = un(v.device_pub);
    const passes = async (changed: Bytes): Promise<boolean> => {
      const envelope = await parseEnvelope(changed).catch(() => null);
      return envelope !== null && (await verifyEnvelope(envelope, device));
    };
    // Every bit of header and signature; of long bodies every byte of the first kilobyte.
    for (let byte = 0; byte < whole.length; byte++) {
      const inBody = byte >= 164 && byte < whole.length - 64;
      for (let bit = 0; bit < (inBody ? 1 : 8); bit++) {
        if (inBody && byte > 1200) continue;
        const changed = whole.slice();
        changed[byte] = (changed[byte] ?? 0) ^ (1 << bit);
        expect(await passes(changed)).toBe(false);
      }
    }
    for (let length = 0; length < Math.min(whole.length, 400); length++) expect(await passes(whole.slice(0, length))).toBe(false);
    expect(await passes(concat(whole, new Uint8Array(1)))).toBe(false);
  });
});

test("padding", () => {
  for (const { plain, padded } of vectors.padding) {
    const bytes = pad(new Uint8Array(plain).fill(0x80));
    expect(bytes.length).toBe(padded);
    expect(isPaddedLength(padded)).toBe(true);
    expect(unpad(bytes).length).toBe(plain);
  }
});

describe("records", () => {
  const { account: hex, steps } = vectors.records;
  const account = id<AccountId>(hex);
  const signed = (step: (typeof steps)[number]): SignedRecord => ({
    payload: text(utf8(step.payload)),
    signature: blob(step.signature),
    continuity: step.continuity === null ? null : blob(step.continuity),
  });

  test("follow each other", async () => {
    let known: KnownRecord | null = null;
    for (const step of steps) {
      known = await checkRecord(account, known, signed(step));
      expect(known.hash).toBe(blob(step.hash));
      expect(await fingerprint(known.record.as_pub)).toBe(blob(step.identity));
    }
  });

  test("no flipped bit passes", async () => {
    let known: KnownRecord | null = null;
    for (const step of steps) {
      const right = signed(step);
      for (const field of ["payload", "signature", "continuity"] as const) {
        const whole = bytes(right[field] ?? "");
        for (let byte = 0; byte < whole.length; byte += field === "payload" ? 7 : 1) {
          const changed = whole.slice();
          changed[byte] = (changed[byte] ?? 0) ^ (1 << (byte % 8));
          await expect(checkRecord(account, known, { ...right, [field]: text(changed) })).rejects.toThrow();
        }
      }
      known = await checkRecord(account, known, right);
      await expect(checkRecord(account, known, right)).rejects.toThrow("version");
    }
  });

  test("are signed the same when written the same", async () => {
    const record = (await checkRecord(account, null, signed(steps[0]!))).record;
    const { key } = await signingPair(un(steps[0]!.as_seed));
    const again = await checkRecord(account, null, await signRecord(record, key, null));
    expect(again.record).toEqual(record);
  });
});

describe.each(vectors.control)("the control log of $conversation", ({ conversation: hex, events, keys }) => {
  const conversation = id<ConversationId>(hex);

  test("is followed to the same states, with the same grants", async () => {
    let state: ControlState | null = null;
    const epochs = new Map<number, Blob>();
    for (const event of events) {
      const envelope = await parseEnvelope(un(event.envelope));
      expect(await verifyEnvelope(envelope, un(event.device_pub))).toBe(true);
      expect(fromUtf8(envelope.body)).toBe(event.payload);
      const payload = parseControl(envelope.body);
      const hash = await payloadHash(envelope.body);
      expect(hash).toBe(blob(event.payload_hash));
      const signer = id<AccountId>(event.account);
      const effect = await step({ conversation, signer, payload, hash }, state, event.at);
      state = effect.state;
      expect(effect.rotates, event.name).toBe(event.rotates);
      expect(payload.state).toBe(blob(event.state_hash));
      if (effect.rotates) epochs.set(payload.epoch, hash);
      const due = dueGrants(effect).map(({ to, epoch }) => `${to} ${epoch}`);
      expect(due.sort()).toEqual(event.grants.map(({ to, epoch }) => `${id(to)} ${epoch}`).sort());
      for (const grant of event.grants) {
        const key = keys.find(({ to, g }) => to === grant.to && g === grant.g)!;
        const { pair, publicKey } = await sealPair(un(key.secret));
        expect(equal(publicKey, un(key.public))).toBe(true);
        const set = epochs.get(grant.epoch)!;
        const place = { conversation, epoch: grant.epoch, to: id<GranteeId>(grant.to), event: set, by: id<AccountId>(grant.by) };
        const secret = await openGrant(place, pair, { enc: blob(grant.enc), ct: blob(grant.ct) });
        if (grant.epoch === payload.epoch) expect(await commitment(secret!)).toBe(payload.commit);
        expect(secret).not.toBeNull();
        expect(await openGrant({ ...place, epoch: grant.epoch + 1 }, pair, { enc: blob(grant.enc), ct: blob(grant.ct) })).toBeNull();
      }
    }
  });

  test("is signed the same", async () => {
    for (const event of events) {
      const envelope = await parseEnvelope(un(event.envelope));
      const { key } = await signingPair(un(event.device_seed));
      const again = await signEnvelope(envelope.header, utf8(event.payload), key, un(event.envelope).slice(144, 160));
      expect(text(again.bytes)).toBe(blob(event.envelope));
    }
  });

  test("does not go on without one of its events", async () => {
    let state: ControlState | null = null;
    for (const [i, event] of events.entries()) {
      const envelope = await parseEnvelope(un(event.envelope));
      const signer = id<AccountId>(event.account);
      const signed = { conversation, signer, payload: parseControl(envelope.body), hash: await payloadHash(envelope.body) };
      if (i % 3 === 1) continue;
      if (i % 3 === 2) await expect(step(signed, state, event.at)).rejects.toThrow();
      else if (i === 0) state = (await step(signed, state, event.at)).state;
    }
  });
});

test.each(vectors.grants)("a grant opens only in its place", async (v) => {
  const { pair } = await sealPair(un(v.ae_sk));
  const place = {
    conversation: id<ConversationId>(v.conversation),
    epoch: v.epoch,
    to: id<GranteeId>(v.to),
    event: blob(v.payload_hash),
    by: id<AccountId>(v.by),
  };
  const sealed = { enc: blob(v.enc), ct: blob(v.ct) };
  const secret = await openGrant(place, pair, sealed);
  expect(secret).toEqual(un(v.epoch_secret));
  expect(await commitment(secret!)).toBe(blob(v.commit));
  const other = blob("00".repeat(16));
  for (const wrong of [{ conversation: other }, { to: other }, { by: other }, { epoch: 2 }, { event: blob("00".repeat(32)) }]) {
    expect(await openGrant({ ...place, ...wrong } as typeof place, pair, sealed)).toBeNull();
  }
});

test("links", async () => {
  const { id: hex, secret, join, knock, ...v } = vectors.link;
  const link = id<LinkId>(hex);
  const keys = await linkKeys(un(secret), link);
  expect(text(keys.sign.publicKey)).toBe(blob(v.sign));
  expect(text(keys.seal.publicKey)).toBe(blob(v.seal));
  expect(text(await linkAuth(un(secret), link))).toBe(blob(v.auth));
  expect(await linkAuthHash(un(secret), link)).toBe(blob(v.auth_hash));
  const member = { account: id<AccountId>(join.account), as: blob(join.as) };
  const conversation = id<ConversationId>(join.conversation);
  expect(await signJoin(keys.sign.key, conversation, join.index, member)).toBe(blob(join.signature));
  expect(await isJoinSigned(blob(v.sign), conversation, join.index, member, blob(join.signature))).toBe(true);
  expect(await isJoinSigned(blob(v.sign), conversation, join.index + 1, member, blob(join.signature))).toBe(false);
  expect(await signKnock(keys.sign.key, link, conversation, member)).toBe(blob(knock.signature));
  expect(await isKnockSigned(blob(v.sign), link, conversation, member, blob(knock.signature))).toBe(true);
  expect(await isKnockSigned(blob(v.sign), link, conversation, member, blob(join.signature))).toBe(false);
});

test("the bundle and the settings", async () => {
  const { account: hex, amk, ct, nonce, plaintext, version, settings } = vectors.bundle;
  const account = id<AccountId>(hex);
  const bundle = { version, nonce: blob(nonce), ct: blob(ct) };
  expect(await openBundle(un(amk), account, bundle)).toEqual(JSON.parse(plaintext));
  expect(await openBundle(un(amk), account, { ...bundle, version: version + 1 })).toBeNull();
  const sealed = { version: settings.version, nonce: blob(settings.nonce), ct: blob(settings.ct) };
  expect(fromUtf8((await openSettingsBytes(un(settings.key), account, sealed))!)).toBe(settings.plaintext);
  expect(await openSettingsBytes(un(settings.key), account, { ...sealed, version: 9 })).toBeNull();
});

test("wraps", async () => {
  const account = id<AccountId>(vectors.wraps.account);
  for (const v of vectors.wraps.sealed) {
    const secret = un(v.secret);
    const kek =
      v.type === "password"
        ? await passwordKey(secret, account)
        : v.type === "recovery"
          ? await recoveryKey(secret, account)
          : await prfKey(secret, un(v.credential!));
    expect(text(kek)).toBe(blob(v.kek));
    const wrap = { id: id<WrapId>(v.id), type: v.type as WrapType, nonce: blob(v.nonce), ct: blob(v.ct) };
    expect(await openWrap(kek, account, wrap)).toEqual(un(vectors.wraps.amk));
    expect(await openWrap(kek, account, { ...wrap, type: v.type === "prf" ? "recovery" : "prf" })).toBeNull();
  }
  const { device } = vectors.wraps;
  const { pair } = await sealPair(un(device.secret));
  expect(await openApproval(pair, account, { enc: blob(device.enc), ct: blob(device.ct) })).toEqual(un(vectors.wraps.amk));
  expect(await approvalTag(un(device.public))).toEqual(un(device.tag));
});

test("passkeys", async () => {
  const v = vectors.passkey;
  const { key, publicKey } = await passkeyPair(un(v.output), un(v.credential));
  expect(publicKey).toEqual(un(v.sign));
  expect((await signingPair(un(v.sign_seed))).publicKey).toEqual(un(v.sign));
  const asked = { server: v.server, challenge: un(v.challenge) };
  const account = id<AccountId>(v.account);
  expect(text(await signPasskey(key, asked, account, un(v.credential)))).toBe(blob(v.signature));
  // Another credential of the same authenticator has another key; the wrap's key is another one, too.
  expect((await passkeyPair(un(v.output), un(v.credential).fill(1))).publicKey).not.toEqual(un(v.sign));
  expect(await prfKey(un(v.output), un(v.credential))).not.toEqual(un(v.sign_seed));
});

test("e16 recovery codes catch typing errors", async () => {
  for (const { code, text: written, auth } of vectors.recovery.codes) {
    expect(await formatRecoveryCode(un(code))).toBe(written);
    expect(await parseRecoveryCode(written.toLowerCase().replaceAll("0", "o").replaceAll("1", "l").replaceAll("-", " "))).toEqual(un(code));
    expect(text(await recoveryAuth(un(code)))).toBe(blob(auth));
    for (let at = 0; at < written.length; at++) {
      if (written[at] === "-") continue;
      const typo = written.slice(0, at) + (written[at] === "7" ? "8" : "7") + written.slice(at + 1);
      expect(await parseRecoveryCode(typo)).toBeNull();
    }
    expect(await parseRecoveryCode(written.slice(1))).toBeNull();
  }
});

test("safety numbers", async () => {
  const [a, b] = vectors.safety.people.map(({ account, as_pub }) => ({ account: id<AccountId>(account), asPub: blob(as_pub) }));
  expect((await safetyNumber(a!, b!)).replaceAll(" ", "")).toBe(vectors.safety.number);
  expect(await safetyNumber(b!, a!)).toBe(await safetyNumber(a!, b!));
  const [mine, theirs] = vectors.safety.qr_of === vectors.safety.people[0]?.account ? [a!, b!] : [b!, a!];
  expect(text(safetyCode(mine, theirs))).toBe(blob(vectors.safety.qr));
  expect(isSafetyCode(un(vectors.safety.qr), theirs, mine)).toBe(true);
  expect(isSafetyCode(un(vectors.safety.qr), mine, theirs)).toBe(false);
});

test("e22 e23 the emoji differ with a fingerprint, and a commitment opens with its own nonce only", async () => {
  const call = un(vectors.sas.call);
  const sides = vectors.sas.sides.map((side) => ({
    nonce: un(side.nonce),
    device: un(side.device),
    asPub: un(side.as_pub),
    fingerprint: un(side.fingerprint),
  }));
  const [a, b] = [sides[0]!, sides[1]!];
  expect(await sasNumbers(a, b, call)).toEqual(vectors.sas.emoji);
  expect(await sasNumbers(b, a, call)).toEqual(vectors.sas.emoji);
  expect(text(await sasCommitment(a, call))).toBe(blob(vectors.sas.sides[0]!.commitment));
  const swapped = { ...b, fingerprint: a.fingerprint };
  expect(await sasNumbers(a, swapped, call)).not.toEqual(vectors.sas.emoji);
  const commitment = un(vectors.sas.sides[1]!.commitment);
  expect(await isCommitted(commitment, b, call)).toBe(true);
  expect(await isCommitted(commitment, { ...b, nonce: a.nonce }, call)).toBe(false);
});

test("the transcript", async () => {
  const { call, caller, calls, entries } = vectors.transcript;
  for (const { media, outcome, duration, id: expected } of calls) {
    const end = { outcome: outcome as "completed", duration };
    expect(text(await callEntryId(id<CallId>(call), id(caller), media as "audio", end))).toBe(blob(expected));
  }
  let at: Bytes = new Uint8Array(32);
  for (const { id: entry, seq, transcript } of entries) {
    at = await nextTranscript(at, un(entry), seq);
    expect(text(at)).toBe(blob(transcript));
  }
});
