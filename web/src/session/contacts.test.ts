import { expect, test } from "vitest";

import type { Blob, SealedSettings } from "@/protocol/wire";

import { Contacts } from "./contacts";
import { annasVault, BEN, FakeServer } from "./testing/fake-server";
import type { FakeVault } from "./testing/fake-vault";

/** The server's one place for settings, by compare and swap. */
class Settings extends FakeServer {
  held: SealedSettings | null = null;
  down = false;

  override async http(method: "GET" | "POST" | "PUT", path: string, body?: unknown) {
    if (this.down) throw new Error("no network");
    if (path === "/keys") return { status: 200, json: { records: [], bundle: null, wraps: null, settings: this.held } };
    if (path !== "/keys/settings") return super.http(method, path, body);
    const sealed = body as SealedSettings;
    if (sealed.version !== (this.held?.version ?? 0) + 1) {
      return { status: 409, json: { error: { code: "conflict", detail: "" } } };
    }
    this.held = sealed;
    return { status: 204, json: null };
  }
}

function device(server: Settings): { vault: FakeVault; contacts: Contacts } {
  const vault = annasVault();
  vault.records.set(BEN, 1);
  return { vault, contacts: new Contacts(vault, server) };
}

test("who is verified on one device is verified on the others", async () => {
  const server = new Settings();
  const [laptop, phone] = [device(server), device(server)];
  await laptop.contacts.setVerified(BEN, true);
  expect(laptop.contacts.all.snapshot().get(BEN)?.verified).toBe(true);
  await phone.contacts.sync();
  expect(phone.contacts.all.snapshot().get(BEN)?.verified).toBe(true);
});

test("what two devices decide at once counts both", async () => {
  const server = new Settings();
  const [laptop, phone] = [device(server), device(server)];
  const clara = "clara" as typeof BEN;
  phone.vault.records.set(clara, 1);
  await laptop.contacts.setVerified(BEN, true);
  await phone.contacts.setVerified(clara, true);
  expect(JSON.parse(server.held?.ct ?? ("" as Blob))).toEqual([clara, BEN]);
  expect(phone.contacts.all.snapshot().get(BEN)?.verified).toBe(true);
});

test("what was decided without a connection is passed on with the next one", async () => {
  const server = new Settings();
  const { contacts } = device(server);
  server.down = true;
  await contacts.setVerified(BEN, true);
  expect(contacts.all.snapshot().get(BEN)?.verified).toBe(true);
  server.down = false;
  await contacts.sync();
  expect(server.held?.version).toBe(1);
});

test("who has other keys is free again when they are accepted, and verified no more", async () => {
  const server = new Settings();
  const { vault, contacts } = device(server);
  vault.verified.add(BEN);
  vault.blocked.add(BEN);
  await contacts.look();
  expect(contacts.all.snapshot().get(BEN)?.blocked).toBe(true);
  await contacts.acceptKeys(BEN);
  expect(contacts.all.snapshot().get(BEN)).toMatchObject({ blocked: false, verified: false });
});
