// What the parts of a vault share: whose it is, where it keeps things, and locks
// that hold over all tabs of the browser.

import type { AccountId, ConversationId, DeviceId } from "@/protocol/wire";

import { ZERO_HASH, text } from "../bytes";
import { VaultError } from "./error";
import type { ChainRow, ContactRow, ConversationRow, OwnRow } from "./rows";
import type { Store } from "./store";

/** Runs work alone among all that ask for the same name. */
export type Locks = <T>(name: string, work: () => Promise<T>) => Promise<T>;

export class VaultRoom {
  readonly account: AccountId;
  readonly store: Store;
  readonly #locks: Locks;

  constructor(account: AccountId, store: Store, locks: Locks) {
    this.account = account;
    this.store = store;
    this.#locks = locks;
  }

  alone<T>(what: string, work: () => Promise<T>): Promise<T> {
    return this.#locks(`callbox-vault/${this.account}/${what}`, work);
  }

  async own(): Promise<OwnRow> {
    return (await this.store.get("own", OWN)) ?? fail("locked");
  }

  /** Changes the own row, alone. */
  changeOwn(change: (own: OwnRow) => OwnRow): Promise<OwnRow> {
    return this.alone(OWN, async () => {
      const changed = change(await this.own());
      await this.store.put("own", OWN, changed);
      return changed;
    });
  }

  contact(account: AccountId): Promise<ContactRow | undefined> {
    return this.store.get("contacts", account);
  }

  /** Those of these accounts that are known. */
  contacts(accounts: Iterable<AccountId>): Promise<ReadonlyMap<AccountId, ContactRow>> {
    return this.store.many("contacts", [...new Set(accounts)]) as Promise<ReadonlyMap<AccountId, ContactRow>>;
  }

  conversation(id: ConversationId): Promise<ConversationRow | undefined> {
    return this.store.get("conversations", id);
  }

  async chain(id: ConversationId): Promise<ChainRow> {
    return (await this.store.get("chains", id)) ?? { n: 0, prev: NOTHING, waiting: null, abandoned: [], runs: {}, covered: [], seen: null };
  }

  async device(): Promise<DeviceId> {
    return (await this.own()).device;
  }
}

export function fail(...why: ConstructorParameters<typeof VaultError>): never {
  throw new VaultError(...why);
}

export const OWN = "own";
/** The hash that stands for "there is none before". */
export const NOTHING = text<ContactRow["hashes"][number]>(ZERO_HASH);
