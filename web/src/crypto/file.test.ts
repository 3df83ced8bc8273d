// @vitest-environment node
import { describe, expect, it } from "vitest";

import { fromBase64Url } from "@/lib/base64";
import { FILE_BYTES, FILE_CHUNK } from "@/protocol/wire";

import vectors from "../../../tests/data/e2ee/file.json";

import {
  chunkCount,
  type FileCipher,
  fileCipher,
  FileDamaged,
  newFileSecret,
  openChunk,
  paddedSize,
  sealChunk,
  sealedSpan,
} from "./file";

/** The content that the vectors are about. */
function content(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => (i * 7 + 13) % 251);
}

async function sealAll(cipher: FileCipher, bytes: Uint8Array<ArrayBuffer>) {
  const chunks = [];
  for (let i = 0; i < chunkCount(bytes.length); i += 1) {
    chunks.push(await sealChunk(cipher, i, bytes.slice(i * FILE_CHUNK, (i + 1) * FILE_CHUNK)));
  }
  return chunks;
}

async function sealedFile(size: number) {
  const secret = newFileSecret();
  const cipher = await fileCipher(secret, size);
  return { secret, cipher, chunks: await sealAll(cipher, content(size)) };
}

const bytes = (text: string) => Uint8Array.from(fromBase64Url(text)!);

describe("a sealed file", () => {
  it.each(vectors)("of $size bytes is what the vector says", async (vector) => {
    const secret = { key: bytes(vector.key), prefix: bytes(vector.prefix) };
    const cipher = await fileCipher(secret, vector.size);
    const chunks = await sealAll(cipher, content(vector.size));
    const blob = new Uint8Array(await new Blob(chunks).arrayBuffer());
    expect(paddedSize(vector.size)).toBe(vector.padded);
    expect(blob.length).toBe(vector.sealed);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", blob));
    expect(hash).toEqual(bytes(vector.sha256));
    const opened = await Promise.all(chunks.map((chunk, i) => openChunk(cipher, i, chunk)));
    const whole = new Uint8Array(await new Blob(opened).arrayBuffer());
    expect(whole.length === vector.size && whole.every((b, i) => b === (i * 7 + 13) % 251)).toBe(
      true,
    );
  });

  it("lies in the blob chunk after chunk", async () => {
    const size = 2 * FILE_CHUNK + 5;
    const { chunks } = await sealedFile(size);
    let end = 0;
    chunks.forEach((chunk, i) => {
      expect(sealedSpan(size, i)).toEqual([end, end + chunk.length]);
      end += chunk.length;
    });
    expect(end).toBe(paddedSize(size) + 16 * chunks.length);
  });

  it("hides its size at little cost", () => {
    expect([0, 1, 1024].map(paddedSize)).toEqual([1024, 1024, 1024]);
    for (const size of [1025, 4097, 65_537, 1_000_001, FILE_BYTES - 1, FILE_BYTES]) {
      const padded = paddedSize(size);
      expect(padded).toBeGreaterThanOrEqual(size);
      expect(padded).toBeLessThan(size * 1.12 + 1);
      expect(padded).toBeLessThanOrEqual(FILE_BYTES);
      expect(paddedSize(padded)).toBe(padded);
    }
  });
});

