// Six words for what stands for a new device's key: eleven bits each, from the
// English list of BIP-39, whose words differ in their first four letters. Loaded
// only with the pages that show or take them.

import { wordlist } from "@scure/bip39/wordlists/english.js";

import type { Blob } from "@/protocol/wire";

import { fromBase64Url, toBase64Url } from "./base64";

export const WORDS = 6;
const BITS = 11;
const BYTES = 9;

/** The words of a tag. */
export function wordsOf(tag: Blob): string[] {
  let bits = 0n;
  for (const byte of fromBase64Url(tag) ?? []) bits = (bits << 8n) | BigInt(byte);
  return Array.from({ length: WORDS }, (_, i) => wordlist[Number((bits >> BigInt(BYTES * 8 - BITS * (i + 1))) & 0x7ffn)] ?? "");
}

/** The tag of words; null unless all six are of the list. */
export function tagOf(words: readonly string[]): Blob | null {
  let bits = 0n;
  for (const word of words) {
    const place = wordlist.indexOf(word);
    if (place < 0) return null;
    bits = (bits << BigInt(BITS)) | BigInt(place);
  }
  if (words.length !== WORDS) return null;
  bits <<= BigInt(BYTES * 8 - BITS * WORDS);
  return toBase64Url(Uint8Array.from({ length: BYTES }, (_, i) => Number((bits >> BigInt(8 * (BYTES - 1 - i))) & 0xffn))) as Blob;
}

/** The words that begin like this. */
export function completions(start: string): readonly string[] {
  return start === "" ? [] : wordlist.filter((word) => word.startsWith(start));
}

/** The word that somebody means who typed this: itself, or the only one that begins so. */
export function completed(typed: string): string {
  const words = completions(typed);
  return words.length === 1 && words[0] !== undefined ? words[0] : typed;
}
