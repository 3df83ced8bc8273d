// One signed-in stay in this page: joins the connection with what it fills.
// Plain TypeScript; the view looks at the Readables and calls the verbs.

import { Cell, Listeners, type Readable } from "@/lib/readable";
import { eraseShelf, type Search } from "@/search";
import type {
  Account,
  AccountId,
  Command,
  Conversation,
  ConversationId,
  DeviceId,
  Event,
  Reply,
  Seq,
  Session as SignedIn,
  Settings,
  Welcome,
} from "@/protocol/wire";
import { PROTOCOL, SUBPROTOCOL } from "@/protocol/wire";

import { ask } from "./ask";
import { Calls } from "./calls";
import type { Changes } from "./changes";
import type { Contacts } from "./contacts";
import { type Arrival, Conversations, type ConversationView, type Room } from "./conversations";
import { authorOf, isDeletion, type TimelineEntry } from "./entry";
import { browserEnvironment, type Environment } from "./environment";
import type { LocalId } from "./id";
import { Keys } from "./keys";
import { Files } from "./files";
import { Link, type Status } from "./link";
import { Receipts } from "./marks";
import { Opening } from "./opening";
import { Outbox } from "./outbox";
import { People, TypingNotices } from "./people";
import { openSearch } from "./searching";
import { SignIns } from "./sign-ins";
import { Signals } from "./signals";
import { openStorage, type Storage } from "./storage";
import type { Vault } from "./vault";

/** One signed-in stay. */
export class Session {
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly calls = new Calls();
  readonly outbox: Outbox;
  /** Files on their way, up and down. */
  readonly files: Files;
  /** What can be found of all that was written. */
  readonly search: Search;
  /** Sign-ins to this account that nobody here has seen yet. */
  readonly signIns: SignIns;
  /** What this stay does with keys: who is let in, what is renewed. */
  readonly keys: Keys;
  /** What the legs of calls say to each other. */
  readonly signals: Signals;
  readonly #env: Environment;
  readonly #storage: Storage;
  readonly #link: Link;
  readonly #people = new People();
  readonly #conversations: Conversations;
  readonly #opening: Opening;
  readonly #receipts: Receipts;
  readonly #typing: TypingNotices;
  readonly #settings: Cell<Settings>;
  readonly #ready = new Cell(false);
  readonly #arrivals = new Listeners<[Arrival]>();
  readonly #ownRecord = new Listeners();
  readonly #copied = new Listeners();
  #epoch: string | null = null;
  #version = "";
  /** Server time minus own time. */
  #offset = 0;
  /** The cursors of the hello under way. */
  #resumed = new Map<ConversationId, Seq>();

