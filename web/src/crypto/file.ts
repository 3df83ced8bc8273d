// How files are sealed: AES-256-GCM over chunks of 256 KiB under a key of the
// file's own. The nonce of a chunk is a random prefix of 7 bytes, the chunk's
// number and whether it is the last one, so chunks that are swapped, dropped,
// repeated or added do not open; the true size is authenticated with each.
// Zeros up to the padded size hide the true one from the server.
//
// Never seals two contents under one secret: who seals again makes a new one.

import { FILE_BYTES, FILE_CHUNK } from "@/protocol/wire";

/** What opens a file; it travels inside the message that tells of the file. */
export interface FileSecret {
  readonly key: Uint8Array<ArrayBuffer>;
  readonly prefix: Uint8Array<ArrayBuffer>;
}

/** A secret for a file of this many bytes, ready for use. */
export interface FileCipher {
  readonly size: number;
  readonly key: CryptoKey;
  readonly prefix: Uint8Array<ArrayBuffer>;
}

/** A chunk or a file is not what was sealed. */
export class FileDamaged extends Error {
  constructor(what: string) {
    super(what);
    this.name = "FileDamaged";
  }
}

/** A secret for one file that was never sealed before. */
export function newFileSecret(): FileSecret {
  return {
    key: crypto.getRandomValues(new Uint8Array(KEY_BYTES)),
    prefix: crypto.getRandomValues(new Uint8Array(PREFIX_BYTES)),
  };
}

/** Makes a secret ready for use; the size is the file's true one. */
export async function fileCipher(secret: FileSecret, size: number): Promise<FileCipher> {
  if (secret.key.length !== KEY_BYTES || secret.prefix.length !== PREFIX_BYTES) {
    throw new FileDamaged("not a file's secret");
  }
  if (!isFileSize(size)) throw new FileDamaged("not a file's size");
  const key = await crypto.subtle.importKey("raw", secret.key, "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
  return { size, key, prefix: secret.prefix };
}

/** Whether a file may have this many bytes. */
export function isFileSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0 && size <= FILE_BYTES;
}

/**
 * The size that the server sees: at least 1 KiB, then Padmé, which adds at most
 * 12 % and leaves few sizes to tell apart.
 */
export function paddedSize(size: number): number {
  if (size <= LEAST_BYTES) return LEAST_BYTES;
  const exponent = Math.floor(Math.log2(size));
  const kept = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** (exponent - kept);
  return Math.ceil(size / step) * step;
}

/** How many chunks a file of this true size has. */
export function chunkCount(size: number): number {
  return Math.ceil(paddedSize(size) / FILE_CHUNK);
}

/** Where a sealed chunk lies in the blob: its first byte, and the one after its last. */
export function sealedSpan(size: number, index: number): readonly [from: number, to: number] {
  const from = index * (FILE_CHUNK + TAG_BYTES);
  return [from, from + plainLength(size, index) + TAG_BYTES];
}

/** Seals one chunk; `part` are the file's bytes from `index * FILE_CHUNK` on, as far as there are any. */
export async function sealChunk(
  cipher: FileCipher,
  index: number,
  part: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const parameters = chunkParameters(cipher, index);
  if (part.length !== trueLength(cipher.size, index)) throw new FileDamaged("the file has changed");
  const plain = new Uint8Array(plainLength(cipher.size, index));
  plain.set(part);
  return new Uint8Array(await crypto.subtle.encrypt(parameters, cipher.key, plain));
}

/** Opens one chunk, and gives the file's bytes in it. */
export async function openChunk(
  cipher: FileCipher,
  index: number,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const parameters = chunkParameters(cipher, index);
  const [from, to] = sealedSpan(cipher.size, index);
  if (sealed.length !== to - from) throw new FileDamaged("a chunk has another length");
  const plain = await crypto.subtle.decrypt(parameters, cipher.key, sealed).then(
    (opened) => new Uint8Array(opened),
    () => {
      throw new FileDamaged("a chunk does not open");
    },
  );
  const length = trueLength(cipher.size, index);
  if (plain.subarray(length).some((byte) => byte !== 0)) throw new FileDamaged("not zeros");
  return plain.subarray(0, length);
}

/** Bytes of a chunk before sealing, padding included. */
function plainLength(size: number, index: number): number {
  return Math.min(FILE_CHUNK, paddedSize(size) - index * FILE_CHUNK);
}

/** The file's own bytes in a chunk. */
function trueLength(size: number, index: number): number {
  return Math.max(0, Math.min(FILE_CHUNK, size - index * FILE_CHUNK));
}

function chunkParameters(cipher: FileCipher, index: number): AesGcmParams {
  const count = chunkCount(cipher.size);
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new FileDamaged("there is no such chunk");
  }
  const iv = new Uint8Array(PREFIX_BYTES + 5);
  iv.set(cipher.prefix);
  const numbers = new DataView(iv.buffer);
  numbers.setUint32(PREFIX_BYTES, index);
  numbers.setUint8(PREFIX_BYTES + 4, index === count - 1 ? 1 : 0);
  const additionalData = new Uint8Array(LABEL.length + 8);
  additionalData.set(LABEL);
  new DataView(additionalData.buffer).setBigUint64(LABEL.length, BigInt(cipher.size));
  return { name: "AES-GCM", iv, additionalData };
}

const KEY_BYTES = 32;
const PREFIX_BYTES = 7;
const TAG_BYTES = 16;
const LEAST_BYTES = 1024;
const LABEL = new TextEncoder().encode("callbox/e2ee/1/file\0");
