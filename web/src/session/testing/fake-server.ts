// A server in a few lines, for tests: keeps conversations, numbers messages,
// answers and replays like the real one, and can be told to lose things.

import type { FilesWorker } from "@/files";
import type {
  Account,
  AccountId,
  ApiError,
  Blob,
  Command,
  CommandFrame,
  ControlEvent,
  Conversation,
  ConversationId,
  Device,
  DeviceId,
  Entry,
  EnvelopeId,
  EntryContent,
  Event,
  History,
  Session as SignedIn,
} from "@/protocol/wire";

import type { Sink } from "@/search";

import type { Environment, Socket, Wake } from "../environment";
import { envelopeOf, FakeVault, saidIn } from "./fake-vault";

export const ANNA = "anna__________________" as AccountId;
export const BEN = "ben___________________" as AccountId;
const BENS = "bens-device___________" as DeviceId;
export const EVERYONE = "everyone______________" as ConversationId;

export const signedIn: SignedIn = {
  account: account(ANNA, "Anna"),
  device: "annas-device__________" as DeviceId,
  settings: { relay_calls: false },
  ends: null,
};

/** The vault of Anna's device. */
export function annasVault(): FakeVault {
  return new FakeVault(ANNA, signedIn.device);
}

/** One WebSocket, seen from both ends. */
export class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason?: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly commands: Command[] = [];
  closed: number | null = null;
  readonly #server: FakeServer;

  constructor(server: FakeServer) {
    this.#server = server;
  }

  send(text: string): void {
    const frame = JSON.parse(text) as CommandFrame;
    this.commands.push(frame.command);
    this.#server.command(this, frame);
  }

  close(code = 1000): void {
    this.closed = code;
  }

  tell(event: Event): void {
    this.onmessage?.({ data: JSON.stringify(event) });
  }

  /** The connection ends with a code. */
  end(code: number, reason = ""): void {
    if (this.closed === null) this.closed = code;
    this.onclose?.({ code, reason });
  }
}

/** The server, and the environment of a client of it. */
export class FakeServer implements Environment {
  files = (): FilesWorker => ({
    order() {},
    keeps: async () => false,
    fetch: () => Promise.reject(new Error("no files here")),
    stop() {},
  });
  searchable = (): Sink => ({
    open: async () => [],
    add: async () => {},
    find: async () => ({ hits: [], total: 0 }),
    forget: async () => {},
    stop: () => {},
  });
  epoch = "first";
  time = 1_700_000_000_000;
  sockets: FakeSocket[] = [];
  conversations = new Map<ConversationId, { state: Conversation; entries: Entry[]; control: ControlEvent[] }>();
  /** Whether new connections get through. */
  reachable = true;
  /** Answers to commands are lost; what they ask for is done. */
  deaf = false;
  /** What `GET /session` answers. */
  sessionStatus = 200;
  /** Answers a command in place of the server. */
  refuse: ((command: Command) => Event | null) | null = null;
  received: Command[] = [];
  randomness = 0.5;
  /** The requests over HTTP. */
  asked: string[] = [];
  refuseHttp: ((method: string, path: string) => ApiError | null) | null = null;
  devices: Device[] = [];
  /** Epochs of which this account has grants. */
  grants = new Map<ConversationId, number[]>();
  readonly #locks = new Map<string, Promise<unknown>>();
  #wake: ((wake: Wake) => void) | null = null;

