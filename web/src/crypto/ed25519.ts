// Ed25519 (RFC 8032), verified strictly: the same answer as `verify_strict`,
// whatever the browser's own check lets through. Refused before it is asked:
// keys and commitments of small order, other encodings of a point or scalar.

import { type Bytes, bytes, concat, equal, text } from "./bytes";
import { D, FIELD, modulo, number, power } from "./ed25519-field";
import { publicKeyOf } from "./ed25519-public";

/** Whether these bytes are a point of the curve in its one encoding, and not of small order. */
export function isVerifyKey(key: Uint8Array): boolean {
  if (key.length !== 32) return false;
  const name = text(key);
  let known = judged.get(name);
  if (known === undefined) {
    known = !isSmallOrder(key) && isPoint(key);
    if (judged.size >= MOST) judged.clear();
    judged.set(name, known);
  }
  return known;
}

export async function verify(key: Bytes, signature: Bytes, signed: Bytes): Promise<boolean> {
  if (signature.length !== 64 || !isVerifyKey(key)) return false;
  if (isSmallOrder(signature.subarray(0, 32)) || number(signature.subarray(32)) >= ORDER) return false;
  try {
    const imported = await verifyingKey(key);
    return await crypto.subtle.verify("Ed25519", imported, signature, signed);
  } catch {
    return false;
  }
}

/** The same few keys sign most of what is read. */
async function verifyingKey(key: Bytes): Promise<CryptoKey> {
  const name = text(key);
  let imported = verifyingKeys.get(name);
  if (!imported) {
    imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    if (verifyingKeys.size >= MOST) verifyingKeys.clear();
    verifyingKeys.set(name, imported);
  }
  return imported;
}

export async function sign(key: CryptoKey, signed: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign("Ed25519", key, signed));
}

/** The pair of a seed; the private half stays in its key. */
export async function signingPair(seed: Bytes): Promise<{ key: CryptoKey; publicKey: Bytes }> {
  const pkcs8 = concat(PKCS8, seed);
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
  const publicKey = await toldPublicKey(pkcs8).catch(() => publicKeyOf(seed));
  pkcs8.fill(0);
  return { key, publicKey };
}

/** A fresh pair that never leaves the browser. */
export async function newSigningPair(): Promise<{ key: CryptoKey; publicKey: Bytes }> {
  const pair = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { key: pair.privateKey, publicKey };
}

/** Only JWK tells the public half of a private key; not every browser tells it of an imported one. */
async function toldPublicKey(pkcs8: Bytes): Promise<Bytes> {
  const readable = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  const { x = "" } = await crypto.subtle.exportKey("jwk", readable);
  return bytes(x, 32);
}

function isSmallOrder(point: Uint8Array): boolean {
  return SMALL_ORDER.some((small) => equal(small, point));
}

/** RFC 8032, 5.1.3: y below the field's order, and an x for it; zero has no sign. */
function isPoint(key: Uint8Array): boolean {
  const low = key.slice();
  low[31] = (low[31] ?? 0) & 0x7f;
  const y = number(low);
  if (y >= FIELD) return false;
  const u = modulo(y * y - 1n);
  if (u === 0n) return ((key[31] ?? 0) & 0x80) === 0;
  // u/v is a square exactly when u·v is one (v is never zero).
  return power(u * modulo(D * modulo(y * y) + 1n), (FIELD - 1n) / 2n) === 1n;
}

function hex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** The canonical encodings of the points of order 1, 2, 4 and 8. */
const SMALL_ORDER = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
].map(hex);

const PKCS8 = hex("302e020100300506032b657004220420");
const judged = new Map<string, boolean>();
const verifyingKeys = new Map<string, CryptoKey>();
const MOST = 10_000;
