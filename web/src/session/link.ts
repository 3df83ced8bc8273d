// The connection to the server and its retrying: one WebSocket at a time,
// hello first, replies matched to commands by number. It knows frames and
// closing codes, and nothing of what conversations or calls are.

import { Cell, type Readable } from "@/lib/readable";
import type { Command, CommandFrame, Event, Reply } from "@/protocol/wire";

import type { Environment, Socket, Wake } from "./environment";
import { Offline, Refused } from "./error";

/** How it stands with the connection. */
export type Status =
  | { readonly type: "connecting" }
  | { readonly type: "online" }
  | { readonly type: "offline"; readonly retryAt: number }
  /** The session has ended: sign in again; or a guest's stay is over, with the link or before it began. */
  | { readonly type: "signed_out"; readonly why: Farewell | null }
  /** The server speaks another version: reload the page. */
  | { readonly type: "outdated" };

/** Why a guest's stay is over. */
export type Farewell = "link_ended" | "turned_away";

/** Who uses a link. */
export interface LinkUser {
  /** The first command of a connection. */
  hello(): Command;
  /** Everything the server tells, except replies. `rtt` is known for `welcome` only. */
  event(event: Event, rtt: number): void;
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

/** A connection that comes back. */
export class Link {
  readonly #env: Environment;
  readonly #user: LinkUser;
  readonly #status = new Cell<Status>({ type: "connecting" });
  readonly #waiting = new Map<number, Waiting>();
  #socket: Socket | null = null;
  /** After `welcome`. */
  #live = false;
  #helloSent = 0;
  #heard = 0;
  #nextId = 1;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #stable: ReturnType<typeof setTimeout> | undefined;
  #unwake: (() => void) | undefined;

  constructor(env: Environment, user: LinkUser) {
    this.#env = env;
    this.#user = user;
  }

  get status(): Readable<Status> {
    return this.#status;
  }

  start(): void {
    this.#unwake ??= this.#env.onWake((wake) => this.#wake(wake));
    this.#open();
  }

