// What follows a person over devices, sealed under the bundle's settings key:
// items with the time of their change. Two versions merge item by item; the
// later change wins.

import type { AccountId, SealedSettings } from "@/protocol/wire";

import type { Json } from "./vault/api";
import { type Bytes, aeadOpen, aeadSeal, bytes, concat, label, random, text, u64, utf8 } from "./bytes";
import { asMillis, asObject, exactly, parseJson } from "./json";

export interface Item {
  readonly value: Json;
  readonly at: number;
}

export type Items = Readonly<Record<string, Item>>;

export async function sealSettings(key: Bytes | CryptoKey, account: AccountId, version: number, items: Items, nonce: Bytes = random(12)): Promise<SealedSettings> {
  const plain = utf8(JSON.stringify({ v: 1, items }));
  return { version, nonce: text(nonce), ct: text(await aeadSeal(key, nonce, plain, aad(account, version))) };
}

/** Null when the key is another or they were changed. */
export async function openSettings(key: Bytes | CryptoKey, account: AccountId, sealed: SealedSettings): Promise<Items | null> {
  const plain = await openSettingsBytes(key, account, sealed);
  if (!plain) return null;
  const { v, items } = exactly(parseJson(plain, "any"), "v", "items");
  if (v !== 1) return null;
  const entries = Object.entries(asObject(items)).map(([name, item]) => {
    const { value, at } = exactly(item, "value", "at");
    return [name, { value: value as Json, at: asMillis(at) }] as const;
  });
  return Object.fromEntries(entries);
}

/** What was sealed, whatever it says. */
export function openSettingsBytes(key: Bytes | CryptoKey, account: AccountId, { version, nonce, ct }: SealedSettings): Promise<Bytes | null> {
  return aeadOpen(key, bytes(nonce, 12), bytes(ct), aad(account, version));
}

/** Of each item the later one; of two as late as each other, the same on every device. */
export function mergeItems(a: Items, b: Items): Items {
  const merged = new Map(Object.entries(a));
  for (const [name, item] of Object.entries(b)) {
    const other = merged.get(name);
    if (!other || later(item, other)) merged.set(name, item);
  }
  return Object.fromEntries(merged);
}

function later(a: Item, b: Item): boolean {
  return a.at === b.at ? JSON.stringify(a.value) > JSON.stringify(b.value) : a.at > b.at;
}

function aad(account: AccountId, version: number): Bytes {
  return concat(label("settings\0"), bytes(account, 16), u64(version));
}
