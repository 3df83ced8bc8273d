// The envelope around every message, call signal and control event: a header of
// 164 bytes, a body (sealed, but for control events), a signature of 64 bytes.
//
//   0 version 1 · 1 kind · 2 flags 0 · 4 epoch · 8 conversation · 24 account
//   40 device · 56 n · 64 time · 72 seen_seq · 80 seen_hash · 112 prev
//   144 salt · 160 length of the body

import { CONTROL_BYTES, ENVELOPE_BYTES } from "@/protocol/wire";

import {
  type Bytes,
  Malformed,
  ZERO_HASH,
  aeadOpen,
  aeadSeal,
  concat,
  equal,
  hkdf,
  isZero,
  label,
  random,
  sha256,
  u32,
  u64,
} from "./bytes";
import { sign, verify } from "./ed25519";
import { isPaddedLength, pad, unpad } from "./padding";

export type EnvelopeKind = "content" | "signal" | "control";

export interface Header {
  readonly kind: EnvelopeKind;
  /** From 1. */
  readonly epoch: number;
  readonly conversation: Bytes;
  readonly account: Bytes;
  readonly device: Bytes;
  /** The device's counter here (of a signal: in this call), from 0. */
  readonly n: number;
  /** By the sender's clock. */
  readonly time: number;
  readonly seenSeq: number;
  readonly seenHash: Bytes;
  /** The id of the device's envelope before. */
  readonly prev: Bytes;
}

/** An envelope of the right shape; whose it is, is not known yet. */
export interface Envelope {
  readonly bytes: Bytes;
  readonly header: Header;
  /** SHA-256 of header and body. */
  readonly id: Bytes;
  readonly body: Bytes;
}

/** Reads an envelope: exact lengths, known values. */
export async function parseEnvelope(bytes: Bytes): Promise<Envelope> {
  const header = parseHeader(bytes);
  const end = bytes.length - SIGNATURE_BYTES;
  return { bytes, header, id: await sha256(bytes.subarray(0, end)), body: bytes.slice(HEADER_BYTES, end) };
}

export function verifyEnvelope({ bytes, id }: Envelope, device: Bytes): Promise<boolean> {
  return verify(device, bytes.slice(-SIGNATURE_BYTES), concat(label("msg\0"), id));
}

/** Seals a plaintext; `secret` is the epoch's, of a signal the call's. */
export async function sealEnvelope(
  header: Header,
  secret: Bytes | CryptoKey,
  plain: Bytes,
  device: CryptoKey,
  salt: Bytes = random(SALT_BYTES),
): Promise<Envelope> {
  const padded = pad(plain);
  const head = encodeHeader(header, salt, padded.length + TAG_BYTES);
  const { key, nonce } = await messageKey(secret, head);
  return finish(concat(head, await aeadSeal(key, nonce, padded, head)), device);
}

/** Signs a control event around its clear payload. */
export function signEnvelope(
  header: Header,
  payload: Bytes,
  device: CryptoKey,
  salt: Bytes = random(SALT_BYTES),
): Promise<Envelope> {
  return finish(concat(encodeHeader(header, salt, payload.length), payload), device);
}

/** What was sealed; null when the secret is another or anything was changed. */
export async function openEnvelope({ bytes, body }: Envelope, secret: Bytes | CryptoKey): Promise<Bytes | null> {
  const head = bytes.slice(0, HEADER_BYTES);
  const { key, nonce } = await messageKey(secret, head);
  const padded = await aeadOpen(key, nonce, body, head);
  try {
    return padded && unpad(padded);
  } catch {
    return null;
  }
}

async function messageKey(secret: Bytes | CryptoKey, head: Bytes): Promise<{ key: Bytes; nonce: Bytes }> {
  const salt = head.subarray(SALT_AT, SALT_AT + SALT_BYTES);
  const okm = await hkdf(secret, salt, concat(label("msg-key\0"), head.subarray(0, SALT_AT)), 44);
  return { key: okm.slice(0, 32), nonce: okm.slice(32) };
}

async function finish(signed: Bytes, device: CryptoKey): Promise<Envelope> {
  const id = await sha256(signed);
  const bytes = concat(signed, await sign(device, concat(label("msg\0"), id)));
  return { bytes, header: parseHeader(bytes), id, body: signed.slice(HEADER_BYTES) };
}

function encodeHeader(header: Header, salt: Bytes, body: number): Bytes {
  return concat(
    new Uint8Array([1, KINDS[header.kind], 0, 0]),
    u32(header.epoch),
    header.conversation,
    header.account,
    header.device,
    u64(header.n),
    u64(header.time),
    u64(header.seenSeq),
    header.seenHash,
    header.prev,
    salt,
    u32(body),
  );
}

function parseHeader(bytes: Bytes): Header {
  if (bytes.length < HEADER_BYTES + SIGNATURE_BYTES) throw new Malformed("an envelope is longer");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = KIND_OF[bytes[1] ?? 0];
  if (bytes[0] !== 1 || !kind || view.getUint16(2) !== 0) throw new Malformed("another kind of envelope");
  const body = bytes.length - HEADER_BYTES - SIGNATURE_BYTES;
  if (view.getUint32(160) !== body) throw new Malformed("another length");
  const header: Header = {
    kind,
    epoch: view.getUint32(4),
    conversation: bytes.slice(8, 24),
    account: bytes.slice(24, 40),
    device: bytes.slice(40, 56),
    n: safe(view.getBigUint64(56)),
    time: safe(view.getBigUint64(64)),
    seenSeq: safe(view.getBigUint64(72)),
    seenHash: bytes.slice(80, 112),
    prev: bytes.slice(112, 144),
  };
  check(header);
  if (bytes.length > (kind === "control" ? CONTROL_BYTES : ENVELOPE_BYTES)) throw new Malformed("too large");
  if (kind !== "control" && !isPaddedLength(body - TAG_BYTES)) throw new Malformed("not padded");
  return header;
}

function check({ kind, epoch, n, seenSeq, seenHash, prev }: Header): void {
  if (epoch === 0) throw new Malformed("epochs count from 1");
  if (kind === "signal") {
    if (seenSeq !== 0 || !equal(seenHash, ZERO_HASH) || !isZero(prev)) throw new Malformed("a signal has no chain");
    return;
  }
  if ((n === 0) !== isZero(prev)) throw new Malformed("the first has none before it");
  if ((seenSeq === 0) !== isZero(seenHash)) throw new Malformed("who saw nothing has no transcript");
}

function safe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Malformed("a number too large");
  return Number(value);
}

export const HEADER_BYTES = 164;
export const SIGNATURE_BYTES = 64;
const TAG_BYTES = 16;
const SALT_AT = 144;
const SALT_BYTES = 16;
const KINDS = { content: 1, signal: 6, control: 0x10 } as const;
const KIND_OF: Readonly<Record<number, EnvelopeKind>> = { 1: "content", 6: "signal", 0x10: "control" };
