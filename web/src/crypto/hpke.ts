// HPKE (RFC 9180), base mode: X25519, HKDF-SHA256, AES-256-GCM.

import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";

import { type Bytes, concat } from "./bytes";
import { FIELD, number } from "./ed25519-field";

/** What opens; the private half may be one that does not come out of its key. */
export interface SealPair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** What was sealed to a public key. */
export interface HpkeSealed {
  readonly enc: Bytes;
  readonly ct: Bytes;
}

/** Whether these bytes are a key to seal to: below 2^255 - 19, not of small order (RFC 7748, 6.1). */
export function isSealKey(key: Uint8Array): boolean {
  if (key.length !== 32) return false;
  const u = number(key);
  return u < FIELD && !SMALL_ORDER.includes(u);
}

/** Null when the key is not fit for it. */
export async function hpkeSeal(to: Bytes, info: Bytes, aad: Bytes, plain: Bytes): Promise<HpkeSealed | null> {
  if (!isSealKey(to)) return null;
  const recipientPublicKey = await sealKey(to);
  const { enc, ct } = await suite.seal({ recipientPublicKey, info }, plain, aad);
  return { enc: new Uint8Array(enc), ct: new Uint8Array(ct) };
}

/** Null when it was not sealed like this. */
export async function hpkeOpen(pair: SealPair, sealed: HpkeSealed, info: Bytes, aad: Bytes): Promise<Bytes | null> {
  if (!isSealKey(sealed.enc)) return null;
  try {
    return new Uint8Array(await suite.open({ recipientKey: pair, enc: sealed.enc, info }, sealed.ct, aad));
  } catch {
    return null;
  }
}

/** The pair of a private key's 32 bytes; they stay in the key. */
export async function sealPair(secret: Bytes): Promise<{ pair: SealPair; publicKey: Bytes }> {
  const pkcs8 = concat(PKCS8, secret);
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, "X25519", false, ["deriveBits"]);
  pkcs8.fill(0);
  // The base point times the secret (RFC 7748, 6.1).
  const base = { name: "X25519", public: await sealKey(Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 9 : 0))) };
  const publicKey = new Uint8Array(await crypto.subtle.deriveBits(base, privateKey, 256));
  return { pair: { privateKey, publicKey: await sealKey(publicKey) }, publicKey };
}

/** DeriveKeyPair of RFC 9180, 7.1.3. */
export async function deriveSealPair(ikm: Bytes): Promise<{ pair: SealPair; publicKey: Bytes }> {
  const pair = await suite.kem.deriveKeyPair(ikm);
  return { pair, publicKey: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)) };
}

function sealKey(key: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", concat(key), "X25519", true, []);
}

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/** The coordinates of the points of order 1, 2, 4 and 8, on the curve and its twist. */
const SMALL_ORDER = [
  0n,
  1n,
  FIELD - 1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
];
const PKCS8 = Uint8Array.from([0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20]);
