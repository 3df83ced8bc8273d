// Files on their way up: sealed into the staging first, then sent chunk by
// chunk, one file after the other. Without a network they wait; after a reload
// they go on. What the server refuses fails, and can be tried again.

import { chunkCount, fileCipher, newFileSecret, paddedSize, sealChunk } from "@/crypto/file";
import { type FileReference, type SealedFile, secretOf, writtenSecret } from "@/crypto/file-content";
import { fromBase64Url } from "@/lib/base64";
import { type FailureCode, RequestError } from "@/lib/api";
import { cleanName } from "@/lib/file-name";
import { shownType } from "@/lib/file-types";
import { FILE_CHUNK, type FileId } from "@/protocol/wire";

import type { FilesApi } from "./api";
import { newFileId } from "./id";
import type { Chosen, Order, Report, UploadState, UploadStep } from "./messages";
import type { Job, Staging } from "./staging";

/** What uploads need of the world. */
export interface UploadsUser {
  readonly api: FilesApi;
  readonly staging: Staging;
  report(report: Report): void;
  /** Makes an upload this worker's alone, until released; null when another has it. */
  claim(id: FileId): Promise<(() => void) | null>;
  /** Waits so long. */
  pause(ms: number): Promise<void>;
}

interface Running {
  state: UploadState;
  readonly abort: AbortController;
  release: () => void;
}

/** The uploads of an account in this worker. */
export class Uploads {
  readonly #user: UploadsUser;
  readonly #running = new Map<FileId, Running>();
  #sealing: Promise<unknown> = Promise.resolve();
  #queue: Promise<void> = Promise.resolve();
  /** Given up, but not yet removed on the server. */
  readonly #cancelled = new Map<FileId, Job>();
  /** Ends the pause under way. */
  #wake: () => void = () => {};

  constructor(user: UploadsUser) {
    this.#user = user;
  }

  /** Goes on with what an earlier page has left. */
  async restore(): Promise<void> {
    const jobs = await this.#user.staging.jobs();
    for (const job of jobs.toSorted((a, b) => a.written - b.written)) {
      if (job.cancelled) {
        this.#cancelled.set(job.id, job);
        continue;
      }
      const release = await this.#user.claim(job.id);
      if (!release) continue;
      this.#begin({ ...job, progress: 0, step: { type: "queued" } }, release);
      this.#enqueue(job.id);
    }
  }

  /** Clears away what an earlier page has left behind: half a sealed file, blobs of an upload that was given up. */
  async sweep(): Promise<void> {
    for (const id of await this.#user.staging.strays()) {
      const release = await this.#user.claim(id);
      // Another page may be sealing it right now, or have come to its end meanwhile.
      if (release && !(await this.keeps(id))) await this.#user.staging.forget(id);
      release?.();
    }
    await this.#removeCancelled();
  }

  /** Whether an upload will be reported again after a reload. */
  keeps(id: FileId): Promise<boolean> {
    return this.#user.staging.has(id);
  }

