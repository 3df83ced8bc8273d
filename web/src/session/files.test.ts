// @vitest-environment node
import { describe, expect, test, vi } from "vitest";

import type { FilesApi } from "@/files/api";
import { Uploads } from "@/files/uploads";
import { MemoryStaging, type Staging } from "@/files/staging";
import type { FilesWorker, Order, Report } from "@/files";
import type { AccountId, Blob as Bytes, ConversationId, EnvelopeId, FileId, Upload } from "@/protocol/wire";

import { Files } from "./files";
import { Outbox } from "./outbox";
import { MemoryStorage, type Storage } from "./storage";

const conversation = "c" as ConversationId;

/** A page that ends before its `life`-th access to what outlives it; from then on nothing of it goes on. */
class Page {
  #life: number;
  ended = false;

  constructor(life: number) {
    this.#life = life;
  }

  lend<T extends object>(thing: T): T {
    return new Proxy(thing, {
      get: (target, name) => {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== "function") return member;
        return async (...args: unknown[]) => {
          if (this.ended || this.#life-- <= 0) {
            this.ended = true;
            return new Promise(() => {});
          }
          const answer: unknown = await Reflect.apply(member, target, args);
          return this.ended ? new Promise(() => {}) : answer;
        };
      },
    });
  }
}

/** What outlives pages: this device's databases and the server. */
class World {
  readonly storage: Storage = new MemoryStorage();
  readonly staging: Staging = new MemoryStaging();
  readonly blobs = new Set<FileId>();
  readonly messages = new Map<EnvelopeId, string>();
  #sealed = 0;

  readonly api: FilesApi = {
    create: async (conversation, { id, size, chunks }): Promise<Upload> => {
      this.blobs.add(id);
      return { id, conversation, size, chunks, finished: true, have: "" as Bytes };
    },
    putChunk: async () => {},
    finish: async () => {},
    remove: async (id) => void this.blobs.delete(id),
  };

  readonly server = {
    send: async (envelope: Bytes) => {
      this.messages.set(envelope as string as EnvelopeId, envelope);
      return { type: "sent", id: envelope as string as EnvelopeId, seq: this.messages.size, time: 0 } as const;
    },
  };

  /** Nothing waits on this device. */
  async quiet(): Promise<boolean> {
    const waiting = [await this.storage.messages(), await this.staging.jobs(), await this.staging.strays()];
    return waiting.every(({ length }) => length === 0);
  }

  async done(): Promise<boolean> {
    return this.messages.size > 0 && (await this.quiet());
  }

  open(life = Infinity) {
    const page = new Page(life);
    const storage = page.lend(this.storage);
    const staging = page.lend(this.staging);
    const server = page.lend(this.server);
    let files: Files | undefined;
    const outbox = new Outbox(
      {
        online: () => !page.ended,
        seal: async () => {
          const id = `envelope-${(this.#sealed += 1)}`;
          return { id: id as EnvelopeId, envelope: id as Bytes };
        },
        send: async (envelope) => {
          const reply = await server.send(envelope);
          setTimeout(() => outbox.arrived(reply.id), 0);
          return reply;
        },
        confirmed: async () => {},
        mend: async () => null,
        abandon: async () => {},
        alone: (_, work) => work(),
        held: async (file) => (await files?.keeps(file.id)) ?? false,
        unsaid: () => {},
        holds: () => false,
        now: () => 0,
      },
      storage,
    );
    files = new Files({
      account: "a" as AccountId,
      start: (heard) => startWorker(staging, page.lend(this.api), heard),
      send: ({ conversation, caption, file }) => outbox.addFile(conversation, caption, file),
      ready: () => outbox.flush(),
      erase: async () => {},
      deleted: () => {},
      now: () => 0,
    });
    void outbox.restore();
    files.wake();
    return { page, files, outbox };
  }
}

/** The worker for files, without its thread. */
function startWorker(staging: Staging, api: FilesApi, heard: (report: Report) => void): FilesWorker {
  const claim = async () => () => {};
  const uploads = new Uploads({ api, staging, claim, pause: async () => {}, report: (one) => queueMicrotask(() => heard(one)) });
  // A worker takes longer to start than a message to be sent.
  const ready = turns(10).then(async () => {
    await uploads.restore();
    await uploads.sweep();
  });
  const obey = async (order: Order) => {
    if (order.type === "add") await uploads.add(order);
    if (order.type === "cancel") await uploads.cancel(order.id);
    if (order.type === "forget") await uploads.forget(order.id);
  };
  return {
    order: (order) => void ready.then(() => obey(order)),
    keeps: (id) => uploads.keeps(id),
    fetch: () => Promise.reject(new Error("not asked for")),
    stop: () => {},
  };
}

const chosen = { content: new Blob(["bytes"]), name: "a.bin", type: "", width: null, height: null, duration: null, thumbnail: null };

describe("the message about a file", () => {
  test("is sent once, wherever a page ends", { timeout: 60_000 }, async () => {
    let lives = 0;
    for (let whole = false; !whole; lives += 1) {
      const world = new World();
      const first = world.open(lives);
      await settled();
      first.files.send(conversation, chosen, "Look");
      await vi.waitFor(async () => expect(first.page.ended || (await world.done())).toBe(true), PATIENCE);
      whole = !first.page.ended;

      const second = world.open();
      await vi.waitFor(async () => expect(await world.quiet(), `after ${lives}`).toBe(true), PATIENCE);
      await settled();
      // A page that ended before the file was sealed has nothing to send.
      expect(world.messages.size, `after ${lives}`).toBe(world.blobs.size);
      expect(world.messages.size, `after ${lives}`).toBeLessThanOrEqual(1);
      if (whole) expect(world.messages.size).toBe(1);
      second.outbox.stop();
      first.outbox.stop();
    }
    expect(lives).toBeGreaterThan(10);
  });

  test("waits while its upload is still kept, and goes out when it is forgotten", async () => {
    const world = new World();
    const { files, outbox } = world.open();
    const keeps = vi.spyOn(files, "keeps").mockResolvedValue(true);
    files.send(conversation, chosen, "");
    await settled();
    expect(world.messages.size).toBe(0);
    keeps.mockResolvedValue(false);
    outbox.flush();
    await vi.waitFor(() => expect(world.messages.size).toBe(1), PATIENCE);
    outbox.stop();
  });
});

const PATIENCE = { timeout: 10_000, interval: 5 };

/** Everything that can go on without time passing has gone on. */
function settled(): Promise<void> {
  return turns(60);
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}
