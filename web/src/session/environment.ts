// What the session needs from the browser, in one place, so that tests can
// stand in for it. Timers are the global ones.

import { type FilesWorker, type Report, startFilesWorker } from "@/files";
import type { AccountId } from "@/protocol/wire";
import { type Sink, workerSink } from "@/search";

/** The part of a WebSocket that is used. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason?: string }) => void) | null;
  onerror: (() => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

/** Why the connection is worth a look now. */
export type Wake = "online" | "offline" | "visible";

/** The world around a session. */
export interface Environment {
  /** Opens a WebSocket to the server this page came from. */
  connect(): Socket;
  /** Asks the server's HTTP API, such as GET `/session`, and reads the answer's JSON. */
  http(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<{ status: number; json: unknown }>;
  /** Does some work while nobody else of this browser does work under the same name. */
  lock<T>(name: string, work: () => Promise<T>): Promise<T>;
  now(): number;
  /** From 0 to below 1. */
  random(): number;
  onWake(listener: (wake: Wake) => void): () => void;
  /** Where the searchable messages of an account are kept. */
  searchable(account: AccountId): Sink;
  /** Starts what sends and fetches the files of an account. */
  files(account: AccountId, heard: (report: Report) => void): FilesWorker;
}

/** The browser's own. */
export function browserEnvironment(subprotocol: string): Environment {
  return {
    connect() {
      const scheme = location.protocol === "https:" ? "wss:" : "ws:";
      return new WebSocket(`${scheme}//${location.host}/ws`, subprotocol) as Socket;
    },
    async http(method, path, body) {
      const init: RequestInit = { method, credentials: "same-origin", cache: "no-store", headers: { "X-Callbox": "1" } };
      if (method !== "GET") {
        init.headers = { "X-Callbox": "1", "content-type": "application/json" };
        init.body = JSON.stringify(body ?? {});
      }
      const response = await fetch(`/api/v1${path}`, init);
      return { status: response.status, json: (await response.json().catch(() => null)) as unknown };
    },
    lock: (name, work) => navigator.locks.request(name, work),
    now: () => Date.now(),
    random: () => Math.random(),
    searchable: workerSink,
    files: startFilesWorker,
    onWake(listener) {
      const online = () => listener("online");
      const offline = () => listener("offline");
      const visible = () => {
        if (document.visibilityState === "visible") listener("visible");
      };
      addEventListener("online", online);
      addEventListener("offline", offline);
      document.addEventListener("visibilitychange", visible);
      return () => {
        removeEventListener("online", online);
        removeEventListener("offline", offline);
        document.removeEventListener("visibilitychange", visible);
      };
    },
  };
}
