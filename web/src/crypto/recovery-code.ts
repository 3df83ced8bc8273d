// Recovery codes: 128 random bits and 12 bits that catch typing errors, as 28
// Crockford base32 characters in 7 groups of 4.

import { type Bytes, hkdf, label, sha256 } from "./bytes";

export async function formatRecoveryCode(code: Bytes): Promise<string> {
  const bits = (code.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) << 12n) | BigInt(await checksum(code));
  const characters = Array.from({ length: LENGTH }, (_, i) => ALPHABET[Number((bits >> BigInt(5 * (LENGTH - 1 - i))) & 31n)]);
  return characters.join("").replaceAll(/(.{4})(?=.)/g, "$1-");
}

/** The 16 bytes; null when it was mistyped. Takes I and L for 1, O for 0, any case, spaces and dashes. */
export async function parseRecoveryCode(typed: string): Promise<Bytes | null> {
  const characters = [...typed.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll(/[IL]/g, "1").replaceAll("O", "0")];
  const digits = characters.map((character) => ALPHABET.indexOf(character));
  if (digits.length !== LENGTH || digits.includes(-1)) return null;
  const bits = digits.reduce((value, digit) => (value << 5n) | BigInt(digit), 0n);
  const code = Uint8Array.from({ length: 16 }, (_, i) => Number((bits >> BigInt(12 + 8 * (15 - i))) & 255n));
  return (await checksum(code)) === Number(bits & 4095n) ? code : null;
}

/**
 * What proves to the server that one has the code; it keeps the hash. Without a salt: who has
 * forgotten a password does not know the account yet, and the code alone is long enough.
 */
export function recoveryAuth(code: Bytes): Promise<Bytes> {
  return hkdf(code, new Uint8Array(), label("recovery-auth"), 32);
}

async function checksum(code: Bytes): Promise<number> {
  const [first = 0, second = 0] = await sha256(label("recovery-check\0"), code);
  return (first << 4) | (second >> 4);
}

const LENGTH = 28;
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
