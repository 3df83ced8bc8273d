// Safety numbers: 30 digits for each of two people, sorted, the same on both
// screens; and the code that says the same to a camera.

import type { AccountId, Blob } from "@/protocol/wire";

import { type Bytes, bytes, concat, equal, label } from "./bytes";

/** A person by the newest signing key. */
export interface Person {
  readonly account: AccountId;
  readonly asPub: Blob;
}

/** 60 digits in groups of five. */
export async function safetyNumber(a: Person, b: Person): Promise<string> {
  const halves = [await half(a), await half(b)].sort();
  return halves.join(" ");
}

/** What one shows to the other's camera. */
export function safetyCode(mine: Person, theirs: Person): Bytes {
  return concat(new Uint8Array([1]), person(mine), person(theirs));
}

/** Whether what the camera read is what the other one shows. */
export function isSafetyCode(code: Uint8Array, mine: Person, theirs: Person): boolean {
  return equal(code, safetyCode(theirs, mine));
}

async function half({ account, asPub }: Person): Promise<string> {
  const input = concat(label("safety\0"), bytes(account, 16), bytes(asPub, 32));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-512", input));
  const groups = Array.from({ length: 6 }, (_, i) => {
    const value = hash.subarray(5 * i, 5 * i + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    return String(value % 100_000).padStart(5, "0");
  });
  return groups.join(" ");
}

function person({ account, asPub }: Person): Bytes {
  return concat(bytes(account, 16), bytes(asPub, 32));
}
