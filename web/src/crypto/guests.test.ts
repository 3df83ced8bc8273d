// @vitest-environment node
// Guests: keys without a password, joining and knocking by a link, and an
// account that is kept.

import { describe, expect, test } from "vitest";

import type { Blob, ConversationId, DeviceId, LinkId } from "@/protocol/wire";

import { random, text } from "./bytes";
import { FakeServer, newId } from "./testing/fake-server";
import { Person } from "./testing/person";

async function roomWithLink(lobby: boolean) {
  const server = new FakeServer();
  const [a, b] = [await Person.join(server), await Person.join(server)];
  await a.meet(b.account);
  const id = newId<ConversationId>();
  const members = [{ account: b.account, role: "member" as const }];
  await a.change(id, { type: "create", kind: "room", name: "Kitchen", history: "all", members });
  await a.send(id, "one");
  const link = newId<LinkId>();
  const expires = server.now + 86_400_000;
  const made = await b.vault.makeLink({ id: link, role: "guest", expires, lobby });
  await b.change(id, { type: "link_add", link: made.link });
  const opened = () => ({
    conversation: id,
    control: server.log(id).control,
    records: [a, b].map(({ account }) => ({ account, records: server.records(account) })),
    grants: server.grants(id, link),
  });
  return { server, a, b, id, link, secret: made.secret, expires, opened };
}

async function guestOf(server: FakeServer): Promise<Person> {
  const guest = new Person(server);
  const { record } = await guest.vault.createGuest({ device: guest.device, now: server.now });
  server.accounts.set(guest.account, { records: [record], bundle: { version: 0, nonce: "" as Blob, ct: "" as Blob }, wraps: [] });
  return guest;
}

describe("a guest", () => {
  test("joins by a link without a lobby, out of what the server tells about it", async () => {
    const { server, a, b, id, link, secret, opened } = await roomWithLink(false);
    const guest = await guestOf(server);
    const early = await guest.vault.joinByLink({ link, secret, opened: opened(), now: server.now });
    await b.send(id, "two");
    await b.change(id, { type: "rotate" });
    await expect(server.control(early.envelope, early.grants)).rejects.toMatchObject({ code: "conflict" });
    await guest.vault.abandon({ conversation: id, id: early.id });
    const join = await guest.vault.joinByLink({ link, secret, opened: opened(), now: server.now });
    const { seq, time } = await server.control(join.envelope, join.grants);
    await guest.vault.confirm({ conversation: id, id: join.id, seq, time });
    await guest.send(id, "hello");
    expect(await guest.texts(id)).toEqual(["one", "two", "hello"]);
    await a.catchUp(id);
    const members = (await a.vault.conversation({ conversation: id }))?.members;
    expect(members?.at(-1)).toMatchObject({ account: guest.account, role: "guest", via: link });
  });

  test("knocks, and a member sees who has the link and who has not", async () => {
    const { server, a, id, link, secret, expires } = await roomWithLink(true);
    expect(server.grants(id, link)).toEqual([]);
    const [guest, other] = [await guestOf(server), await guestOf(server)];
    const knock = await guest.knock(id, link, secret);
    const verdict = async (ask: typeof knock, now = server.now) => a.vault.verifyKnock({ conversation: id, knock: ask, now });
    await a.catchUp(id);
    expect(await verdict(knock)).toBe("unknown_person");
    await a.meet(guest.account, other.account);
    expect(await verdict(knock)).toBe("good");
    expect(await verdict({ ...knock, account: other.account })).toBe("forged");
    expect(await verdict(await other.knock(id, link, text(random(32))))).toBe("forged");
    expect(await verdict({ ...knock, link: newId() })).toBe("no_link");
    expect(await verdict(knock, expires)).toBe("no_link");
    await a.admit(id, knock);
    expect(await guest.texts(id)).toEqual(["one"]);
    await a.change(id, { type: "link_revoke", link });
    const members = (await a.vault.conversation({ conversation: id }))?.members.map(({ account }) => account);
    expect(members).not.toContain(guest.account);
  });

  test("keeps the account: password and recovery code open it elsewhere", async () => {
    const { server, id, link, secret, opened } = await roomWithLink(false);
    const guest = await guestOf(server);
    const join = await guest.vault.joinByLink({ link, secret, opened: opened(), now: server.now });
    const { seq, time } = await server.control(join.envelope, join.grants);
    await guest.vault.confirm({ conversation: id, id: join.id, seq, time });
    expect(await guest.vault.status()).toMatchObject({ state: "ready", guest: true });
    const { keys, recoveryCode } = await guest.vault.keepAccount({ exportKey: guest.exportKey });
    const held = server.account(guest.account);
    expect(keys.record).toEqual(held.records[0]);
    held.bundle = keys.bundle;
    held.wraps = keys.wraps;
    guest.recoveryCode = recoveryCode;
    await guest.vault.accountKept();
    expect(await guest.vault.status()).toMatchObject({ state: "ready", guest: false });
    await expect(guest.vault.keepAccount({ exportKey: guest.exportKey })).rejects.toMatchObject({ problem: "locked" });
    for (const by of [guest.password, { type: "recovery" as const, code: recoveryCode }]) {
      expect(await (await guest.another(by)).texts(id)).toEqual(["one"]);
    }
  });

  test("has no master key outside of this browser", async () => {
    const server = new FakeServer();
    const guest = await guestOf(server);
    const own = await guest.store.get("own", "own");
    expect(own?.guest?.kek.extractable).toBe(false);
    const member = new Person(server);
    await member.vault.create({ device: newId<DeviceId>(), exportKey: member.exportKey, now: server.now });
    await expect(member.vault.keepAccount({ exportKey: member.exportKey })).rejects.toMatchObject({ problem: "locked" });
  });
});
