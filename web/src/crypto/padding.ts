// How much a plaintext is padded, so that its length says little: 0x80, then
// zeros to a multiple of 64 up to 1 KiB, beyond that by Padmé (at most 12 %).

import { type Bytes, Malformed } from "./bytes";

export function pad(plain: Uint8Array): Bytes {
  const padded = new Uint8Array(roundUp(plain.length + 1));
  padded.set(plain);
  padded[plain.length] = 0x80;
  return padded;
}

export function unpad(padded: Bytes): Bytes {
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (end < 0 || padded[end] !== 0x80 || roundUp(end + 1) !== padded.length) throw new Malformed("not padded");
  return padded.slice(0, end);
}

/** Whether some plaintext is padded to this many bytes. */
export function isPaddedLength(length: number): boolean {
  return length > 0 && roundUp(length) === length;
}

function roundUp(length: number): number {
  if (length <= FINE) return Math.ceil(length / STEP) * STEP;
  const exponent = 31 - Math.clz32(length);
  const kept = 32 - Math.clz32(exponent);
  const step = 2 ** (exponent - kept);
  return Math.ceil(length / step) * step;
}

const STEP = 64;
const FINE = 1024;
