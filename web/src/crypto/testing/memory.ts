// A store in memory and locks of one process, for tests.

import type { Rows } from "../vault/rows";
import type { Locks } from "../vault/room";
import type { Store } from "../vault/store";

export class MemoryStore implements Store {
  #rows = new Map<string, unknown>();

  get<K extends keyof Rows>(kind: K, key: string): Promise<Rows[K] | undefined> {
    return Promise.resolve(this.#rows.get(`${kind} ${key}`) as Rows[K] | undefined);
  }

  async many<K extends keyof Rows>(kind: K, keys: readonly string[]): Promise<ReadonlyMap<string, Rows[K]>> {
    const found = new Map<string, Rows[K]>();
    for (const key of keys) {
      const row = await this.get(kind, key);
      if (row !== undefined) found.set(key, row);
    }
    return found;
  }

  keys(kind: keyof Rows): Promise<readonly string[]> {
    const prefix = `${kind} `;
    return Promise.resolve([...this.#rows.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)));
  }

  put<K extends keyof Rows>(kind: K, key: string, row: Rows[K]): Promise<void> {
    this.#rows.set(`${kind} ${key}`, row);
    return Promise.resolve();
  }

  note<K extends keyof Rows>(kind: K, key: string, row: Rows[K]): Promise<void> {
    return this.put(kind, key, row);
  }

  remove(kind: keyof Rows, key: string): Promise<void> {
    this.#rows.delete(`${kind} ${key}`);
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    this.#rows.clear();
    return Promise.resolve();
  }

  /** The same profile on another machine. Rows are never changed in place. */
  clone(): MemoryStore {
    const copy = new MemoryStore();
    copy.#rows = new Map(this.#rows);
    return copy;
  }
}

export function localLocks(): Locks {
  const last = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const turn = (last.get(name) ?? Promise.resolve()).then(work, work);
    last.set(name, turn.catch(() => undefined));
    return turn;
  };
}
