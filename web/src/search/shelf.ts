// What survives a reload: the indexed texts in sealed segments, one IndexedDB
// database per account.
//
// A segment is a run of entries of one conversation: in the clear only which
// ones, the texts sealed with AES-256-GCM under a key that never leaves this
// browser. Many small segments of a conversation are joined when it is loaded.

import type { AccountId, ConversationId, Seq } from "@/protocol/wire";

import type { Deletion, Document } from "./search-index";

/** A run of entries and the messages among them. */
export interface Segment {
  readonly conversation: ConversationId;
  readonly from: Seq;
  readonly to: Seq;
  readonly documents: readonly Document[];
  readonly deletions: readonly Deletion[];
}

interface Sealed {
  readonly conversation: ConversationId;
  readonly from: Seq;
  readonly to: Seq;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly ciphertext: ArrayBuffer;
}

/** The segments of one account. */
export class Shelf {
  readonly #account: AccountId;
  readonly #database: IDBDatabase;
  readonly #key: CryptoKey;

  private constructor(account: AccountId, database: IDBDatabase, key: CryptoKey) {
    this.#account = account;
    this.#database = database;
    this.#key = key;
  }

  /** Opens it, and makes it with a fresh key when there is none. */
  static async open(account: AccountId): Promise<Shelf> {
    const database = await openDatabase(shelfName(account));
    const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const transaction = database.transaction(KEYS, "readwrite");
    const keys = transaction.objectStore(KEYS);
    const stored = keys.get(KEY);
    // Another tab may be opening it too: whose key is there first, stays.
    stored.onsuccess = () => {
      if (!stored.result) keys.put(fresh, KEY);
    };
    await done(transaction);
    return new Shelf(account, database, (stored.result as CryptoKey | undefined) ?? fresh);
  }

  /** Puts a segment on the shelf. */
  async put(segment: Segment): Promise<void> {
    const sealed = await this.#seal(segment);
    const transaction = this.#database.transaction(SEGMENTS, "readwrite");
    transaction.objectStore(SEGMENTS).put(sealed);
    await done(transaction);
  }

  /** All segments, opened; what cannot be opened is dropped, to be indexed again. */
  async *segments(): AsyncGenerator<Segment> {
    for (const conversation of await this.#conversations()) {
      const sealed = await this.#of(conversation);
      const opened: Segment[] = [];
      for (const one of sealed) {
        const segment = await this.#open(one);
        if (segment) opened.push(segment);
      }
      yield* opened;
      if (sealed.length > MANY) await this.#replace(conversation, joined(opened));
    }
  }

  /** Forgets a conversation. */
  async forget(conversation: ConversationId): Promise<void> {
    await this.#replace(conversation, []);
  }

  /** Closes the database. */
  close(): void {
    this.#database.close();
  }

  async #conversations(): Promise<ConversationId[]> {
    const transaction = this.#database.transaction(SEGMENTS);
    const keys = transaction.objectStore(SEGMENTS).getAllKeys();
    await done(transaction);
    return [...new Set((keys.result as [ConversationId, Seq][]).map(([conversation]) => conversation))];
  }

  async #of(conversation: ConversationId): Promise<Sealed[]> {
    const transaction = this.#database.transaction(SEGMENTS);
    const sealed = transaction.objectStore(SEGMENTS).getAll(all(conversation));
    await done(transaction);
    return sealed.result as Sealed[];
  }

  async #replace(conversation: ConversationId, segments: readonly Segment[]): Promise<void> {
    const sealed = await Promise.all(segments.map((segment) => this.#seal(segment)));
    const transaction = this.#database.transaction(SEGMENTS, "readwrite");
    const store = transaction.objectStore(SEGMENTS);
    store.delete(all(conversation));
    for (const one of sealed) store.put(one);
    await done(transaction);
  }

  async #seal({ conversation, from, to, documents, deletions }: Segment): Promise<Sealed> {
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify({ documents, deletions }));
    const additionalData = this.#label(conversation, from, to);
    const ciphertext = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData }, this.#key, plain);
    return { conversation, from, to, nonce, ciphertext };
  }

  async #open({ conversation, from, to, nonce, ciphertext }: Sealed): Promise<Segment | null> {
    try {
      const additionalData = this.#label(conversation, from, to);
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce, additionalData }, this.#key, ciphertext);
      const said = JSON.parse(new TextDecoder().decode(plain)) as Pick<Segment, "documents" | "deletions">;
      return { conversation, from, to, ...said };
    } catch {
      return null;
    }
  }

  /** Binds a sealed segment to its place. */
  #label(conversation: ConversationId, from: Seq, to: Seq): Uint8Array<ArrayBuffer> {
    return new TextEncoder().encode(`callbox/search/2 ${this.#account} ${conversation} ${from} ${to}`);
  }
}

/** Forgets all that can be found of an account in this browser. */
export function eraseShelf(account: AccountId): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(shelfName(account));
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error ?? new Error("storage is closed"));
  });
}

/** Neighbouring segments as one, up to a size. */
export function joined(segments: readonly Segment[]): Segment[] {
  const all: Segment[] = [];
  for (const segment of segments.toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last && segment.from <= last.to + 1 && last.documents.length + segment.documents.length <= FULL) {
      const fresh = segment.documents.filter(({ seq }) => seq > last.to);
      const to = Math.max(last.to, segment.to);
      const deletions = [...last.deletions, ...segment.deletions];
      all[all.length - 1] = { ...last, to, documents: [...last.documents, ...fresh], deletions };
    } else {
      all.push(segment);
    }
  }
  return all;
}

function shelfName(account: AccountId): string {
  return `callbox-search-${account}`;
}

function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(KEYS);
      request.result.createObjectStore(SEGMENTS, { keyPath: ["conversation", "from"] });
    };
    request.onsuccess = () => {
      const database = request.result;
      // Signing out in another tab deletes it, and must not wait for this one.
      database.onversionchange = () => database.close();
      resolve(database);
    };
    request.onerror = () => reject(request.error ?? new Error("storage is closed"));
  });
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("storage aborted"));
  });
}

function all(conversation: ConversationId): IDBKeyRange {
  return IDBKeyRange.bound([conversation, 0], [conversation, Number.MAX_SAFE_INTEGER]);
}

const KEYS = "keys";
const KEY = "segments";
const SEGMENTS = "segments";
/** More segments of a conversation than this are joined. */
const MANY = 32;
/** Messages in a joined segment. */
const FULL = 2_000;