  constructor() {
    this.add(EVERYONE, "everyone", [ANNA, BEN]);
  }

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("nobody has connected");
    return socket;
  }

  connect(): Socket {
    const socket = new FakeSocket(this);
    this.sockets.push(socket);
    queueMicrotask(() => (this.reachable ? socket.onopen?.() : socket.end(1006)));
    return socket;
  }

  async http(method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown }> {
    this.asked.push(`${method} ${path}`);
    const refused = this.refuseHttp?.(method, path);
    if (refused) return { status: 409, json: { error: refused } };
    if (path === "/session") return { status: this.sessionStatus, json: signedIn };
    if (path === "/devices") return { status: 200, json: { devices: this.devices } };
    const part = /^\/(conversations|accounts)\/([^/]+)\/(\w+)(?:\?after=(-?\d+))?$/.exec(path);
    if (part) return { status: 200, json: this.#part(part[2] as ConversationId, part[3] ?? "", Number(part[4] ?? -1), body) };
    const match = /^\/conversations\/(.+)\/entries\?before=(\d+)&limit=(\d+)$/.exec(path);
    if (!match) return { status: 404, json: null };
    const entries = this.entries(match[1] as ConversationId).filter(({ seq }) => seq < Number(match[2]));
    const page = entries.slice(-Number(match[3]));
    const json: History = { before: "" as Blob, entries: page, more: page.length < entries.length };
    return { status: 200, json };
  }

  /** One at a time under a name, as a browser's locks. */
  lock<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#locks.get(name) ?? Promise.resolve();
    const done = before.then(work, work);
    this.#locks.set(name, done.catch(() => undefined));
    return done;
  }

  now = () => Date.now();
  random = () => this.randomness;

  onWake(listener: (wake: Wake) => void): () => void {
    this.#wake = listener;
    return () => (this.#wake = null);
  }

  wake(wake: Wake): void {
    this.#wake?.(wake);
  }

  add(id: ConversationId, kind: Conversation["kind"], members: AccountId[]): void {
    const state: Conversation = {
      id,
      kind,
      name: kind === "room" ? "Garden" : null,
      members: members.map((a) => ({ account: a, role: "member", delivered: 0, read: 0 })),
      created: this.time,
      head: 0,
      last: null,
      epoch: 1,
      control: 1,
      rotation_required: false,
      transcript: "" as Blob,
      knocks: [],
    };
    const change = { type: "create", kind, name: state.name, history: "all", members: [] } as const;
    const { envelope } = envelopeOf({ conversation: id, sender: BEN, device: BENS, n: 0, epoch: 1, change });
    this.conversations.set(id, { state, entries: [], control: [{ seq: 0, time: this.time, envelope }] });
    this.grants.set(id, [1]);
  }

  /** Somebody renews the keys. */
  rotate(id: ConversationId, granted = true): void {
    const conversation = this.#of(id);
    const epoch = (conversation.state.epoch += 1);
    conversation.state.control += 1;
    conversation.state.rotation_required = false;
    const { envelope } = envelopeOf({ conversation: id, sender: BEN, device: BENS, n: 0, epoch, change: { type: "rotate" } });
    conversation.control.push({ seq: conversation.entries.length + 1, time: this.time, envelope });
    if (granted) this.grants.get(id)?.push(epoch);
    this.append(id, { type: "envelope", envelope });
  }

  entries(id: ConversationId): Entry[] {
    return this.conversations.get(id)?.entries ?? [];
  }

  /** Somebody writes; those connected hear of it. */
  write(id: ConversationId, sender: AccountId, text: string): Entry {
    const epoch = this.conversations.get(id)?.state.epoch ?? 1;
    const { envelope } = envelopeOf({ conversation: id, sender, device: BENS, n: 0, epoch, text });
    return this.append(id, { type: "envelope", envelope });
  }

  append(id: ConversationId, content: EntryContent): Entry {
    const conversation = this.conversations.get(id);
    if (!conversation) throw new Error("no such conversation");
    this.time += 1000;
    const entry: Entry = { seq: conversation.entries.length + 1, time: this.time, content };
    conversation.entries.push(entry);
    this.tell({ type: "entries", conversation: id, entries: [entry] });
    return entry;
  }

  /** Tells the client that is connected now. */
  tell(event: Event): void {
    const socket = this.sockets.at(-1);
    if (socket && socket.closed === null && !this.deaf) socket.tell(event);
  }

  /** Goes back to a backup with fewer entries. */
  restoreBackup(epoch: string, keep: number): void {
    this.epoch = epoch;
    for (const conversation of this.conversations.values()) conversation.entries.splice(keep);
  }

  command(socket: FakeSocket, frame: CommandFrame): void {
    const { command } = frame;
    this.received.push(command);
    const refusal = this.refuse?.(command);
    if (refusal) {
      if (refusal.type === "error" && frame.id !== undefined) refusal.id = frame.id;
      socket.tell(refusal);
      return;
    }
    if (command.type === "hello") {
      this.#hello(socket, command);
      return;
    }
    const reply = this.#reply(command);
    if (frame.id !== undefined && !this.deaf) socket.tell({ type: "reply", id: frame.id, reply });
  }

  #hello(socket: FakeSocket, hello: Command & { type: "hello" }): void {
    const conversations = [...this.conversations.values()].map(({ state, entries }) => ({
      ...state,
      head: entries.length,
      last: entries.at(-1) ?? null,
    }));
    socket.tell({
      type: "welcome",
      protocol: 1,
      version: "0.1.0",
      epoch: this.epoch,
      now: this.time,
      account: ANNA,
      device: signedIn.device,
      accounts: [account(ANNA, "Anna"), account(BEN, "Ben")],
      online: [ANNA],
      conversations,
      waiting: [],
      calls: [],
    });
    if (hello.epoch !== this.epoch) return;
    for (const { conversation, seq } of hello.cursors) {
      const missed = this.entries(conversation).slice(seq);
      for (let i = 0; i < missed.length; i += 2) {
        socket.tell({ type: "entries", conversation, entries: missed.slice(i, i + 2) });
      }
    }
  }

  #reply(command: Command): (Event & { type: "reply" })["reply"] {
    if (command.type !== "send") return { type: "done" };
    const { envelope } = command;
    const { conversation, salt } = saidIn(envelope);
    const stored = this.entries(conversation).find(
      ({ content }) => content.type === "envelope" && content.envelope === envelope,
    );
    const { seq, time } = stored ?? this.append(conversation, { type: "envelope", envelope });
    return { type: "sent", id: salt as EnvelopeId, seq, time };
  }

  #part(id: ConversationId, part: string, after: number, body: unknown): unknown {
    const conversation = this.conversations.get(id);
    switch (part) {
      case "records":
        return { records: after < 1 ? [{ payload: "", signature: "", continuity: null }] : [] };
      case "control":
        if (body) {
          const { envelope } = body as { envelope: Blob };
          if (!conversation) return this.#create(id, envelope);
          const { epoch } = saidIn(envelope);
          conversation.state.epoch = epoch;
          conversation.control.push({ seq: 0, time: this.time, envelope });
          conversation.state.control += 1;
          conversation.state.rotation_required = false;
          const granted = this.grants.get(id);
          if (granted && !granted.includes(epoch)) granted.push(epoch);
          return this.append(id, { type: "envelope", envelope });
        }
        return { events: conversation?.control.slice(after + 1) ?? [], more: false };
      case "grants":
        return { grants: (this.grants.get(id) ?? []).map((epoch) => ({ epoch, g: 1, enc: "", ct: "", by: BEN })) };
      case "chain": {
        const own = this.entries(id).filter(({ content }) => content.type === "envelope" && saidIn(content.envelope).sender === ANNA);
        return { n: own.length, prev: "" };
      }
      default:
        throw new Error(part);
    }
  }

  #of(id: ConversationId) {
    const conversation = this.conversations.get(id);
    if (!conversation) throw new Error("no such conversation");
    return conversation;
  }

  #create(id: ConversationId, envelope: Blob): unknown {
    this.add(id, "room", [ANNA, BEN]);
    const conversation = this.#of(id);
    conversation.control = [{ seq: 1, time: this.time, envelope }];
    this.tell({ type: "conversation", conversation: conversation.state });
    return this.append(id, { type: "envelope", envelope });
  }
}

function account(id: AccountId, name: string): Account {
  return { id, name, avatar: null, role: "member", disabled: false, record: 1 };
}