describe("E21: what was changed on the way is refused", () => {
  const size = 3 * FILE_CHUNK + 9;

  it("chunks swapped, moved or repeated", async () => {
    const { cipher, chunks } = await sealedFile(size);
    await expect(openChunk(cipher, 0, chunks[1]!)).rejects.toThrow(FileDamaged);
    await expect(openChunk(cipher, 1, chunks[0]!)).rejects.toThrow(FileDamaged);
    await expect(openChunk(cipher, 2, chunks[1]!)).rejects.toThrow(FileDamaged);
  });

  it("a file cut at a chunk, or with a chunk more", async () => {
    const { secret, cipher, chunks } = await sealedFile(3 * FILE_CHUNK);
    const shorter = await fileCipher(secret, 2 * FILE_CHUNK);
    await expect(openChunk(shorter, 0, chunks[0]!)).rejects.toThrow(FileDamaged);
    await expect(openChunk(shorter, 1, chunks[1]!)).rejects.toThrow(FileDamaged);
    const more = chunkCount(3 * FILE_CHUNK);
    await expect(openChunk(cipher, more, chunks[0]!)).rejects.toThrow("no such chunk");
    await expect(sealChunk(cipher, more, new Uint8Array())).rejects.toThrow("no such chunk");
    for (const index of [-1, 0.5, Number.NaN]) {
      await expect(openChunk(cipher, index, chunks[0]!)).rejects.toThrow("no such chunk");
    }
  });

  it("a chunk sealed as the last that is not, and the other way round", async () => {
    const { cipher } = await sealedFile(size);
    const part = content(FILE_CHUNK);
    // The same secret and number, but in a file that ends there.
    const ending = { ...cipher, size: FILE_CHUNK };
    const last = await sealChunk(ending, 0, part);
    const first = await sealChunk(cipher, 0, part);
    await expect(openChunk(cipher, 0, last)).rejects.toThrow(FileDamaged);
    await expect(openChunk(ending, 0, first)).rejects.toThrow(FileDamaged);
  });

  it("every flipped bit of a short file's edges, and every truncation", async () => {
    const { cipher, chunks } = await sealedFile(40);
    const chunk = chunks[0]!;
    for (const at of [0, 39, 40, 1023, 1024, 1039]) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = chunk.slice();
        changed[at]! ^= 1 << bit;
        await expect(openChunk(cipher, 0, changed)).rejects.toThrow(FileDamaged);
      }
    }
    for (const length of [0, 15, 16, 1039]) {
      await expect(openChunk(cipher, 0, chunk.slice(0, length))).rejects.toThrow("length");
    }
    const longer = new Uint8Array([...chunk, 0]);
    await expect(openChunk(cipher, 0, longer)).rejects.toThrow("length");
  });

  it("another true size within the same padded one", async () => {
    const { secret, chunks } = await sealedFile(40);
    for (const size of [39, 41, 1024]) {
      const other = await fileCipher(secret, size);
      await expect(openChunk(other, 0, chunks[0]!)).rejects.toThrow(FileDamaged);
    }
  });

  it("padding that carries something", async () => {
    const { secret, cipher } = await sealedFile(40);
    const fuller = new Uint8Array(1024).fill(7);
    const key = await crypto.subtle.importKey("raw", secret.key, "AES-GCM", false, ["encrypt"]);
    const iv = new Uint8Array([...secret.prefix, 0, 0, 0, 0, 1]);
    const label = new TextEncoder().encode("callbox/e2ee/1/file\0");
    const additionalData = new Uint8Array([...label, 0, 0, 0, 0, 0, 0, 0, 40]);
    const sealed = await crypto.subtle.encrypt(
      { name: "AES-GCM", iv, additionalData },
      key,
      fuller,
    );
    await expect(openChunk(cipher, 0, new Uint8Array(sealed))).rejects.toThrow("not zeros");
  });

  it("a file that changed while it was read", async () => {
    const { cipher } = await sealedFile(size);
    await expect(sealChunk(cipher, 0, content(FILE_CHUNK - 1))).rejects.toThrow("has changed");
  });

  it("secrets and sizes that cannot be", async () => {
    const secret = newFileSecret();
    for (const size of [-1, 0.5, FILE_BYTES + 1, Number.NaN, 2 ** 60]) {
      await expect(fileCipher(secret, size)).rejects.toThrow(FileDamaged);
    }
    const short = { ...secret, key: secret.key.slice(1) };
    await expect(fileCipher(short, 1)).rejects.toThrow(FileDamaged);
  });
});
