// @vitest-environment node
// The vault over the database it has in browsers.

import "fake-indexeddb/auto";

import { expect, test } from "vitest";

import type { AccountId, ConversationId, DeviceId } from "@/protocol/wire";

import { random, text } from "./bytes";
import { newId } from "./testing/fake-server";
import { localLocks } from "./testing/memory";
import type { Vault } from "./vault/api";
import { makeEngine } from "./vault/engine";
import { remoteVault } from "./vault/remote";
import { openStore } from "./vault/store";

function vaultOf(account: AccountId): Vault {
  return remoteVault(makeEngine(account, openStore(account), localLocks(), { pair: null }));
}

test("e19 two accounts in one browser are apart, and what is kept outlives the page", async () => {
  const [a, b] = [newId<AccountId>(), newId<AccountId>()];
  const device = newId<DeviceId>();
  const vault = vaultOf(a);
  await vault.create({ device, exportKey: text(random(64)), now: 1 });
  const conversation = newId<ConversationId>();
  await vault.prepareControl({ conversation, op: { type: "create", kind: "room", name: "Kitchen", history: "all", members: [] }, now: 1 });

  expect(await vaultOf(b).status()).toMatchObject({ device: null, state: "none" });
  await expect(vaultOf(b).protect({ text: "x" })).rejects.toMatchObject({ problem: "locked" });
  expect((await indexedDB.databases()).map(({ name }) => name).sort()).toEqual([`callbox-keys-${a}`, `callbox-keys-${b}`].sort());

  const later = vaultOf(a);
  expect(await later.status()).toMatchObject({ device, state: "ready" });
  const waiting = await later.unconfirmed({ conversation });
  expect(waiting?.grants).toHaveLength(1);
  await later.confirm({ conversation, id: waiting!.id, seq: 1, time: 2 });
  const sealed = await later.seal({ conversation, content: { k: "text", text: "hello" }, tag: "1", now: 3 });
  const opened = await later.open({
    conversation,
    entries: [{ seq: 2, time: 3, content: { type: "envelope", envelope: sealed.envelope } }],
  });
  expect(opened.entries).toMatchObject([{ type: "content", content: { k: "text", text: "hello" } }]);

  await vaultOf(a).forget();
  expect(await vaultOf(a).status()).toMatchObject({ device: null, state: "none" });
});

test("no key in the database comes out", async () => {
  const account = newId<AccountId>();
  await vaultOf(account).create({ device: newId(), exportKey: text(random(64)), now: 1 });
  const own = await openStore(account).get("own", "own");
  const keys = [own!.ds, own!.settingsKey, own!.local, ...own!.ae.map(({ pair }) => pair.privateKey)];
  for (const key of keys) {
    expect(key.extractable).toBe(false);
    for (const format of ["raw", "pkcs8", "jwk"] as const) await expect(crypto.subtle.exportKey(format, key)).rejects.toThrow();
  }
});
