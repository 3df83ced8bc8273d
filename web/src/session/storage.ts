// What survives a reload on this device: unsent messages and drafts, one
// IndexedDB database per account, each record sealed with a key of this device
// that cannot be taken out of the browser. Where the browser has no database to give (some
// private windows), it lasts as long as the page.

import type { FileReference } from "@/crypto/file-content";
import type { AccountId, Blob, ConversationId, EnvelopeId, FileId } from "@/protocol/wire";

import type { LocalId } from "./id";

/** An unsent message as it is kept. */
export interface StoredMessage {
  readonly id: LocalId;
  readonly conversation: ConversationId;
  readonly text: string;
  readonly file?: FileReference | null;
  /** The file that it deletes, if it says just that. */
  readonly deletes?: FileId | null;
  /** When it was written; also its place in the queue. */
  readonly written: number;
  readonly failed: boolean;
  /** As it was sealed when it was sent last: until the server has answered, this and nothing else is sent again. */
  readonly sealed: { readonly id: EnvelopeId; readonly envelope: Blob } | null;
}

/** Where unsent messages and drafts are kept. */
export interface Storage {
  messages(): Promise<StoredMessage[]>;
  message(id: LocalId): Promise<StoredMessage | null>;
  putMessage(message: StoredMessage): Promise<void>;
  deleteMessage(id: LocalId): Promise<void>;
  draft(conversation: ConversationId): Promise<string>;
  putDraft(conversation: ConversationId, text: string): Promise<void>;
  /** Small things to remember; an empty text is nothing. */
  note(name: string): Promise<string>;
  putNote(name: string, text: string): Promise<void>;
  /** Forgets everything of this account. */
  clear(): Promise<void>;
}

/** Storage for as long as the page lives. */
export class MemoryStorage implements Storage {
  readonly #messages = new Map<LocalId, StoredMessage>();
  readonly #drafts = new Map<ConversationId, string>();
  readonly #notes = new Map<string, string>();

  async messages(): Promise<StoredMessage[]> {
    return [...this.#messages.values()];
  }
  async message(id: LocalId): Promise<StoredMessage | null> {
    return this.#messages.get(id) ?? null;
  }
  async putMessage(message: StoredMessage): Promise<void> {
    this.#messages.set(message.id, message);
  }
  async deleteMessage(id: LocalId): Promise<void> {
    this.#messages.delete(id);
  }
  async draft(conversation: ConversationId): Promise<string> {
    return this.#drafts.get(conversation) ?? "";
  }
  async putDraft(conversation: ConversationId, text: string): Promise<void> {
    if (text) this.#drafts.set(conversation, text);
    else this.#drafts.delete(conversation);
  }
  async note(name: string): Promise<string> {
    return this.#notes.get(name) ?? "";
  }
  async putNote(name: string, text: string): Promise<void> {
    this.#notes.set(name, text);
  }
  async clear(): Promise<void> {
    this.#messages.clear();
    this.#drafts.clear();
    this.#notes.clear();
  }
}

/** The storage of an account in this browser. */
export function openStorage(account: AccountId): Storage {
  return new Fallback(new BrowserStorage(`callbox-${account}`), new MemoryStorage());
}

/** IndexedDB. */
class BrowserStorage implements Storage {
  readonly #open: () => Promise<IDBDatabase>;
  #key: Promise<CryptoKey> | undefined;

  constructor(name: string) {
    let database: Promise<IDBDatabase> | undefined;
    this.#open = () => (database ??= open(name));
  }

