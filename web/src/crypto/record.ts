// The account record: an account's public keys and its devices, signed by the
// account, each version naming the one before. Devices are appended and
// revoked, never dropped. The next generation of keys is signed by the one
// before as well (continuity), or it is a reset, of which others are warned.

import type { AccountId, Blob, DeviceId, Millis, SignedRecord } from "@/protocol/wire";

import type { RecordReason } from "./vault/api";
import { type Bytes, Malformed, ZERO_HASH, bytes, concat, isZero, label, sha256, text, utf8 } from "./bytes";
import { isVerifyKey, sign, verify } from "./ed25519";
import { isSealKey } from "./hpke";
import { asBool, asCount, asList, asMillis, asText, exactly, parseJson } from "./json";

export interface RecordedDevice {
  readonly id: DeviceId;
  readonly ds_pub: Blob;
  readonly added: Millis;
  readonly revoked: Millis | null;
}

/** What a version says. */
export interface AccountRecord {
  readonly v: 1;
  readonly account: AccountId;
  readonly suite: 1;
  readonly version: number;
  readonly prev: Blob;
  readonly g: number;
  readonly as_pub: Blob;
  readonly ae_pub: Blob;
  readonly devices: readonly RecordedDevice[];
  readonly bundle_version: number;
  readonly reset: boolean;
}

/** A version that was checked, with the hash by which the next one names it. */
export interface KnownRecord {
  readonly record: AccountRecord;
  readonly hash: Blob;
}

/** Why a version is none, or does not follow. */
export class RecordRefused extends Error {
  readonly reason: RecordReason;

  constructor(reason: RecordReason) {
    super(`record: ${reason}`);
    this.name = "RecordRefused";
    this.reason = reason;
  }
}

/** Checks a version against the one before it; null before the first. */
export async function checkRecord(account: AccountId, before: KnownRecord | null, signed: SignedRecord): Promise<KnownRecord> {
  const payload = decode(signed.payload);
  const record = read(payload);
  if (record.account !== account) throw new RecordRefused("account");
  if (before) follow(before, record);
  else begin(record);
  await checkKeys(before?.record ?? null, record, signed, payload);
  if (before) checkDevices(before.record, record);
  return { record, hash: text(await sha256(payload)) };
}

/** Signs the next version; `older` when the generation rises. */
export async function signRecord(record: AccountRecord, key: CryptoKey, older: CryptoKey | null): Promise<SignedRecord> {
  const payload = utf8(JSON.stringify(record));
  const input = concat(LABEL, payload);
  return {
    payload: text(payload),
    signature: text(await sign(key, input)),
    continuity: older && text(await sign(older, input)),
  };
}

/** How control events name an account's keys: SHA-256 of the signing key. */
export async function fingerprint(asPub: Blob): Promise<Blob> {
  return text(await sha256(bytes(asPub, 32)));
}

export const NO_RECORD = text<Blob>(ZERO_HASH);

function decode(payload: Blob): Bytes {
  try {
    return bytes(payload);
  } catch {
    throw new RecordRefused("format");
  }
}

function read(payload: Bytes): AccountRecord {
  try {
    return parse(payload);
  } catch (error) {
    if (error instanceof Malformed) throw new RecordRefused("format");
    throw error;
  }
}

function parse(payload: Bytes): AccountRecord {
  const fields = exactly(
    parseJson(payload),
    "v", "account", "suite", "version", "prev", "g", "as_pub", "ae_pub", "devices", "bundle_version", "reset",
  );
  if (fields.v !== 1 || fields.suite !== 1) throw new Malformed("another version");
  const devices = asList(fields.devices).map(device);
  const ids = new Set(devices.map(({ id }) => id));
  const keys = new Set(devices.map(({ ds_pub }) => ds_pub));
  if (devices.length === 0 || devices.length > DEVICES || ids.size < devices.length || keys.size < devices.length) {
    throw new Malformed("other devices");
  }
  return {
    v: 1,
    account: fixed(fields.account, 16) as AccountId,
    suite: 1,
    version: asCount(fields.version),
    prev: fixed(fields.prev, 32) as Blob,
    g: asCount(fields.g),
    as_pub: verifyKey(fields.as_pub),
    ae_pub: sealKey(fields.ae_pub),
    devices,
    bundle_version: asCount(fields.bundle_version),
    reset: asBool(fields.reset),
  };
}

function device(value: unknown): RecordedDevice {
  const { id, ds_pub, added, revoked } = exactly(value, "id", "ds_pub", "added", "revoked");
  return {
    id: fixed(id, 16) as DeviceId,
    ds_pub: verifyKey(ds_pub),
    added: asMillis(added),
    revoked: revoked === null ? null : asMillis(revoked),
  };
}

/** Text of exactly so many bytes. */
export function fixed(value: unknown, length: number): string {
  const written = asText(value);
  bytes(written, length);
  return written;
}

export function verifyKey(value: unknown): Blob {
  const written = fixed(value, 32) as Blob;
  if (!isVerifyKey(bytes(written))) throw new Malformed("not a verifying key");
  return written;
}

export function sealKey(value: unknown): Blob {
  const written = fixed(value, 32) as Blob;
  if (!isSealKey(bytes(written))) throw new Malformed("not a key to seal to");
  return written;
}

function begin(record: AccountRecord): void {
  if (record.version !== 1) throw new RecordRefused("version");
  if (!isZero(bytes(record.prev))) throw new RecordRefused("chain");
  if (record.g !== 1 || record.bundle_version === 0) throw new RecordRefused("keys");
}

function follow({ record: before, hash }: KnownRecord, record: AccountRecord): void {
  if (record.version !== before.version + 1) throw new RecordRefused("version");
  if (record.prev !== hash) throw new RecordRefused("chain");
  if (record.g !== before.g && record.g !== before.g + 1) throw new RecordRefused("keys");
  if (record.bundle_version < before.bundle_version + (record.g - before.g)) throw new RecordRefused("rollback");
}

async function checkKeys(before: AccountRecord | null, record: AccountRecord, signed: SignedRecord, payload: Bytes): Promise<void> {
  const input = concat(LABEL, payload);
  if (!before || record.g === before.g) {
    const same = !before || (record.as_pub === before.as_pub && record.ae_pub === before.ae_pub);
    if (!same) throw new RecordRefused("keys");
    if (record.reset || signed.continuity !== null) throw new RecordRefused("continuity");
  } else {
    if (record.as_pub === before.as_pub || record.ae_pub === before.ae_pub) throw new RecordRefused("keys");
    const agreed = signed.continuity !== null && (await isSigned(before.as_pub, signed.continuity, input));
    if (record.reset ? signed.continuity !== null : !agreed) throw new RecordRefused("continuity");
  }
  if (!(await isSigned(record.as_pub, signed.signature, input))) throw new RecordRefused("signature");
}

async function isSigned(key: Blob, signature: Blob, input: Bytes): Promise<boolean> {
  try {
    return await verify(bytes(key, 32), bytes(signature, 64), input);
  } catch {
    return false;
  }
}

function checkDevices(before: AccountRecord, record: AccountRecord): void {
  const kept = before.devices.every((old, i) => {
    const now = record.devices[i];
    const same = now?.id === old.id && now.ds_pub === old.ds_pub && now.added === old.added;
    return same && (old.revoked === null || old.revoked === now.revoked);
  });
  if (!kept) throw new RecordRefused("devices");
}

const LABEL = label("account-record\0");
const DEVICES = 1_000;
