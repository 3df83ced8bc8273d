// What is on its way up, until the server has it: sealed chunks as they will
// be sent, and what is to be said of the file, sealed under a key that never
// leaves this browser. A file is sealed once; after a reload exactly the same
// chunks go on, so that nothing is ever sealed twice under one secret.

import type { FileReference } from "@/crypto/file-content";
import type { AccountId, ConversationId, FileId } from "@/protocol/wire";

/** What is known of an upload. */
export interface Job {
  readonly id: FileId;
  readonly conversation: ConversationId;
  readonly caption: string;
  readonly file: FileReference;
  readonly written: number;
  /** Given up: what the server has of it is still to be removed there. */
  readonly cancelled?: boolean;
}

interface SealedJob {
  readonly id: FileId;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly ciphertext: ArrayBuffer;
}

/** Where uploads wait. */
export interface Staging {
  /** Those whose chunks are all there, and those that were given up. */
  jobs(): Promise<Job[]>;
  /** Whether an upload is noted. */
  has(job: FileId): Promise<boolean>;
  /** Uploads of which there are chunks alone: the page that sealed them did not come to the end. */
  strays(): Promise<FileId[]>;
  /** Notes an upload, when all its chunks are there. */
  put(job: Job): Promise<void>;
  putChunk(job: FileId, blob: FileId, index: number, sealed: Uint8Array<ArrayBuffer>): Promise<void>;
  chunk(job: FileId, blob: FileId, index: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Notes an upload as given up, and drops its chunks. */
  cancel(job: Job): Promise<void>;
  forget(job: FileId): Promise<void>;
}

/** The staging of an account; where the browser has no database to give, as long as the worker lives. */
export async function openStaging(account: AccountId): Promise<Staging> {
  try {
    return await BrowserStaging.open(account);
  } catch {
    return new MemoryStaging();
  }
}

/** Forgets all uploads of an account in this browser. */
export function eraseStaging(account: AccountId): Promise<void> {
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(databaseName(account));
    request.onsuccess = () => resolve();
    request.onerror = () => resolve();
    // Another tab still has it open, and will close it.
    request.onblocked = () => resolve();
  });
}

class BrowserStaging implements Staging {
  readonly #database: IDBDatabase;
  readonly #key: CryptoKey;
  readonly #account: AccountId;

  private constructor(account: AccountId, database: IDBDatabase, key: CryptoKey) {
    this.#account = account;
    this.#database = database;
    this.#key = key;
  }