  async messages(): Promise<StoredMessage[]> {
    const sealed = await this.#run(MESSAGES, "readonly", (store) => store.getAll());
    const all = await Promise.all((sealed as unknown[]).map((one) => this.#message(one)));
    return all.filter((one) => one !== null);
  }
  async message(id: LocalId): Promise<StoredMessage | null> {
    return this.#message(await this.#run(MESSAGES, "readonly", (store) => store.get(id)));
  }
  async putMessage(message: StoredMessage): Promise<void> {
    const sealed = await this.#seal(JSON.stringify(message));
    await this.#run(MESSAGES, "readwrite", (store) => store.put(sealed, message.id));
  }
  async deleteMessage(id: LocalId): Promise<void> {
    await this.#run(MESSAGES, "readwrite", (store) => store.delete(id));
  }
  async draft(conversation: ConversationId): Promise<string> {
    return (await this.#text(await this.#run(DRAFTS, "readonly", (store) => store.get(conversation)))) ?? "";
  }
  async putDraft(conversation: ConversationId, text: string): Promise<void> {
    const sealed = text ? await this.#seal(text) : null;
    await this.#run(DRAFTS, "readwrite", (store) =>
      sealed ? store.put(sealed, conversation) : store.delete(conversation),
    );
  }
  async note(name: string): Promise<string> {
    return (await this.#text(await this.#run(NOTES, "readonly", (store) => store.get(name)))) ?? "";
  }
  async putNote(name: string, text: string): Promise<void> {
    const sealed = await this.#seal(text);
    await this.#run(NOTES, "readwrite", (store) => store.put(sealed, name));
  }
  async clear(): Promise<void> {
    this.#key = undefined;
    for (const name of [MESSAGES, DRAFTS, NOTES, KEYS]) await this.#run(name, "readwrite", (store) => store.clear());
  }

  async #message(sealed: unknown): Promise<StoredMessage | null> {
    const text = await this.#text(sealed);
    return text === null ? null : (JSON.parse(text) as StoredMessage);
  }

  async #text(sealed: unknown): Promise<string | null> {
    if (!(sealed instanceof Uint8Array)) return null;
    const bytes = new Uint8Array(sealed);
    const nonce = { name: "AES-GCM", iv: bytes.subarray(0, NONCE) };
    // What another key has sealed is lost, and not worth more than that.
    const plain = await crypto.subtle.decrypt(nonce, await this.#deviceKey(), bytes.subarray(NONCE)).catch(() => null);
    return plain && new TextDecoder().decode(plain);
  }

  async #seal(text: string): Promise<Uint8Array> {
    const iv = crypto.getRandomValues(new Uint8Array(NONCE));
    const plain = new TextEncoder().encode(text);
    const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await this.#deviceKey(), plain));
    const bytes = new Uint8Array(NONCE + sealed.length);
    bytes.set(iv);
    bytes.set(sealed, NONCE);
    return bytes;
  }

  /** Of two tabs that begin at once the first to write decides. */
  #deviceKey(): Promise<CryptoKey> {
    return (this.#key ??= (async () => {
      const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
      await this.#run(KEYS, "readwrite", (store) => store.add(fresh, "device")).catch(() => undefined);
      return (await this.#run(KEYS, "readonly", (store) => store.get("device"))) as CryptoKey;
    })());
  }

  async #run(
    store: string,
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => IDBRequest,
  ): Promise<unknown> {
    const transaction = (await this.#open()).transaction(store, mode);
    const request = work(transaction.objectStore(store));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error("storage aborted"));
    });
  }
}

/** Uses the first storage until it fails once, then the second. */
class Fallback implements Storage {
  #storage: Storage;
  readonly #second: Storage;

  constructor(first: Storage, second: Storage) {
    this.#storage = first;
    this.#second = second;
  }

  messages = () => this.#try((storage) => storage.messages());
  message = (id: LocalId) => this.#try((storage) => storage.message(id));
  putMessage = (message: StoredMessage) => this.#try((storage) => storage.putMessage(message));
  deleteMessage = (id: LocalId) => this.#try((storage) => storage.deleteMessage(id));
  draft = (conversation: ConversationId) => this.#try((storage) => storage.draft(conversation));
  putDraft = (conversation: ConversationId, text: string) =>
    this.#try((storage) => storage.putDraft(conversation, text));
  note = (name: string) => this.#try((storage) => storage.note(name));
  putNote = (name: string, text: string) => this.#try((storage) => storage.putNote(name, text));
  clear = () => this.#try((storage) => storage.clear());

  async #try<T>(work: (storage: Storage) => Promise<T>): Promise<T> {
    try {
      return await work(this.#storage);
    } catch {
      this.#storage = this.#second;
      return work(this.#storage);
    }
  }
}

function open(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 2);
    request.onupgradeneeded = () => {
      // Version 1 kept texts in the clear.
      for (const store of Array.from(request.result.objectStoreNames)) request.result.deleteObjectStore(store);
      request.result.createObjectStore(MESSAGES);
      request.result.createObjectStore(DRAFTS);
      request.result.createObjectStore(NOTES);
      request.result.createObjectStore(KEYS);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("storage is closed"));
  });
}

const MESSAGES = "messages";
const DRAFTS = "drafts";
const NOTES = "notes";
const KEYS = "keys";
const NONCE = 12;