  constructor(
    signedIn: SignedIn,
    vault: Vault,
    env: Environment = browserEnvironment(SUBPROTOCOL),
    storage: Storage = openStorage(signedIn.account.id),
  ) {
    this.account = signedIn.account.id;
    this.device = signedIn.device;
    this.#env = env;
    this.#storage = storage;
    this.#settings = new Cell(signedIn.settings);
    this.#people.replace([signedIn.account], []);
    this.#link = new Link(env, { hello: () => this.#hello(), event: (event, rtt) => this.#event(event, rtt) });
    this.#conversations = new Conversations(this.account, (id) => (before) => this.#opening.page(id, before));
    this.#receipts = new Receipts(
      (command) => this.request(command),
      (id, { delivered, read }) => this.#receipt(id, this.account, delivered, read),
    );
    this.#typing = new TypingNotices(
      (conversation) => this.#link.tell({ type: "typing", conversation }),
      () => env.now(),
    );
    this.status.subscribe(() => this.#people.connected(this.status.snapshot().type === "online"));
    this.signIns = new SignIns(env, storage);
    this.keys = new Keys(vault, env, {
      account: this.account,
      device: this.device,
      request: (command) => this.request(command),
      conversation: (id) => this.#conversations.room(id)?.state ?? null,
      head: (id) => this.#conversations.room(id)?.head ?? 0,
      appears: (id) => this.#conversations.appears(id),
      now: () => this.now(),
      conversations: () => Array.from(this.#conversations.rooms(), ({ state }) => state),
      accounts: () => this.#people.accounts.snapshot(),
      written: (id) => this.outbox.localId(id),
      learned: (id) => this.#learned(id),
      copied: () => this.#copied.call(),
    });
    this.signals = new Signals({
      calls: this.calls,
      keys: this.keys,
      request: (command) => this.request(command),
    });
    this.#opening = new Opening(env, {
      keys: this.keys,
      conversations: this.#conversations,
      came: (id, fresh) => this.#came(id, fresh),
      healed: () => void this.search.update(true),
    });
    this.search = openSearch(env.searchable(this.account), {
      rooms: () => this.#conversations.list.snapshot(),
      page: (id, before) => this.#opening.pageOfAll(id, before),
    });
    this.outbox = new Outbox(
      {
        online: () => this.status.snapshot().type === "online",
        seal: (id, content, local) => this.keys.seal(id, content, local),
        send: (envelope) => this.request({ type: "send", envelope }),
        confirmed: (id, envelope, at) => vault.confirmed(id, envelope, at),
        mend: (id, message, refused) => this.keys.mend(id, message, refused),
        abandon: (id, envelope) => vault.abandon(id, envelope),
        alone: (id, work) => this.keys.alone(id, work),
        held: (file) => this.files.keeps(file.id),
        unsaid: (file) => void this.files.erase(file).catch(() => undefined),
        holds: (id, seq) => (this.#conversations.room(id)?.timeline.end ?? 0) >= seq,
        now: () => this.now(),
      },
      storage,
    );
    this.files = new Files({
      account: this.account,
      start: (heard) => env.files(this.account, heard),
      send: ({ conversation, caption, file }) => this.outbox.addFile(conversation, caption, file),
      ready: () => this.outbox.flush(),
      erase: (id) => ask(env, "DELETE", `/files/${id}`),
      deleted: (conversation, id) => this.outbox.addDeletion(conversation, id),
      now: () => this.now(),
    });
  }

  /** What this account changes about conversations. */
  get changes(): Changes {
    return this.keys.changes;
  }
  /** Whose keys were compared. */
  get contacts(): Contacts {
    return this.keys.contacts;
  }
  get status(): Readable<Status> {
    return this.#link.status;
  }
  /** Whether there has been a `welcome`: before it, everything is empty. */
  get ready(): Readable<boolean> {
    return this.#ready;
  }
  get settings(): Readable<Settings> {
    return this.#settings;
  }
  get accounts(): Readable<ReadonlyMap<AccountId, Account>> {
    return this.#people.accounts;
  }
  get presence(): Readable<ReadonlySet<AccountId>> {
    return this.#people.online;
  }
  get conversations(): Readable<readonly ConversationView[]> {
    return this.#conversations.list;
  }
  /** The server's version; empty before the first `welcome`. */
  get version(): string {
    return this.#version;
  }
  /** Unsent messages and drafts of this device. */
  get drafts(): Pick<Storage, "draft" | "putDraft"> {
    return this.#storage;
  }
  /** Tells that this account's own record has changed: the keys of this device may be out of date. */
  readonly onOwnRecord = this.#ownRecord.add;
  /** Tells that a copy of this browser sends as this device, so that this one must become another. */
  readonly onCopied = this.#copied.add;
  /** Tells of each entry by someone else as it comes, also of those that were missed. */
  readonly onArrival = this.#arrivals.add;

  start(): void {
    void this.outbox.restore();
    this.#link.start();
  }

  /** Ends the connection; the page may begin another session. */
  stop(): void {
    this.#link.stop();
    this.outbox.stop();
    this.search.stop();
    this.files.stop();
    this.#people.stop();
  }

  /** Stops, and forgets what this device keeps of the account. */
  async forget(): Promise<void> {
    this.stop();
    await Promise.all([this.#storage.clear(), this.files.forget(), eraseShelf(this.account), this.keys.erase()]);
  }

  /** The server's time. */
  now(): number {
    return this.#env.now() + this.#offset;
  }

  /** Sends a command; rejects with `Refused` (the server's no) or `Offline`. */
  async request(command: Command, timeout?: number): Promise<Reply> {
    const reply = await this.#link.request(command, timeout);
    if (reply.type === "call") this.calls.put(reply.call);
    return reply;
  }

  /** All that is held of a conversation. */
  room(id: ConversationId): Room | undefined {
    return this.#conversations.room(id);
  }

  send(conversation: ConversationId, text: string): LocalId {
    return this.outbox.add(conversation, text).id;
  }

  /** This account is typing. */
  typing(conversation: ConversationId): void {
    this.#typing.notice(conversation);
  }

  /** This account has seen everything up to `seq`. */
  markRead(conversation: ConversationId, seq: Seq): void {
    const room = this.#conversations.room(conversation);
    if (!room || seq <= room.read) return;
    room.readUpTo(seq);
    this.#conversations.changed();
    this.#receipts.want(conversation, { delivered: seq, read: seq }, room.marks.own);
  }

  /** Own account or settings as another part of the page has just changed them. */
  changed(signedIn: SignedIn): void {
    this.#settings.set(signedIn.settings);
    this.#people.put(signedIn.account);
  }

  #hello(): Command {
    const cursors = this.#conversations.cursors();
    this.#resumed = new Map(cursors.map(({ conversation, seq }) => [conversation, seq]));
    const hello: Command = { type: "hello", protocol: PROTOCOL, client: CLIENT, cursors };
    if (this.#epoch !== null) hello.epoch = this.#epoch;
    return hello;
  }

  #event(event: Event, rtt: number): void {
    switch (event.type) {
      case "welcome":
        this.#welcome(event, rtt);
        return;
      case "entries":
        void this.#opening.entries(event.conversation, event.entries);
        return;
      case "conversation":
        this.#put(event.conversation);
        return;
      case "conversation_gone":
        this.#conversations.remove(event.conversation);
        this.keys.gone(event.conversation);
        this.outbox.forget(event.conversation);
        void this.search.forget(event.conversation);
        return;
      case "receipt":
        this.#receipt(event.conversation, event.account, event.delivered, event.read);
        return;
      case "typing":
        this.#conversations.room(event.conversation)?.typing.heard(event.account);
        return;
      case "presence":
        this.#people.setOnline(event.account, event.online);
        return;
      case "account":
        this.#people.put(event.account);
        void this.#accountChanged(event.account);
        return;
      case "call":
        this.calls.put(event.call);
        return;
      case "signal":
        void this.signals.came(event.call, event.from, event.envelope);
        return;
      case "grants":
      case "grant_request":
      case "knocks":
      case "turned_away":
        this.keys.event(event);
        return;
      case "reply":
      case "error":
        // Matched by the link.
        return;
    }
  }

  #welcome(welcome: Welcome, rtt: number): void {
    this.#offset = Math.round(welcome.now + rtt / 2 - this.#env.now());
    this.#version = welcome.version;
    if (this.#epoch !== null && this.#epoch !== welcome.epoch) {
      this.#resumed.clear();
      this.#receipts.clear();
      this.outbox.startOver();
    }
    this.#epoch = welcome.epoch;
    this.#people.replace(welcome.accounts, welcome.online);
    this.#conversations.welcome(welcome.conversations, this.#resumed, (last) => this.keys.closed(last));
    this.calls.replace(welcome.calls);
    for (const room of this.#conversations.rooms()) {
      room.typing.clear();
      void this.#opening.again(room.id);
      this.#delivered(room.id);
    }
    this.keys.welcomed(welcome);
    this.#ready.set(true);
    // Requests work as soon as this turn is over.
    queueMicrotask(() => {
      this.#receipts.flush();
      this.outbox.flush();
      void this.outbox.restore();
      this.files.wake();
      void this.search.update();
      void this.signIns.look();
    });
  }

  #arrived(conversation: ConversationId, entry: TimelineEntry): void {
    const author = authorOf(entry);
    const room = this.#conversations.room(conversation);
    room?.typing.stopped(author);
    // Who writes has seen what came before; the server sends no receipt for that.
    if (entry.content.type !== "call") this.#receipt(conversation, author, entry.seq, entry.seq);
    if (author === this.account) {
      if (entry.content.type === "message") this.outbox.arrived(entry.content.id);
      // Another tab may have sent what this one has waiting.
      this.outbox.flush();
    } else if (room && !isDeletion(entry)) {
      this.#arrivals.call({ conversation: room.view, entry });
    }
  }

  #receipt(conversation: ConversationId, account: AccountId, delivered: Seq, read: Seq): void {
    const room = this.#conversations.room(conversation);
    if (!room) return;
    room.marks.advance(account, delivered, read);
    if (account === this.account && read > room.read) {
      room.readUpTo(read);
      this.#conversations.changed();
    }
  }

  /** Lets the others know that everything up to the head is here. */
  #delivered(conversation: ConversationId): void {
    const room = this.#conversations.room(conversation);
    if (room) this.#receipts.want(conversation, { delivered: room.timeline.end }, room.marks.own);
  }

  #put(conversation: Conversation): void {
    this.#conversations.put(conversation, (last) => this.keys.closed(last));
    this.keys.put(conversation);
    void this.#opening.again(conversation.id);
    this.#delivered(conversation.id);
  }

  async #accountChanged(account: Account): Promise<void> {
    await this.keys.accountChanged(account).catch(() => undefined);
    if (account.id !== this.account) return;
    await this.signIns.look();
    this.#ownRecord.call();
  }

  /** Entries came that were not there before. */
  #came(conversation: ConversationId, fresh: readonly TimelineEntry[]): void {
    for (const entry of fresh) this.#arrived(conversation, entry);
    if (fresh.length > 0) void this.search.update();
    this.#delivered(conversation);
  }

  /** Keys or members have become known. */
  #learned(conversation: ConversationId): void {
    void this.#opening.again(conversation);
    this.outbox.flush();
  }
}

const CLIENT = "callbox-web/0.1.0";
