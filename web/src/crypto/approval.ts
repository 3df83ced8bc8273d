// The words of a device that asks to be let in, as bits: what stands for its
// public key where a person has to type it.

import { type Bytes, label, sha256 } from "./bytes";

/** The first 66 bits of the key's hash, then six zeros: six words of eleven bits. */
export async function approvalTag(request: Bytes): Promise<Bytes> {
  const tag = (await sha256(label("approval\0"), request)).slice(0, 9);
  tag[8] = (tag[8] ?? 0) & 0b1100_0000;
  return tag;
}