  /** Takes a file on. They are sent in the order in which they were added, whatever their size. */
  async add(order: Extract<Order, { type: "add" }>): Promise<void> {
    const prepared = this.#sealing.then(() => this.#prepare(order));
    this.#sealing = prepared;
    this.#queue = this.#queue.then(async () => {
      if (await prepared) await this.#send(order.id);
    });
    await prepared;
  }

  /** Seals a file into the staging; false when there is nothing to send. */
  async #prepare(order: Extract<Order, { type: "add" }>): Promise<boolean> {
    const { id, conversation, caption, written, chosen } = order;
    const release = (await this.#user.claim(id)) ?? (() => {});
    const file = reference(id, chosen);
    const job: Job = { id, conversation, caption, written, file };
    const running = this.#begin({ ...job, progress: 0, step: { type: "preparing" } }, release);
    try {
      if (file.thumbnail && chosen.thumbnail) await this.#seal(running, file.thumbnail, chosen.thumbnail);
      await this.#seal(running, file, chosen.content);
      await this.#user.staging.put(job);
    } catch {
      // The file has gone or changed under us, or there is no room for it on this device.
      await this.#user.staging.forget(id).catch(() => {});
      this.#step(id, { type: "failed", code: "too_large" });
      return false;
    }
    if (running.abort.signal.aborted) {
      await this.#user.staging.forget(id);
      return false;
    }
    this.#step(id, { type: "queued" });
    return true;
  }

  /** Gives an upload up, here and on the server. */
  async cancel(id: FileId): Promise<void> {
    const running = this.#running.get(id);
    if (!running) return;
    running.abort.abort();
    this.#end(id);
    const { conversation, caption, file, written } = running.state;
    const job: Job = { id, conversation, caption, file, written };
    this.#cancelled.set(id, job);
    // Noted first: what is whole on the server stays in the quota until it is removed there.
    await this.#user.staging.cancel(job).catch(() => {});
    await this.#removeCancelled();
  }

  /** Tries again what had failed. */
  retry(id: FileId): void {
    if (this.#running.get(id)?.state.step.type !== "failed") return;
    this.#step(id, { type: "queued" });
    this.#enqueue(id);
  }

  /** Its message is on its way. */
  async forget(id: FileId): Promise<void> {
    await this.#user.staging.forget(id);
    this.#end(id);
  }

  /** The network may be back. */
  wake(): void {
    this.#wake();
    void this.#removeCancelled();
  }

  /** What cannot be removed now is tried again on the next occasion. */
  async #removeCancelled(): Promise<void> {
    for (const { id, file } of [...this.#cancelled.values()]) {
      try {
        for (const blob of blobs(file)) await this.#user.api.remove(blob.id).catch(unlessGone);
        await this.#user.staging.forget(id);
        this.#cancelled.delete(id);
      } catch {
        continue;
      }
    }
  }

  #enqueue(id: FileId): void {
    this.#queue = this.#queue.then(() => this.#send(id));
  }

  async #seal(running: Running, blob: SealedFile, content: Blob): Promise<void> {
    const cipher = await fileCipher(secretOf(blob), blob.size);
    const count = chunkCount(blob.size);
    for (let index = 0; index < count; index += 1) {
      if (running.abort.signal.aborted) throw new Error("given up");
      const from = index * FILE_CHUNK;
      const part = new Uint8Array(await content.slice(from, from + FILE_CHUNK).arrayBuffer());
      const sealed = await sealChunk(cipher, index, part);
      await this.#user.staging.putChunk(running.state.id, blob.id, index, sealed);
    }
  }

  async #send(id: FileId): Promise<void> {
    const running = this.#running.get(id);
    if (!running) return;
    let failures = 0;
    while (!running.abort.signal.aborted) {
      this.#step(id, { type: "sending" });
      const before = running.state.progress;
      try {
        await this.#sendBlobs(running);
        this.#step(id, { type: "sent" });
        return;
      } catch (error) {
        if (running.abort.signal.aborted) return;
        const { code, wait } = judged(error);
        if (wait === null) {
          this.#step(id, { type: "failed", code });
          return;
        }
        failures = running.state.progress > before ? 1 : failures + 1;
        this.#step(id, { type: "waiting" });
        const woken = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        await Promise.race([this.#user.pause(Math.max(wait, backoff(failures))), woken]);
      }
    }
  }

  async #sendBlobs(running: Running): Promise<void> {
    const { file } = running.state;
    const all = blobs(file).reduce((sum, blob) => sum + chunkCount(blob.size), 0);
    let done = 0;
    const progress = (chunks: number) => {
      done += chunks;
      this.#put({ ...running.state, progress: done / all });
    };
    for (const blob of blobs(file)) await this.#sendBlob(running, blob, progress);
  }

  async #sendBlob(
    running: Running,
    blob: SealedFile,
    progress: (chunks: number) => void,
  ): Promise<void> {
    const { api, staging } = this.#user;
    const { id: job, conversation } = running.state;
    const { signal } = running.abort;
    const chunks = chunkCount(blob.size);
    const wanted = { id: blob.id, size: paddedSize(blob.size), chunks };
    const { finished, have } = await api.create(conversation, wanted, signal);
    if (finished) {
      progress(chunks);
      return;
    }
    const there = fromBase64Url(have) ?? new Uint8Array();
    const missing = Array.from({ length: chunks }, (_, i) => i).filter(
      (i) => ((there[i >> 3] ?? 0) & (1 << (i & 7))) === 0,
    );
    progress(chunks - missing.length);
    const lane = async () => {
      for (let index = missing.shift(); index !== undefined; index = missing.shift()) {
        const sealed = await staging.chunk(job, blob.id, index);
        await api.putChunk(blob.id, index, sealed, signal).catch(anew);
        progress(1);
      }
    };
    // All lanes have ended before anything is tried again.
    const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane));
    const failed = lanes.find((lane) => lane.status === "rejected");
    if (failed) throw failed.reason;
    await api.finish(blob.id, signal).catch(anew);
  }

  #begin(state: UploadState, release: () => void): Running {
    const running = { state, abort: new AbortController(), release };
    this.#running.set(state.id, running);
    this.#put(state);
    return running;
  }

  #step(id: FileId, step: UploadStep): void {
    const running = this.#running.get(id);
    if (running) this.#put({ ...running.state, step });
  }

  #put(state: UploadState): void {
    const running = this.#running.get(state.id);
    if (!running || running.abort.signal.aborted) return;
    running.state = state;
    this.#user.report({ type: "upload", upload: state });
  }

  #end(id: FileId): void {
    this.#running.get(id)?.release();
    this.#running.delete(id);
    this.#user.report({ type: "gone", id });
  }
}

/** What will be said of a file, with secrets that nothing was sealed under yet. */
function reference(id: FileId, chosen: Chosen): FileReference {
  const { content, name, width, height, duration, thumbnail } = chosen;
  const small = thumbnail && {
    id: newFileId(),
    size: thumbnail.size,
    type: shownType(thumbnail.type),
    ...writtenSecret(newFileSecret()),
  };
  return {
    id,
    size: content.size,
    ...writtenSecret(newFileSecret()),
    name: cleanName(name),
    type: shownType(chosen.type),
    width,
    height,
    duration,
    thumbnail: small,
  };
}

/** What has to be on the server: the small one first, as whoever reads will want it first. */
function blobs(file: FileReference): SealedFile[] {
  return file.thumbnail ? [file.thumbnail, file] : [file];
}

/** An upload that nobody went on with for long is gone on the server, and can begin anew. */
function anew(error: unknown): never {
  if (!(error instanceof RequestError) || error.code !== "not_found") throw error;
  throw new RequestError("unavailable", "the upload is gone", 0, error);
}

/** What is not on the server need not be removed. */
function unlessGone(error: unknown): void {
  if (!(error instanceof RequestError) || error.code !== "not_found") throw error;
}

/** Whether an error is worth waiting for its end, and how long at least. */
function judged(error: unknown): { code: FailureCode; wait: number | null } {
  if (!(error instanceof RequestError)) return { code: "unavailable", wait: null };
  const { code, retry_ms } = error;
  const passes = code === "offline" || code === "rate_limited" || code === "unavailable";
  return { code, wait: passes ? (retry_ms ?? 0) : null };
}

function backoff(failures: number): number {
  return Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** failures);
}

/** Chunks under way at once. */
const LANES = 3;
const PAUSE_MS = 500;
const PAUSE_MAX_MS = 30_000;
