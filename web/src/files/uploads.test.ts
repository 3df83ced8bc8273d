// @vitest-environment node
import "fake-indexeddb/auto";

import { describe, expect, it, vi } from "vitest";

import { chunkCount, fileCipher, openChunk } from "@/crypto/file";
import { secretOf } from "@/crypto/file-content";
import { RequestError } from "@/lib/api";
import { toBase64Url } from "@/lib/base64";
import type { AccountId, Blob as Bytes, ConversationId, CreateFile, FileId, Upload } from "@/protocol/wire";
import { FILE_CHUNK } from "@/protocol/wire";

import { fetchFile } from "./downloads";
import { newFileId } from "./id";
import type { Chosen, Report, UploadState } from "./messages";
import { openStaging } from "./staging";
import { Uploads } from "./uploads";

const conversation = "c" as ConversationId;

/** A server that keeps chunks, and fails when told to. */
class FakeFiles {
  readonly files = new Map<FileId, { chunks: Map<number, Uint8Array<ArrayBuffer>>; all: number; finished: boolean }>();
  puts = 0;
  fail: () => RequestError | null = () => null;

  readonly create = async (conversation: ConversationId, { id, size, chunks }: CreateFile): Promise<Upload> => {
    this.#mayFail();
    const file = this.files.get(id) ?? { chunks: new Map(), all: chunks, finished: false };
    this.files.set(id, file);
    const have = new Uint8Array(Math.ceil(chunks / 8));
    for (const index of file.chunks.keys()) have[index >> 3]! |= 1 << (index & 7);
    const { finished } = file;
    return { id, conversation, size, chunks, finished, have: toBase64Url(have) as Bytes };
  };
  readonly putChunk = async (id: FileId, index: number, sealed: Uint8Array<ArrayBuffer>) => {
    this.#mayFail();
    const file = this.files.get(id);
    if (!file) throw new RequestError("not_found", "gone");
    const there = file.chunks.get(index);
    if (there) expect(same(sealed, there)).toBe(true);
    file.chunks.set(index, sealed.slice());
    this.puts += 1;
  };
  readonly finish = async (id: FileId) => {
    this.#mayFail();
    const file = this.files.get(id);
    if (file?.chunks.size !== file?.all || !file) throw new RequestError("conflict", "not whole");
    file.finished = true;
  };
  readonly remove = async (id: FileId) => void this.files.delete(id);

  #mayFail(): void {
    const error = this.fail();
    if (error) throw error;
  }
}

async function world(account = newFileId() as string as AccountId, api = new FakeFiles()) {
  const states = new Map<FileId, UploadState>();
  const report = (report: Report) => {
    if (report.type === "upload") states.set(report.upload.id, report.upload);
    if (report.type === "gone") states.delete(report.id);
  };
  const staging = await openStaging(account);
  const pauses: number[] = [];
  const pause = async (ms: number) => void pauses.push(ms);
  const claim = async () => () => {};
  const user = { api, staging, report, claim, pause };
  const uploads = new Uploads(user);
  return { account, api, states, uploads, staging, pauses, user };
}

function chosen(size: number, thumbnail: Blob | null = null): Chosen {
  const content = new Blob([Uint8Array.from({ length: size }, (_, i) => i % 251)]);
  return { content, name: "a.bin", type: "", width: null, height: null, duration: null, thumbnail };
}