  /** Closes for good; nothing is retried. */
  stop(): void {
    this.#unwake?.();
    this.#unwake = undefined;
    this.#drop(1000);
    clearTimeout(this.#retry);
  }

  /** Sends a command and waits for its answer. */
  request(command: Command, timeout = REPLY_MS): Promise<Reply> {
    const socket = this.#socket;
    if (!socket || !this.#live) return Promise.reject(new Offline());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Offline());
      }, timeout);
      this.#waiting.set(id, { resolve, reject, timer });
      write(socket, { id, command });
    });
  }

  /** Sends a command that may be lost. */
  tell(command: Command): void {
    if (this.#socket && this.#live) write(this.#socket, { command });
  }

  #open(): void {
    clearTimeout(this.#retry);
    if (this.#socket || this.#ended()) return;
    const socket = this.#env.connect();
    this.#socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#helloSent = this.#env.now();
      write(socket, { id: this.#nextId++, command: this.#user.hello() });
    };
    socket.onmessage = (message) => this.#read(message.data);
    socket.onclose = ({ code, reason }) => this.#closed(code, opened, reason);
    socket.onerror = null;
    // A handshake that hangs would otherwise be found only by the system, minutes later.
    this.#deadline = setTimeout(() => this.#lost(opened), WELCOME_MS);
  }

  #read(data: unknown): void {
    this.#heard = this.#env.now();
    this.#watchSilence();
    const event = parse(data);
    if (!event) return;
    switch (event.type) {
      case "welcome":
        this.#live = true;
        clearTimeout(this.#deadline);
        clearTimeout(this.#stable);
        this.#stable = setTimeout(() => (this.#attempt = 0), STABLE_MS);
        this.#user.event(event, Math.max(0, this.#heard - this.#helloSent));
        this.#status.set({ type: "online" });
        return;
      case "reply":
        this.#settle(event.id)?.resolve(event.reply);
        return;
      case "error":
        if (event.error.code === "version") this.#end({ type: "outdated" });
        else if (event.id !== null) this.#settle(event.id)?.reject(new Refused(event.error));
        return;
      default:
        this.#user.event(event, 0);
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    return waiting;
  }

  /** After some silence asks for a sign of life; gives up when none comes. */
  #watchSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#probe(PONG_MS), SILENCE_MS);
  }

  #probe(deadline: number): void {
    if (!this.#live) return;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(true), deadline);
    this.request({ type: "ping" }, deadline).catch(() => undefined);
  }

  #wake(wake: Wake): void {
    if (this.#ended()) return;
    // "offline" is only a hint: a server in the same house may still be there.
    if (this.#live) this.#probe(wake === "offline" ? HINT_MS : PONG_MS);
    else if (wake !== "offline" && !this.#socket) this.#open();
  }

  #lost(opened: boolean): void {
    this.#closed(LOST, opened);
  }

  #closed(code: number, opened: boolean, reason = ""): void {
    this.#drop(code === LOST ? 4000 : undefined);
    let hint: number | null = null;
    switch (code) {
      case 4001:
        this.#end({ type: "signed_out", why: reason === "link_ended" || reason === "turned_away" ? reason : null });
        return;
      case 4010:
        this.#end({ type: "outdated" });
        return;
      case 1012:
        // All clients lost it at the same moment and should not return at the same one.
        this.#attempt = Math.max(this.#attempt, RESTART_ATTEMPT);
        hint = retryHint(reason);
        break;
      case 4003:
      case 4029:
        this.#attempt = Math.max(this.#attempt, ABUSE_ATTEMPT);
        break;
    }
    this.#later(hint);
    // The browser does not say why a handshake was refused; the API does.
    if (!opened) void this.#checkSession();
  }

  #later(hint: number | null = null): void {
    const longest = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** this.#attempt);
    const delay = hint ?? this.#env.random() * longest;
    this.#attempt += 1;
    this.#status.set({ type: "offline", retryAt: this.#env.now() + delay });
    this.#retry = setTimeout(() => this.#open(), delay);
  }

  async #checkSession(): Promise<void> {
    try {
      const { status } = await this.#env.http("GET", "/session");
      if (status === 401 && !this.#live) this.#end({ type: "signed_out", why: null });
    } catch {
      // No network: the retry is under way already.
    }
  }

  /** Forgets the socket, whose own close event may be minutes away, and all that waited on it. */
  #drop(closeWith: number | undefined): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#live = false;
    clearTimeout(this.#deadline);
    clearTimeout(this.#silence);
    clearTimeout(this.#stable);
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
      if (closeWith !== undefined) socket.close(closeWith);
    }
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) {
      clearTimeout(one.timer);
      one.reject(new Offline());
    }
  }

  #end(status: Status): void {
    this.#drop(1000);
    clearTimeout(this.#retry);
    this.#status.set(status);
  }

  #ended(): boolean {
    const { type } = this.#status.snapshot();
    return type === "signed_out" || type === "outdated";
  }
}

function write(socket: Socket, frame: CommandFrame): void {
  socket.send(JSON.stringify(frame));
}

function parse(data: unknown): Event | null {
  if (typeof data !== "string") return null;
  try {
    const value = JSON.parse(data) as Event | null;
    return typeof value?.type === "string" ? value : null;
  } catch {
    return null;
  }
}

/** When a server that stops wants this client back: it spreads all of them over a time. */
function retryHint(reason: string): number | null {
  const [, text] = /^retry_ms=(\d{1,6})$/.exec(reason) ?? [];
  return text === undefined ? null : Math.min(Number(text), RETRY_HINT_MAX_MS);
}

const REPLY_MS = 15_000;
const WELCOME_MS = 15_000;
const SILENCE_MS = 20_000;
const PONG_MS = 10_000;
const HINT_MS = 3_000;
const STABLE_MS = 30_000;
const RETRY_MS = 500;
const RETRY_MAX_MS = 30_000;
const RETRY_HINT_MAX_MS = 60_000;
/** From which the pause after a restart and after a scolding is drawn: up to 4 s, up to 16 s. */
const RESTART_ATTEMPT = 3;
const ABUSE_ATTEMPT = 5;
/** Stands for "gave up on it here" beside the closing codes of the protocol. */
const LOST = -1;
