// Bytes and the primitives over them. Every input of a hash, key or signature
// begins with a label of its own, so that bytes made for one purpose fit no other.

import { fromBase64Url, toBase64Url } from "@/lib/base64";

export type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes that are not what they should be. */
export class Malformed extends Error {
  constructor(what: string) {
    super(what);
    this.name = "Malformed";
  }
}

/** The bytes of a label; callers add the zero where the format has one. */
export function label(text: string): Bytes {
  return utf8(`callbox/e2ee/1/${text}`);
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function utf8(text: string): Bytes {
  return new Uint8Array(new TextEncoder().encode(text));
}

/** The text, or a refusal of what is not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Malformed("not UTF-8");
  }
}

export function u16(value: number): Bytes {
  return new Uint8Array([value >>> 8, value & 255]);
}

export function u32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export function u64(value: number): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

export function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** As the wire writes bytes. */
export function text<T extends string>(bytes: Uint8Array): T {
  return toBase64Url(bytes) as T;
}

/** Bytes out of the one text that stands for them; exactly so many when a length is given. */
export function bytes(text: string, length?: number): Bytes {
  const decoded = fromBase64Url(text);
  if (!decoded || toBase64Url(decoded) !== text) throw new Malformed("not base64url");
  if (length !== undefined && decoded.length !== length) throw new Malformed("another length");
  return new Uint8Array(decoded);
}

export async function sha256(...parts: readonly Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)));
}

/** HKDF-SHA256 out of raw bytes, or out of a secret that does not come out of its key. */
export async function hkdf(ikm: Bytes | CryptoKey, salt: Uint8Array, info: Uint8Array, length: number): Promise<Bytes> {
  const key = ikm instanceof Uint8Array ? await secretKey(ikm) : ikm;
  const params = { name: "HKDF", hash: "SHA-256", salt: concat(salt), info: concat(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, length * 8));
}

/** A secret that only derives. */
export function secretKey(secret: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
}

/** AES-256-GCM. */
export async function aeadSeal(key: Bytes | CryptoKey, nonce: Bytes, plain: Bytes, aad: Bytes): Promise<Bytes> {
  const imported = await aeadKey(key);
  return new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: aad }, imported, plain));
}

/** What was sealed, or null when it was not sealed like this. */
export async function aeadOpen(key: Bytes | CryptoKey, nonce: Bytes, sealed: Bytes, aad: Bytes): Promise<Bytes | null> {
  const imported = await aeadKey(key);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce, additionalData: aad }, imported, sealed));
  } catch {
    return null;
  }
}

/** A key that only seals and opens. */
export async function aeadKey(key: Bytes | CryptoKey): Promise<CryptoKey> {
  if (!(key instanceof Uint8Array)) return key;
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}

export const ZERO_HASH = new Uint8Array(32);
