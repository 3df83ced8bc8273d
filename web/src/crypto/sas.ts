// Short authentication strings: seven numbers that are equal on both sides of a
// call when nobody is in between. Each side commits before either reveals, so
// that who is in between has one guess of 42 bits.

import { type Bytes, concat, equal, hkdf, label, sha256 } from "./bytes";

/** What one side of a call is. */
export interface SasSide {
  readonly nonce: Bytes;
  readonly device: Bytes;
  readonly asPub: Bytes;
  /** The SHA-256 of its certificate. */
  readonly fingerprint: Bytes;
}

export function sasCommitment(side: SasSide, call: Bytes): Promise<Bytes> {
  return sha256(opening(side, call));
}

/** Whether this is what was committed to. */
export async function isCommitted(commitment: Bytes, side: SasSide, call: Bytes): Promise<boolean> {
  return equal(commitment, await sasCommitment(side, call));
}

/** Seven numbers below 64. */
export async function sasNumbers(a: SasSide, b: SasSide, call: Bytes): Promise<readonly number[]> {
  const openings = [opening(a, call), opening(b, call)].sort(compare);
  const bits = (await hkdf(await sha256(...openings), call, label("sas"), 6)).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  return Array.from({ length: 7 }, (_, i) => Number((bits >> BigInt(42 - 6 * i)) & 63n));
}

function opening({ nonce, device, asPub, fingerprint }: SasSide, call: Bytes): Bytes {
  return concat(nonce, device, asPub, fingerprint, call);
}

function compare(a: Bytes, b: Bytes): number {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
