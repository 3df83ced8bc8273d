// Where the vault keeps its rows: an IndexedDB database per account.

import type { AccountId } from "@/protocol/wire";

import type { RowKey, Rows } from "./rows";

/** Keeps rows by kind and key. */
export interface Store {
  get<K extends keyof Rows>(kind: K, key: RowKey): Promise<Rows[K] | undefined>;
  /** Those that there are, in one look. */
  many<K extends keyof Rows>(kind: K, keys: readonly RowKey[]): Promise<ReadonlyMap<RowKey, Rows[K]>>;
  keys(kind: keyof Rows): Promise<readonly string[]>;
  put<K extends keyof Rows>(kind: K, key: RowKey, row: Rows[K]): Promise<void>;
  /** The same for what a cut of the power may undo: it costs no wait for the disk. */
  note<K extends keyof Rows>(kind: K, key: RowKey, row: Rows[K]): Promise<void>;
  remove(kind: keyof Rows, key: RowKey): Promise<void>;
  /** Removes everything. */
  destroy(): Promise<void>;
}

/** The database of an account in this browser. */
export function openStore(account: AccountId): Store {
  return new Database(`callbox-keys-${account}`);
}

class Database implements Store {
  readonly #name: string;
  #opened: Promise<IDBDatabase> | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  async get<K extends keyof Rows>(kind: K, key: RowKey): Promise<Rows[K] | undefined> {
    const store = await this.#store(kind, "readonly");
    return result(store.get(key)) as Promise<Rows[K] | undefined>;
  }

  async many<K extends keyof Rows>(kind: K, keys: readonly RowKey[]): Promise<ReadonlyMap<RowKey, Rows[K]>> {
    const store = await this.#store(kind, "readonly");
    const rows = await Promise.all(keys.map((key) => result(store.get(key)) as Promise<Rows[K] | undefined>));
    return new Map(keys.flatMap((key, i) => {
      const row = rows[i];
      return row === undefined ? [] : [[key, row] as const];
    }));
  }

  async keys(kind: keyof Rows): Promise<readonly string[]> {
    const store = await this.#store(kind, "readonly");
    return (await result(store.getAllKeys())).map(String);
  }

  async put<K extends keyof Rows>(kind: K, key: RowKey, row: Rows[K]): Promise<void> {
    const store = await this.#store(kind, "readwrite");
    store.put(row, key);
    await done(store.transaction);
  }

  async note<K extends keyof Rows>(kind: K, key: RowKey, row: Rows[K]): Promise<void> {
    const store = await this.#store(kind, "readwrite", "relaxed");
    store.put(row, key);
    await done(store.transaction);
  }

  async remove(kind: keyof Rows, key: RowKey): Promise<void> {
    const store = await this.#store(kind, "readwrite");
    store.delete(key);
    await done(store.transaction);
  }

  async destroy(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    opened?.close();
    this.#opened = undefined;
    await result(indexedDB.deleteDatabase(this.#name));
  }

  async #store(
    kind: keyof Rows,
    mode: IDBTransactionMode,
    // What is said to be stored must be: an envelope is sent once its counter is kept.
    durability: IDBTransactionDurability = "strict",
  ): Promise<IDBObjectStore> {
    this.#opened ??= open(this.#name, () => (this.#opened = undefined));
    const database = await this.#opened;
    return database.transaction(kind, mode, { durability }).objectStore(kind);
  }
}

async function open(name: string, closed: () => void): Promise<IDBDatabase> {
  const request = indexedDB.open(name, VERSION);
  request.addEventListener("upgradeneeded", () => {
    for (const kind of KINDS) request.result.createObjectStore(kind);
  });
  const database = await result(request);
  // Another tab forgets the account: it must not wait for this one.
  database.addEventListener("versionchange", () => {
    database.close();
    closed();
  });
  return database;
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("the database failed")));
  });
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve());
    transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("the database failed")));
  });
}

const VERSION = 1;
const KINDS: readonly (keyof Rows)[] = ["own", "contacts", "conversations", "chains", "transcripts", "calls"];
