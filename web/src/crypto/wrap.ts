// Wraps: an account's master key, sealed in each of the ways to open it.

import type { AccountId, SealedApproval, Wrap, WrapId, WrapType } from "@/protocol/wire";

import { type Bytes, aeadOpen, aeadSeal, bytes, concat, hkdf, label, random, sha256, text, utf8 } from "./bytes";
import { type SealPair, hpkeOpen, hpkeSeal } from "./hpke";

/** The key of a password: out of the export key of its login. */
export function passwordKey(exportKey: Bytes, account: AccountId): Promise<Bytes> {
  return hkdf(exportKey, bytes(account, 16), label("kek/password"), 32);
}

export function recoveryKey(code: Bytes, account: AccountId): Promise<Bytes> {
  return hkdf(code, bytes(account, 16), label("kek/recovery"), 32);
}

/** The key of a passkey's PRF output. */
export async function prfKey(output: Bytes, credential: Bytes): Promise<Bytes> {
  return hkdf(output, await sha256(credential), label("kek/prf"), 32);
}

export async function sealWrap(
  kek: Bytes,
  account: AccountId,
  type: WrapType,
  amk: Bytes,
  id: Bytes = random(16),
  nonce: Bytes = random(12),
): Promise<Wrap> {
  const named = text<WrapId>(id);
  return { id: named, type, nonce: text(nonce), ct: text(await aeadSeal(kek, nonce, amk, aad(account, type, named))) };
}

/** The master key; null when the key is another or the wrap was changed. */
export async function openWrap(kek: Bytes, account: AccountId, { id, type, nonce, ct }: Wrap): Promise<Bytes | null> {
  const amk = await aeadOpen(kek, bytes(nonce, 12), bytes(ct), aad(account, type, id));
  return amk?.length === 32 ? amk : null;
}

/** To the key that a new device made for its approval. */
export async function sealApproval(to: Bytes, account: AccountId, amk: Bytes): Promise<SealedApproval | null> {
  const sealed = await hpkeSeal(to, deviceInfo(account), NONE, amk);
  return sealed && { enc: text(sealed.enc), ct: text(sealed.ct) };
}

export async function openApproval(pair: SealPair, account: AccountId, { enc, ct }: SealedApproval): Promise<Bytes | null> {
  const amk = await hpkeOpen(pair, { enc: bytes(enc, 32), ct: bytes(ct) }, deviceInfo(account), NONE);
  return amk?.length === 32 ? amk : null;
}

function aad(account: AccountId, type: WrapType, id: WrapId): Bytes {
  return concat(label("wrap\0"), bytes(account, 16), utf8(type), bytes(id, 16));
}

function deviceInfo(account: AccountId): Bytes {
  return concat(label("kek/device"), bytes(account, 16));
}

const NONE = new Uint8Array(0);