  static async open(account: AccountId): Promise<BrowserStaging> {
    const database = await openDatabase(databaseName(account));
    const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]);
    const transaction = database.transaction(KEYS, "readwrite");
    const keys = transaction.objectStore(KEYS);
    const stored = keys.get(KEY);
    // Another tab may be opening it too: whose key is there first, stays.
    stored.onsuccess = () => {
      if (!stored.result) keys.put(fresh, KEY);
    };
    await done(transaction);
    const key = (stored.result as CryptoKey | undefined) ?? fresh;
    return new BrowserStaging(account, database, key);
  }

  async jobs(): Promise<Job[]> {
    const transaction = this.#database.transaction(JOBS);
    const sealed = transaction.objectStore(JOBS).getAll();
    await done(transaction);
    const jobs = await Promise.all((sealed.result as SealedJob[]).map((one) => this.#open(one)));
    return jobs.filter((job) => job !== null);
  }

  async has(job: FileId): Promise<boolean> {
    const transaction = this.#database.transaction(JOBS);
    const found = transaction.objectStore(JOBS).count(job);
    await done(transaction);
    return found.result > 0;
  }

  async strays(): Promise<FileId[]> {
    const transaction = this.#database.transaction([JOBS, CHUNKS]);
    const jobs = transaction.objectStore(JOBS).getAllKeys();
    const chunks = transaction.objectStore(CHUNKS).getAllKeys();
    await done(transaction);
    const strays = new Set((chunks.result as [FileId, FileId, number][]).map(([job]) => job));
    for (const job of jobs.result as FileId[]) strays.delete(job);
    return [...strays];
  }

  async put(job: Job): Promise<void> {
    const sealed = await this.#seal(job);
    const transaction = this.#database.transaction(JOBS, "readwrite");
    transaction.objectStore(JOBS).put(sealed);
    await done(transaction);
  }

  async cancel(job: Job): Promise<void> {
    const sealed = await this.#seal({ ...job, cancelled: true });
    const transaction = this.#database.transaction([JOBS, CHUNKS], "readwrite");
    transaction.objectStore(JOBS).put(sealed);
    transaction.objectStore(CHUNKS).delete(chunksOf(job.id));
    await done(transaction);
  }

  async putChunk(
    job: FileId,
    blob: FileId,
    index: number,
    sealed: Uint8Array<ArrayBuffer>,
  ): Promise<void> {
    const transaction = this.#database.transaction(CHUNKS, "readwrite");
    transaction.objectStore(CHUNKS).put(sealed, [job, blob, index]);
    await done(transaction);
  }

  async chunk(job: FileId, blob: FileId, index: number): Promise<Uint8Array<ArrayBuffer>> {
    const transaction = this.#database.transaction(CHUNKS);
    const chunk = transaction.objectStore(CHUNKS).get([job, blob, index]);
    await done(transaction);
    if (!(chunk.result instanceof Uint8Array)) throw new Error("a chunk is missing");
    return chunk.result as Uint8Array<ArrayBuffer>;
  }

  async forget(job: FileId): Promise<void> {
    const transaction = this.#database.transaction([JOBS, CHUNKS], "readwrite");
    transaction.objectStore(JOBS).delete(job);
    transaction.objectStore(CHUNKS).delete(chunksOf(job));
    await done(transaction);
  }

  async #seal(job: Job): Promise<SealedJob> {
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(job));
    const ciphertext = await crypto.subtle.encrypt(this.#parameters(job.id, nonce), this.#key, plain);
    return { id: job.id, nonce, ciphertext };
  }

  async #open({ id, nonce, ciphertext }: SealedJob): Promise<Job | null> {
    try {
      const plain = await crypto.subtle.decrypt(this.#parameters(id, nonce), this.#key, ciphertext);
      return JSON.parse(new TextDecoder().decode(plain)) as Job;
    } catch {
      return null;
    }
  }

  #parameters(job: FileId, iv: Uint8Array<ArrayBuffer>): AesGcmParams {
    const label = `callbox/upload/1 ${this.#account} ${job}`;
    return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(label) };
  }
}

/** As long as the worker lives. The blobs may lie on the disk; that is the browser's choice. */
export class MemoryStaging implements Staging {
  readonly #jobs = new Map<FileId, Job>();
  readonly #chunks = new Map<FileId, Map<string, Blob>>();

  async jobs(): Promise<Job[]> {
    return [...this.#jobs.values()];
  }
  async has(job: FileId): Promise<boolean> {
    return this.#jobs.has(job);
  }
  async strays(): Promise<FileId[]> {
    return [...this.#chunks.keys()].filter((job) => !this.#jobs.has(job));
  }
  async put(job: Job): Promise<void> {
    this.#jobs.set(job.id, job);
  }
  async cancel(job: Job): Promise<void> {
    this.#jobs.set(job.id, { ...job, cancelled: true });
    this.#chunks.delete(job.id);
  }
  async putChunk(
    job: FileId,
    blob: FileId,
    index: number,
    sealed: Uint8Array<ArrayBuffer>,
  ): Promise<void> {
    const chunks = this.#chunks.get(job) ?? new Map<string, Blob>();
    this.#chunks.set(job, chunks.set(`${blob} ${index}`, new Blob([sealed])));
  }
  async chunk(job: FileId, blob: FileId, index: number): Promise<Uint8Array<ArrayBuffer>> {
    const chunk = this.#chunks.get(job)?.get(`${blob} ${index}`);
    if (!chunk) throw new Error("a chunk is missing");
    return new Uint8Array(await chunk.arrayBuffer());
  }
  async forget(job: FileId): Promise<void> {
    this.#jobs.delete(job);
    this.#chunks.delete(job);
  }
}

/** Arrays come after all texts in the order of keys. */
function chunksOf(job: FileId): IDBKeyRange {
  return IDBKeyRange.bound([job], [job, []]);
}

function databaseName(account: AccountId): string {
  return `callbox-files-${account}`;
}

function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(KEYS);
      request.result.createObjectStore(JOBS, { keyPath: "id" });
      request.result.createObjectStore(CHUNKS);
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

const KEYS = "keys";
const KEY = "jobs";
const JOBS = "jobs";
const CHUNKS = "chunks";
