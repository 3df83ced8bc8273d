// The service worker. It answers the addresses below /media/ and nothing else:
// players ask for ranges there, and get them from chunks that are fetched and
// opened as they are needed, so that a long video seeks without being loaded
// whole. Which file an address means is known to the page that made it, and to
// it alone; this worker keeps nothing. It caches no page and no script.

import type { SealedFile } from "@/crypto/file-content";
import { FILE_CHUNK } from "@/protocol/wire";

import { openSealed } from "../files/api";
import { openedChunks } from "../files/downloads";
import { MEDIA, type MediaAnswer, type MediaQuestion } from "./messages";
import { readRange } from "./range";

interface Client {
  postMessage(message: unknown, transfer: Transferable[]): void;
}

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface FetchEvent extends Event {
  readonly request: Request;
  readonly clientId: string;
  respondWith(response: Promise<Response>): void;
}

interface ServiceWorker {
  readonly clients: { claim(): Promise<void>; get(id: string): Promise<Client | undefined> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
}

const worker = self as unknown as ServiceWorker;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (origin === location.origin && pathname.startsWith(MEDIA)) {
    event.respondWith(answer(event, pathname.slice(MEDIA.length)));
  }
});

async function answer(event: FetchEvent, token: string): Promise<Response> {
  const { destination, headers, signal } = event.request;
  // Players only: opened as a page, there is nothing here.
  if (destination !== "video" && destination !== "audio") return new Response(null, { status: 404 });
  const client = await worker.clients.get(event.clientId);
  const known = client && (await ask(client, token));
  if (!known) return new Response(null, { status: 404 });
  const { file, type } = known;
  const range = readRange(headers.get("range"), file.size);
  if (!range) {
    return new Response(null, { status: 416, headers: { "content-range": `bytes */${file.size}` } });
  }
  const [first, last] = range;
  const told: Record<string, string> = {
    "content-type": type,
    "content-length": String(last - first + 1),
    "accept-ranges": "bytes",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
  };
  if (headers.has("range")) told["content-range"] = `bytes ${first}-${last}/${file.size}`;
  const body = part(file, first, last, signal);
  return new Response(body, { status: headers.has("range") ? 206 : 200, headers: told });
}

/** The opened bytes from one to another, fetched no faster than they are taken. */
function part(
  file: SealedFile,
  first: number,
  last: number,
  signal: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const abort = new AbortController();
  signal.addEventListener("abort", () => abort.abort());
  let index = Math.floor(first / FILE_CHUNK);
  const beyond = Math.floor(last / FILE_CHUNK) + 1;
  const chunks = openedSteps(file, index, beyond, abort.signal);
  return new ReadableStream(
    {
      async pull(controller) {
        const from = index * FILE_CHUNK;
        const { value, done } = await chunks.next();
        index += 1;
        if (value) controller.enqueue(value.subarray(Math.max(0, first - from), last - from + 1));
        if (done || index === beyond) controller.close();
      },
      cancel: () => abort.abort(),
    },
    { highWaterMark: 1 },
  );
}

/**
 * The opened chunks from one to before another, asked for in steps. Players ask for all that
 * follows and take a part of it; a browser that reads ahead of the taking (Firefox does, without
 * bound) reads to the end of a step, not of the file.
 */
async function* openedSteps(file: SealedFile, first: number, beyond: number, signal: AbortSignal) {
  for (let from = first; from < beyond; from += STEP) {
    const to = Math.min(from + STEP, beyond);
    yield* openedChunks(file, from, to, { open: openSealed }, signal);
  }
}

/** Asks the page what an address stands for. */
function ask(client: Client, token: string): Promise<MediaAnswer> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<MediaAnswer>) => {
      port1.close();
      resolve(data);
    };
    client.postMessage({ type: "media", token } satisfies MediaQuestion, [port2]);
    setTimeout(() => resolve(null), PATIENCE_MS);
  });
}

// A mebibyte: a second or two of video, and few questions for a whole file.
const STEP = 4;
const PATIENCE_MS = 5_000;