/** Quicker than comparing element by element for a difference to show. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

const add = (id: FileId, chosen: Chosen) =>
  ({ type: "add", id, conversation, caption: "Look", written: 1, chosen }) as const;

async function sent(states: Map<FileId, UploadState>, id: FileId): Promise<UploadState> {
  await vi.waitFor(() => expect(states.get(id)?.step.type).toBe("sent"));
  return states.get(id)!;
}

/** What the server has, opened as its reader would. */
async function opened(api: FakeFiles, { file }: UploadState): Promise<Uint8Array<ArrayBuffer>> {
  const cipher = await fileCipher(secretOf(file), file.size);
  const parts = [];
  for (let i = 0; i < chunkCount(file.size); i += 1) {
    parts.push(await openChunk(cipher, i, api.files.get(file.id)!.chunks.get(i)!));
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

describe("an upload", () => {
  const size = 5 * FILE_CHUNK + 100;

  it("brings a file and its small picture to the server", async () => {
    const { api, states, uploads } = await world();
    const id = newFileId();
    const content = chosen(size, new Blob(["small"], { type: "image/webp" }));
    await uploads.add(add(id, content));
    const state = await sent(states, id);
    expect(same(await opened(api, state), new Uint8Array(await content.content.arrayBuffer()))).toBe(true);
    expect([...api.files.values()].map(({ finished }) => finished)).toEqual([true, true]);
    expect(state.file.thumbnail).toMatchObject({ size: 5, type: "image/webp" });
  });

  it("comes after those that were added before it", async () => {
    const { api, states, uploads } = await world();
    const ids = [size, 10, FILE_CHUNK].map((size) => ({ id: newFileId(), size }));
    await Promise.all(ids.map(({ id, size }) => uploads.add(add(id, chosen(size)))));
    for (const { id } of ids) await sent(states, id);
    expect([...api.files.keys()]).toEqual(ids.map(({ id }) => id));
  });

  it("waits while there is no network, longer each time, and goes on where it was", async () => {
    const { api, states, uploads, pauses } = await world();
    let calls = 0;
    api.fail = () => (++calls > 4 && calls < 9 ? new RequestError("offline", "") : null);
    const id = newFileId();
    await uploads.add(add(id, chosen(size)));
    await sent(states, id);
    expect(api.puts).toBe(chunkCount(size));
    expect(pauses.length).toBeGreaterThan(0);
    expect(pauses.every((ms) => ms >= 1000 && ms <= 30_000)).toBe(true);
  });

  it("goes on after a reload with the very same bytes, without the file", async () => {
    const first = await world();
    first.api.fail = () => (first.api.puts >= 3 ? new RequestError("forbidden", "") : null);
    const id = newFileId();
    const content = chosen(size);
    await first.uploads.add(add(id, content));
    await vi.waitFor(() => expect(first.states.get(id)?.step.type).toBe("failed"));

    first.api.fail = () => null;
    const second = await world(first.account, first.api);
    await second.uploads.restore();
    const state = await sent(second.states, id);
    expect(state.caption).toBe("Look");
    expect(first.api.puts).toBe(chunkCount(size));
    expect(same(await opened(first.api, state), new Uint8Array(await content.content.arrayBuffer()))).toBe(true);
    await second.uploads.forget(id);
    expect(await second.staging.jobs()).toEqual([]);
  });

  it("begins anew when the server has dropped it", async () => {
    const { api, states, uploads } = await world();
    let dropped = false;
    api.fail = () => {
      if (api.puts === 3 && !dropped) {
        dropped = true;
        api.files.clear();
      }
      return null;
    };
    const id = newFileId();
    await uploads.add(add(id, chosen(size)));
    const state = await sent(states, id);
    expect((await opened(api, state)).length).toBe(size);
  });

  it("H80: fails when the quota is used up, and can be tried again", async () => {
    const { api, states, uploads } = await world();
    api.fail = () => new RequestError("quota_exceeded", "");
    const id = newFileId();
    await uploads.add(add(id, chosen(10)));
    await vi.waitFor(() => expect(states.get(id)?.step).toEqual({ type: "failed", code: "quota_exceeded" }));
    api.fail = () => null;
    uploads.retry(id);
    await sent(states, id);
  });

  it("H80: leaves nothing behind when it is stopped", async () => {
    const { api, states, uploads, staging } = await world();
    const id = newFileId();
    let stopped: Promise<void> | undefined;
    api.fail = () => {
      if (api.puts === 2) stopped ??= uploads.cancel(id);
      return null;
    };
    await uploads.add(add(id, chosen(size)));
    await vi.waitFor(() => expect(stopped).toBeDefined());
    await stopped;
    await vi.waitFor(() => expect(api.files.has(id)).toBe(false));
    expect(states.has(id)).toBe(false);
    expect(await staging.jobs()).toEqual([]);
  });

  it("H80: is removed on the server later when it was given up without a network", async () => {
    const first = await world();
    const id = newFileId();
    await first.uploads.add(add(id, chosen(size, new Blob(["small"], { type: "image/webp" }))));
    await sent(first.states, id);
    const { api } = first;
    const remove = vi.fn(async () => Promise.reject(new RequestError("offline", "")));
    const without = new Uploads({ ...first.user, api: { ...api, remove } as unknown as FakeFiles });
    await without.restore();
    await without.cancel(id);
    expect([api.files.size, await first.staging.strays()]).toEqual([2, []]);

    const second = await world(first.account, api);
    await second.uploads.restore();
    await second.uploads.sweep();
    expect([api.files.size, second.states.size, await second.staging.jobs()]).toEqual([0, 0, []]);
  });

  it("leaves no chunks behind on this device when the page ended while it was sealed", async () => {
    const { account, api, staging } = await world();
    await staging.putChunk(newFileId(), newFileId(), 0, new Uint8Array(10));
    const second = await world(account, api);
    expect(await second.staging.strays()).toHaveLength(1);
    await second.uploads.sweep();
    expect(await second.staging.strays()).toEqual([]);
  });

  it("comes down again, also when the network breaks off in the middle", async () => {
    const { api, states, uploads } = await world();
    const id = newFileId();
    await uploads.add(add(id, chosen(size)));
    const { file } = await sent(states, id);
    const chunks = [...api.files.get(id)!.chunks].sort(([a], [b]) => a - b).map(([, chunk]) => chunk);
    const blob = new Uint8Array(await new Blob(chunks).arrayBuffer());
    let opens = 0;
    const open = async (_: FileId, from: number, to: number) => {
      opens += 1;
      // Pieces that fit no chunk, and an end too early the first time.
      const pieces = [];
      for (let at = from; at < to; at += 100_001) pieces.push(blob.slice(at, Math.min(to, at + 100_001)));
      return new Blob(opens === 1 ? pieces.slice(0, 8) : pieces).stream() as ReadableStream<Uint8Array<ArrayBuffer>>;
    };
    const user = { open, pause: async () => {}, progress: () => {} };
    const content = await fetchFile(file, "image/png", user, new AbortController().signal);
    expect([content.size, content.type, opens]).toEqual([size, "image/png", 2]);
    blob[700_000]! ^= 1;
    const damaged = fetchFile(file, "image/png", user, new AbortController().signal);
    await expect(damaged).rejects.toMatchObject({ reason: "damaged" });
  });
});
