// Other people's keys: the chain of each account's records, pinned as it was
// first seen. Older versions, forks and new keys that the old ones did not sign
// are noticed here. Who was verified is in the settings, by the key compared.

import type { AccountId, Blob, Millis, SignedRecord } from "@/protocol/wire";

import type { Contact, People, SettingsSync, Verdict } from "./api";
import { bytes, text } from "../bytes";
import { type KnownRecord, RecordRefused, checkRecord, fingerprint } from "../record";
import { isSafetyCode, safetyCode, safetyNumber } from "../safety-number";
import type { ContactRow, Generation, OwnRow } from "./rows";
import { type VaultRoom, fail } from "./room";
import type { SettingsPart } from "./settings-part";

export class PeoplePart implements People {
  readonly #room: VaultRoom;
  readonly #settings: SettingsPart;

  constructor(room: VaultRoom, settings: SettingsPart) {
    this.#room = room;
    this.#settings = settings;
  }

  async learnRecords({ account, records }: { account: AccountId; records: readonly SignedRecord[] }): Promise<Verdict> {
    return this.#room.alone(`people/${account}`, async () => {
      const before = await this.#room.contact(account);
      try {
        const after = await followRecords(account, before, records);
        if (!after) return { type: "known" };
        if (after !== before) await this.#room.store.put("contacts", account, after);
        const own = await this.#room.store.get("own", "own");
        return verdict(before, after, own ? verifiedKey(own, account) : null);
      } catch (error) {
        if (error instanceof RecordRefused) return { type: "refused", reason: error.reason };
        throw error;
      }
    });
  }

  async contacts({ accounts }: { accounts?: readonly AccountId[] }): Promise<readonly Contact[]> {
    const all = accounts ?? ((await this.#room.store.keys("contacts")) as AccountId[]);
    const own = await this.#room.own();
    return Array.from(await this.#room.contacts(all), ([account, row]) => contactOf(own, account, row));
  }

  async safetyNumber({ account }: { account: AccountId }): Promise<{ digits: string; code: Blob }> {
    const [mine, theirs] = await this.#both(account);
    return { digits: await safetyNumber(mine, theirs), code: text(safetyCode(mine, theirs)) };
  }

  async scan({ account, code }: { account: AccountId; code: Blob }): Promise<{ match: boolean; sync: SettingsSync | null }> {
    const [mine, theirs] = await this.#both(account);
    let read: Uint8Array;
    try {
      read = bytes(code);
    } catch {
      return { match: false, sync: null };
    }
    if (!isSafetyCode(read, mine, theirs)) return { match: false, sync: null };
    const { sync } = await this.setVerified({ account, verified: true, now: Date.now() });
    return { match: true, sync };
  }

  async setVerified({ account, verified, now }: { account: AccountId; verified: boolean; now: Millis }): Promise<{ sync: SettingsSync }> {
    const contact = (await this.#room.contact(account)) ?? fail("unknown_person", [account]);
    const value = verified ? { as: await fingerprint(contact.record.as_pub) } : null;
    return this.#settings.changeSettings({ items: { [verifiedItem(account)]: value }, now });
  }

  acceptKeys({ account, now }: { account: AccountId; now: Millis }): Promise<{ sync: SettingsSync }> {
    return this.setVerified({ account, verified: false, now });
  }

  async #both(account: AccountId): Promise<[{ account: AccountId; asPub: Blob }, { account: AccountId; asPub: Blob }]> {
    const mine = (await this.#room.contact(this.#room.account)) ?? fail("locked");
    const theirs = (await this.#room.contact(account)) ?? fail("unknown_person", [account]);
    return [
      { account: this.#room.account, asPub: mine.record.as_pub },
      { account, asPub: theirs.record.as_pub },
    ];
  }
}

/** The row with these versions followed; null when there is nothing at all. Refuses by throwing. */
export async function followRecords(
  account: AccountId,
  before: ContactRow | undefined,
  records: readonly SignedRecord[],
): Promise<ContactRow | null> {
  let row = before ?? null;
  for (const signed of records) {
    const known: KnownRecord | null = row && { record: row.record, hash: row.hashes.at(-1) ?? "" as Blob };
    const said = versionOf(signed);
    if (row && said <= row.record.version) {
      await checkSeen(row, signed, said);
      continue;
    }
    row = await append(row, await checkRecord(account, known, signed));
  }
  const last = records.at(-1);
  if (before && last && versionOf(last) < before.record.version) throw new RecordRefused("rollback");
  return row;
}

/** Of two versions with one number only the one seen first counts. */
async function checkSeen(row: ContactRow, { payload }: SignedRecord, version: number): Promise<void> {
  const hash = text(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes(payload))));
  if (row.hashes[version - 1] !== hash) throw new RecordRefused("fork");
}

/** What a version says its number is; it is checked before it counts. */
function versionOf({ payload }: SignedRecord): number {
  try {
    const { version } = JSON.parse(new TextDecoder().decode(bytes(payload))) as { version?: unknown };
    if (typeof version === "number" && Number.isSafeInteger(version) && version > 0) return version;
  } catch {
    // The same as any other thing that is no record.
  }
  throw new RecordRefused("format");
}

async function append(row: ContactRow | null, { record, hash }: KnownRecord): Promise<ContactRow> {
  const last = row?.generations.at(-1);
  const identity = (last?.identity ?? 0) + (record.reset ? 1 : 0);
  const generations = [...(row?.generations ?? [])];
  if (last?.g !== record.g) generations.push({ g: record.g, as: await fingerprint(record.as_pub), ae: record.ae_pub, identity });
  const devices = { ...row?.devices };
  for (const { id } of record.devices) devices[id] ??= identity;
  return { record, hashes: [...(row?.hashes ?? []), hash], generations, devices };
}

function verdict(before: ContactRow | undefined, after: ContactRow, verified: Blob | null): Verdict {
  const wasVerified = verified !== null;
  if (!before) return wasVerified && !isIdentity(after, verified) ? { type: "keys_changed", wasVerified } : { type: "first_seen" };
  if (after.record.version === before.record.version) return { type: "known" };
  if (identityOf(after) !== identityOf(before)) return { type: "keys_changed", wasVerified };
  if (after.record.g !== before.record.g) return { type: "keys_renewed" };
  const old = new Map(before.record.devices.map((device) => [device.id, device]));
  const { devices } = after.record;
  return {
    type: "devices_changed",
    added: devices.filter(({ id }) => !old.has(id)).map(({ id }) => id),
    revoked: devices.filter(({ id, revoked }) => revoked !== null && old.get(id)?.revoked === null).map(({ id }) => id),
  };
}

export function contactOf(own: OwnRow, account: AccountId, row: ContactRow): Contact {
  const verified = verifiedKey(own, account);
  const right = verified !== null && isIdentity(row, verified);
  const { version, g, devices } = row.record;
  return {
    account,
    version,
    g,
    as: row.generations.at(-1)?.as ?? ("" as Blob),
    verified: right,
    changed: identityOf(row) > 0,
    blocked: verified !== null && !right,
    devices: devices.map(({ id, added, revoked }) => ({ id, added, revoked })),
  };
}

/** Whether this is a key of the account's present identity, of any generation. */
export function isIdentity(row: ContactRow, as: Blob): boolean {
  return row.generations.some((one) => one.as === as && one.identity === identityOf(row));
}

/** The generation with this key; generations of one identity vouch for each other. */
export function generationOf(row: ContactRow, as: Blob): Generation | undefined {
  return row.generations.find((one) => one.as === as);
}

/** The newest generation that the identity with this key has. */
export function newestOf(row: ContactRow, as: Blob): Generation | undefined {
  const known = generationOf(row, as);
  return known && row.generations.findLast(({ identity }) => identity === known.identity);
}

function identityOf(row: ContactRow): number {
  return row.generations.at(-1)?.identity ?? 0;
}

/** The key by which a person was verified; null when not. */
export function verifiedKey(own: OwnRow, account: AccountId): Blob | null {
  const value = own.settings.items[verifiedItem(account)]?.value;
  if (value === null || typeof value !== "object" || !("as" in value) || typeof value.as !== "string") return null;
  return value.as as Blob;
}

function verifiedItem(account: AccountId): string {
  return `verified/${account}`;
}
