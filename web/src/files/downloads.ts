// Files on their way down: opened chunk by chunk as they come, and gone on
// with where the network broke off. Only the chunk under way is in memory; the
// opened ones are blobs, which browsers may keep on the disk.

import { chunkCount, fileCipher, FileDamaged, openChunk, sealedSpan } from "@/crypto/file";
import { type SealedFile, secretOf } from "@/crypto/file-content";
import { RequestError } from "@/lib/api";
import type { FileId } from "@/protocol/wire";

import type { FetchFailure } from "./messages";

/** What a download needs of the world. */
export interface DownloadUser {
  /** The sealed bytes from one to before another. */
  open(
    file: FileId,
    from: number,
    to: number,
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  pause(ms: number): Promise<void>;
  progress(part: number): void;
}

/** A file did not come down. */
export class FetchFailed extends Error {
  readonly reason: FetchFailure;

  constructor(reason: FetchFailure, cause: unknown) {
    super(reason, { cause });
    this.name = "FetchFailed";
    this.reason = reason;
  }
}

/** Fetches and opens a file; the blob has this type, which must be on the list. */
export async function fetchFile(
  file: SealedFile,
  type: string,
  user: DownloadUser,
  signal: AbortSignal,
): Promise<Blob> {
  const parts: Blob[] = [];
  const count = chunkCount(file.size);
  let failures = 0;
  while (parts.length < count) {
    const before = parts.length;
    try {
      for await (const part of openedChunks(file, before, count, user, signal)) {
        parts.push(new Blob([part]));
        user.progress(parts.length / count);
      }
    } catch (error) {
      if (signal.aborted) throw error;
      failures = parts.length > before ? 1 : failures + 1;
      if (error instanceof FileDamaged) throw new FetchFailed("damaged", error);
      if (error instanceof RequestError && error.code === "not_found") {
        throw new FetchFailed("gone", error);
      }
      if (failures >= TRIES) throw new FetchFailed("offline", error);
      await user.pause(PAUSE_MS * 2 ** failures);
    }
  }
  return new Blob(parts, { type });
}

/** The opened chunks of a file from one to before another. */
export async function* openedChunks(
  file: SealedFile,
  first: number,
  beyond: number,
  user: Pick<DownloadUser, "open">,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const cipher = await fileCipher(secretOf(file), file.size);
  const [from] = sealedSpan(file.size, first);
  const [, end] = sealedSpan(file.size, beyond - 1);
  const stream = (await user.open(file.id, from, end, signal)).getReader();
  try {
    let rest = new Uint8Array(0);
    for (let index = first; index < beyond; index += 1) {
      const [from, to] = sealedSpan(file.size, index);
      const sealed = new Uint8Array(to - from);
      let filled = 0;
      while (filled < sealed.length) {
        if (rest.length === 0) {
          const { value, done } = await stream.read();
          if (done) throw new RequestError("offline", "the answer broke off");
          rest = value;
        }
        const taken = rest.subarray(0, sealed.length - filled);
        sealed.set(taken, filled);
        filled += taken.length;
        rest = rest.subarray(taken.length);
      }
      yield await openChunk(cipher, index, sealed);
    }
  } finally {
    await stream.cancel().catch(() => {});
  }
}

const TRIES = 5;
const PAUSE_MS = 400;
