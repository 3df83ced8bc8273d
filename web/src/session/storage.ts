// What survives a reload on this device: unsent messages and drafts, one
// IndexedDB database per account. Where the browser has none to give (some
// private windows), it lasts as long as the page.

import type { AccountId, ConversationId, MessageId } from "@/protocol/wire";

/** An unsent message as it is kept. */
export interface StoredMessage {
  readonly id: MessageId;
  readonly conversation: ConversationId;
  readonly text: string;
  /** When it was written; also its place in the queue. */
  readonly written: number;
  readonly failed: boolean;
}

/** Where unsent messages and drafts are kept. */
export interface Storage {
  messages(): Promise<StoredMessage[]>;
  putMessage(message: StoredMessage): Promise<void>;
  deleteMessage(id: MessageId): Promise<void>;
  draft(conversation: ConversationId): Promise<string>;
  putDraft(conversation: ConversationId, text: string): Promise<void>;
  /** Forgets everything of this account. */
  clear(): Promise<void>;
}

/** Storage for as long as the page lives. */
export class MemoryStorage implements Storage {
  readonly #messages = new Map<MessageId, StoredMessage>();
  readonly #drafts = new Map<ConversationId, string>();

  async messages(): Promise<StoredMessage[]> {
    return [...this.#messages.values()];
  }
  async putMessage(message: StoredMessage): Promise<void> {
    this.#messages.set(message.id, message);
  }
  async deleteMessage(id: MessageId): Promise<void> {
    this.#messages.delete(id);
  }
  async draft(conversation: ConversationId): Promise<string> {
    return this.#drafts.get(conversation) ?? "";
  }
  async putDraft(conversation: ConversationId, text: string): Promise<void> {
    if (text) this.#drafts.set(conversation, text);
    else this.#drafts.delete(conversation);
  }
  async clear(): Promise<void> {
    this.#messages.clear();
    this.#drafts.clear();
  }
}

/** The storage of an account in this browser. */
export function openStorage(account: AccountId): Storage {
  return new Fallback(new BrowserStorage(`callbox-${account}`), new MemoryStorage());
}

/** IndexedDB. */
class BrowserStorage implements Storage {
  readonly #open: () => Promise<IDBDatabase>;

  constructor(name: string) {
    let database: Promise<IDBDatabase> | undefined;
    this.#open = () => (database ??= open(name));
  }

  async messages(): Promise<StoredMessage[]> {
    return (await this.#run(MESSAGES, "readonly", (store) => store.getAll())) as StoredMessage[];
  }
  async putMessage(message: StoredMessage): Promise<void> {
    await this.#run(MESSAGES, "readwrite", (store) => store.put(message));
  }
  async deleteMessage(id: MessageId): Promise<void> {
    await this.#run(MESSAGES, "readwrite", (store) => store.delete(id));
  }
  async draft(conversation: ConversationId): Promise<string> {
    const text: unknown = await this.#run(DRAFTS, "readonly", (store) => store.get(conversation));
    return typeof text === "string" ? text : "";
  }
  async putDraft(conversation: ConversationId, text: string): Promise<void> {
    await this.#run(DRAFTS, "readwrite", (store) =>
      text ? store.put(text, conversation) : store.delete(conversation),
    );
  }
  async clear(): Promise<void> {
    await this.#run(MESSAGES, "readwrite", (store) => store.clear());
    await this.#run(DRAFTS, "readwrite", (store) => store.clear());
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
  putMessage = (message: StoredMessage) => this.#try((storage) => storage.putMessage(message));
  deleteMessage = (id: MessageId) => this.#try((storage) => storage.deleteMessage(id));
  draft = (conversation: ConversationId) => this.#try((storage) => storage.draft(conversation));
  putDraft = (conversation: ConversationId, text: string) =>
    this.#try((storage) => storage.putDraft(conversation, text));
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
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(MESSAGES, { keyPath: "id" });
      request.result.createObjectStore(DRAFTS);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("storage is closed"));
  });
}

const MESSAGES = "messages";
const DRAFTS = "drafts";
