// @vitest-environment node
// The vault against a server that can lie. Rows E of security.md 6.4, each by its number.

import { describe, expect, test } from "vitest";

import type { Blob, ConversationId, LinkId } from "@/protocol/wire";

import { bytes, random, text } from "./bytes";
import { FakeServer, No, newId } from "./testing/fake-server";
import { Person, say, textsOf } from "./testing/person";
import type { History } from "./control";

async function people(count: number): Promise<{ server: FakeServer; all: Person[] }> {
  const server = new FakeServer();
  const all: Person[] = [];
  for (let i = 0; i < count; i++) all.push(await Person.join(server));
  return { server, all };
}

async function room(history: History, count = 3): Promise<{ server: FakeServer; all: Person[]; id: ConversationId; a: Person; b: Person; c: Person }> {
  const { server, all } = await people(count);
  const id = newId<ConversationId>();
  const [a, b, c] = all as [Person, Person, Person];
  const members = all.slice(1).map(({ account }) => ({ account, role: "member" as const }));
  await a.change(id, { type: "create", kind: "room", name: "Kitchen", history, members });
  return { server, all, id, a, b, c };
}

describe("keys", () => {
  test("a second device reads the whole history", async () => {
    const { id, a, b } = await room("all");
    await a.send(id, "one");
    await b.send(id, "two");
    const phone = await a.another();
    expect(await phone.texts(id)).toEqual(["one", "two"]);
    await phone.send(id, "three");
    expect(await b.texts(id)).toEqual(["one", "two", "three"]);
  });

  test("e16 the recovery code opens everything; a wrong one does not", async () => {
    const { id, a } = await room("all");
    await a.send(id, "one");
    const back = await a.another({ type: "recovery", code: a.recoveryCode });
    expect(await back.texts(id)).toEqual(["one"]);
    const typo = a.recoveryCode.replace(/^./, (c) => (c === "0" ? "1" : "0"));
    await expect(a.another({ type: "recovery", code: typo })).rejects.toMatchObject({ problem: "recovery_code" });
    const other = await Person.join(a.server);
    await expect(a.another({ type: "recovery", code: other.recoveryCode })).rejects.toMatchObject({ problem: "recovery_code" });
    await expect(a.another({ type: "password", exportKey: other.exportKey })).rejects.toMatchObject({ problem: "password" });
  });

  test("a device is approved from another one", async () => {
    const { id, a } = await room("all");
    await a.send(id, "one");
    const fresh = new Person(a.server, a.account);
    const { request, tag } = await fresh.vault.requestApproval();
    expect(await a.vault.approvalTag({ request })).toEqual({ tag });
    const ask = { request, tag, by: a.password, keys: a.server.account(a.account) };
    const { approval } = await a.vault.approve(ask);
    await fresh.unlock({ type: "device", approval });
    expect(await fresh.texts(id)).toEqual(["one"]);
    // Unsure whether it was stored, it opens the same approval again.
    await fresh.unlock({ type: "device", approval });
  });

  test("a passkey opens everything, until the keys are renewed", async () => {
    const { id, a, b, server } = await room("all");
    await a.send(id, "one");
    const passkey = { output: text<Blob>(random(32)), credential: text<Blob>(random(20)) };
    const held = server.account(a.account);
    const { wrap, sign } = await a.vault.addPasskey({ passkey, by: a.password, keys: held });
    held.wraps = [...held.wraps, wrap];
    const phone = await a.another({ type: "prf", ...passkey });
    expect(await phone.texts(id)).toEqual(["one"]);
    // It also opens the keys for another passkey, which signs with another key.
    const next = { ...passkey, credential: text<Blob>(random(20)) };
    const second = await phone.vault.addPasskey({ passkey: next, by: { type: "prf", ...passkey }, keys: held });
    held.wraps = [...held.wraps, second.wrap];
    expect(second.sign).not.toBe(sign);
    expect(await (await a.another({ type: "prf", ...next })).texts(id)).toEqual(["one"]);

    const another = { output: text<Blob>(random(32)), credential: passkey.credential };
    await expect(a.another({ type: "prf", ...another })).rejects.toMatchObject({ problem: "passkey" });
    const short = { ...passkey, output: text<Blob>(random(31)) };
    await expect(a.another({ type: "prf", ...short })).rejects.toMatchObject({ problem: "format" });
    const ask = { passkey, by: b.password, keys: held };
    await expect(a.vault.addPasskey(ask)).rejects.toMatchObject({ problem: "password" });

    const lost = await a.another();
    const old = [...held.wraps];
    await a.put(await a.vault.revokeDevice({ device: lost.device, by: a.password, exportKey: a.exportKey, keys: held, now: server.now }));
    // A server that keeps the old wraps helps nobody: they hold a master key that opens no bundle.
    held.wraps = [...held.wraps, ...old];
    await expect(a.another({ type: "prf", ...passkey })).rejects.toMatchObject({ problem: "bundle" });
    const stale = { passkey: next, by: { type: "prf", ...passkey }, keys: held } as const;
    await expect(a.vault.addPasskey(stale)).rejects.toMatchObject({ problem: "bundle" });
  });

  test("what a passkey signs is for one challenge and account", async () => {
    const { all: [a, b] } = await people(2);
    const passkey = { output: text<Blob>(random(32)), credential: text<Blob>(random(20)) };
    const ask = { passkey, server: "here", challenge: text<Blob>(random(32)) };
    const { signature } = await a!.vault.signPasskey(ask);
    expect(await a!.vault.signPasskey(ask)).toEqual({ signature });
    expect(await b!.vault.signPasskey(ask)).not.toEqual({ signature });
    expect(await a!.vault.signPasskey({ ...ask, server: "there" })).not.toEqual({ signature });
    expect(await a!.vault.signPasskey({ ...ask, challenge: text<Blob>(random(32)) })).not.toEqual({ signature });
    await expect(a!.vault.signPasskey({ ...ask, challenge: text<Blob>(random(31)) })).rejects.toMatchObject({ problem: "format" });
  });

  test("a request for approval that was swapped is refused, and so is an approval for another one", async () => {
    const { a, b } = await room("all");
    const fresh = new Person(a.server, a.account);
    const { request, tag } = await fresh.vault.requestApproval();
    const keys = a.server.account(a.account);
    const between = await new Person(a.server, a.account).vault.requestApproval();
    const ask = { request, tag, by: a.password, keys };
    await expect(a.vault.approve({ ...ask, request: between.request })).rejects.toMatchObject({ problem: "swapped" });
    await expect(a.vault.approve({ ...ask, tag: text(bytes(tag).slice(1)) })).rejects.toMatchObject({ problem: "swapped" });
    await expect(a.vault.approve({ ...ask, by: b.password })).rejects.toMatchObject({ problem: "password" });
    const other = await a.vault.approve({ ...ask, ...between });
    await expect(fresh.unlock({ type: "device", approval: other.approval })).rejects.toMatchObject({ problem: "format" });
    // Sealed for one account, it opens no other one.
    const { approval } = await b.vault.approve({ request, tag, by: b.password, keys: b.server.account(b.account) });
    await expect(fresh.unlock({ type: "device", approval })).rejects.toMatchObject({ problem: "format" });
    // What is shown next replaces what was shown before.
    const late = await a.vault.approve(ask);
    await fresh.vault.requestApproval();
    await expect(fresh.unlock({ type: "device", approval: late.approval })).rejects.toMatchObject({ problem: "format" });
    const asleep = new Person(a.server, a.account);
    await expect(asleep.unlock({ type: "device", approval: late.approval })).rejects.toMatchObject({ problem: "locked" });
  });

  test("e17 after a password change a device that was offline goes on", async () => {
    const { id, a, b, server } = await room("all");
    const phone = await a.another();
    await phone.texts(id);
    const exportKey = b.exportKey;
    const held = server.account(a.account);
    const { wrap } = await a.vault.rewrap({ by: a.password, exportKey, keys: held });
    held.wraps = [wrap, ...held.wraps.filter(({ type }) => type !== "password")];
    await phone.send(id, "still here");
    expect(await b.texts(id)).toEqual(["still here"]);
    await expect(a.another()).rejects.toMatchObject({ problem: "password" });
    const tablet = await a.another({ type: "password", exportKey });
    expect(await tablet.texts(id)).toEqual(["still here"]);
  });

  test("e18 a lost device gets nothing new, and all else goes on", async () => {
    const { id, a, b, server } = await room("all");
    const lost = await a.another();
    await b.send(id, "before");
    expect(await lost.texts(id)).toEqual(["before"]);
    const made = await a.vault.revokeDevice({ device: lost.device, by: a.password, exportKey: a.exportKey, keys: server.account(a.account), now: server.now });
    await a.put(made);
    server.log(id).rotate = true;
    await b.meet(a.account);
    await b.send(id, "after");
    expect(await a.texts(id)).toEqual(["before", "after"]);
    // The thief has the cookie, the whole database and what the server gives the account.
    expect(await lost.texts(id)).toEqual(["before", "- no_key"]);
    expect(await lost.vault.status()).toMatchObject({ state: "revoked", device: null });
    const phone = await a.another();
    expect(await phone.texts(id)).toEqual(["before", "after"]);
  });

  test("e18 what a revoked device still sends is refused", async () => {
    const { id, a, b, server } = await room("all");
    const lost = await a.another();
    await lost.texts(id);
    await a.put(await a.vault.revokeDevice({ device: lost.device, by: a.password, exportKey: a.exportKey, keys: server.account(a.account), now: server.now }));
    server.now += 120_000;
    await lost.send(id, "forged");
    await b.meet(a.account);
    expect(await b.texts(id)).toEqual(["- revoked_device"]);
  });

  test("what the page keeps opens here only", async () => {
    const { all: [a, b] } = await people(2);
    const { sealed } = await a!.vault.protect({ text: "a draft" });
    expect(await a!.vault.unprotect({ sealed })).toEqual({ text: "a draft" });
    expect(await b!.vault.unprotect({ sealed })).toEqual({ text: null });
  });
});

describe("people", () => {
  test("e6 an older record, and another of the same version, are refused", async () => {
    const { all: [a, b], server } = await people(2);
    await b!.another();
    await a!.meet(b!.account);
    const [first] = server.records(b!.account);
    expect(await a!.vault.learnRecords({ account: b!.account, records: [first!] })).toEqual({ type: "refused", reason: "rollback" });
    const fork = await Person.join(server);
    const forged = { ...first!, payload: server.records(fork.account)[0]!.payload };
    expect(await a!.vault.learnRecords({ account: b!.account, records: [forged] })).toMatchObject({ type: "refused" });
    expect(await a!.vault.learnRecords({ account: b!.account, records: server.records(b!.account) })).toEqual({ type: "known" });
  });

  test("e7 other keys: new at first, then a warning, for verified people a stop", async () => {
    const { all: [a, b, c], server } = await people(3);
    const seen = await a!.vault.learnRecords({ account: b!.account, records: server.records(b!.account) });
    expect(seen).toEqual({ type: "first_seen" });
    const id = newId<ConversationId>();
    await a!.change(id, { type: "create", kind: "direct", name: null, history: "all", members: [{ account: b!.account, role: "member" }] });
    await a!.meet(c!.account);
    await a!.vault.setVerified({ account: b!.account, verified: true, now: 1 });
    const reset = async (person: Person) => {
      const fresh = new Person(server, person.account);
      const { keys } = await fresh.vault.reset({ device: fresh.device, exportKey: person.exportKey, records: server.records(person.account), now: server.now });
      expect(await fresh.vault.status()).toMatchObject({ device: fresh.device, state: "ready" });
      server.account(person.account).records.push(keys.record);
      const verdict = await a!.vault.learnRecords({ account: person.account, records: [keys.record] });
      await fresh.vault.learnRecords({ account: person.account, records: [keys.record] });
      return { fresh, verdict };
    };
    expect((await reset(c!)).verdict).toEqual({ type: "keys_changed", wasVerified: false });
    const { fresh, verdict } = await reset(b!);
    expect(verdict).toEqual({ type: "keys_changed", wasVerified: true });
    expect(await a!.vault.contacts({ accounts: [b!.account] })).toMatchObject([{ verified: false, blocked: true, changed: true }]);
    const seal = () => a!.vault.seal({ conversation: id, content: say("x"), tag: "", now: 1 });
    await expect(seal()).rejects.toMatchObject({ problem: "keys_changed", accounts: [b!.account] });
    await expect(a!.vault.prepareControl({ conversation: id, op: { type: "readmit", account: b!.account }, now: 1 })).rejects.toMatchObject({ problem: "keys_changed" });
    await a!.vault.acceptKeys({ account: b!.account, now: 2 });
    await a!.send(id, "to the old keys only");
    await fresh.catchUp(id);
    expect((await fresh.vault.conversation({ conversation: id }))?.missing).toEqual([1]);
    await a!.change(id, { type: "readmit", account: b!.account });
    expect(await fresh.texts(id)).toEqual(["to the old keys only"]);
    await fresh.send(id, "back again");
    expect(await a!.texts(id)).toEqual(["to the old keys only", "back again"]);
  });

  test("e7 who was reset and not let in again cannot speak for the member", async () => {
    const { id, a, b, server } = await room("all");
    await b.send(id, "me");
    const fake = new Person(server, b.account);
    const { keys } = await fake.vault.reset({ device: fake.device, exportKey: b.exportKey, records: server.records(b.account), now: server.now });
    server.account(b.account).records.push(keys.record);
    // The server knows no epoch's secret, so the device seals under one of its own; the place alone must refuse it.
    const stolen = new Person(server, b.account, b.store.clone());
    stolen.store.put("own", "own", { ...(await b.store.get("own", "own"))!, device: fake.device, ds: (await fake.store.get("own", "own"))!.ds });
    await stolen.vault.leaveConversation({ conversation: newId() });
    const chain = await stolen.store.get("chains", id);
    await stolen.store.put("chains", id, { ...chain!, n: 0, prev: text(new Uint8Array(32)) });
    await stolen.send(id, "not me");
    expect(await a.texts(id)).toEqual(["me", "- not_member"]);
  });

  test("a safety number is the same on both sides, and a scanned code verifies", async () => {
    const { all: [a, b, c] } = await people(3);
    for (const one of [a!, b!, c!]) await one.meet(a!.account, b!.account, c!.account);
    const mine = await a!.vault.safetyNumber({ account: b!.account });
    const theirs = await b!.vault.safetyNumber({ account: a!.account });
    expect(mine.digits).toBe(theirs.digits);
    expect(mine.digits).toMatch(/^(\d{5} ){11}\d{5}$/);
    expect(await a!.vault.scan({ account: b!.account, code: theirs.code })).toMatchObject({ match: true });
    expect(await a!.vault.contacts({ accounts: [b!.account] })).toMatchObject([{ verified: true }]);
    const wrong = await c!.vault.safetyNumber({ account: a!.account });
    expect(await a!.vault.scan({ account: b!.account, code: wrong.code })).toEqual({ match: false, sync: null });
  });

  test("who is verified follows to other devices, and two changes merge", async () => {
    const { all: [a, b, c] } = await people(3);
    const phone = await a!.another();
    for (const one of [a!, phone]) await one.meet(b!.account, c!.account);
    const { sync } = await a!.vault.setVerified({ account: b!.account, verified: true, now: 10 });
    await a!.vault.learnSettings({ settings: sync });
    await phone.vault.setVerified({ account: c!.account, verified: true, now: 11 });
    const { sync: merged } = await phone.vault.learnSettings({ settings: sync });
    expect(await a!.vault.learnSettings({ settings: merged })).toEqual({ sync: null });
    expect(await a!.vault.contacts({ accounts: [b!.account, c!.account] })).toMatchObject([{ verified: true }, { verified: true }]);
    await expect(a!.vault.learnSettings({ settings: sync })).rejects.toMatchObject({ problem: "rollback" });
  });
});

describe("conversations", () => {
  test("e5 a member that no member added is refused, and nothing is sealed to it", async () => {
    const { id, a, b, server } = await room("all");
    await b.catchUp(id);
    const ghost = await Person.join(server);
    // The ghost signs its own entry, as a server could that made the account.
    const spy = new Person(server, ghost.account, b.store.clone());
    await spy.store.put("own", "own", (await ghost.store.get("own", "own"))!);
    await spy.meet(ghost.account);
    const forged = await b.vault.prepareControl({ conversation: id, op: { type: "rename", name: "x" }, now: 1 }).catch(() => null);
    expect(forged).toBeNull();
    await a.meet(ghost.account);
    const real = await a.vault.prepareControl({ conversation: id, op: { type: "add", members: [{ account: ghost.account, role: "member" }] }, now: 1 });
    const bent = bytes(real.envelope);
    bent.set(bytes(ghost.account), 24);
    bent.set(bytes(ghost.device), 40);
    const events = [{ seq: 9, time: server.now, envelope: text<typeof real.envelope>(bent) }];
    await b.meet(ghost.account);
    const { refused, next } = await b.vault.applyControl({ conversation: id, events });
    expect(refused).toMatchObject({ index: 1, reason: "not_allowed" });
    expect(next).toBe(1);
    const sender = bytes(real.envelope);
    sender[200] = (sender[200] ?? 0) ^ 1;
    const broken = await b.vault.applyControl({ conversation: id, events: [{ seq: 9, time: server.now, envelope: text(sender) }] });
    expect(broken.refused).not.toBeNull();
    expect((await b.vault.conversation({ conversation: id }))?.members).toHaveLength(3);
  });

  test("e8 another secret in a grant does not fit the commitment, and a re-grant heals", async () => {
    const { id, a, b, c, server } = await room("all");
    await a.send(id, "one");
    const grants = server.log(id).grants;
    const own = grants.findIndex(({ to }) => (to as string) === b.account);
    const right = grants[own]!;
    // A grant of another conversation, under another secret, as a bad granter would seal it.
    const other = newId<ConversationId>();
    await a.change(other, { type: "create", kind: "room", name: "Other", history: "all", members: [{ account: b.account, role: "member" }] });
    const wrong = server.log(other).grants.find(({ to }) => (to as string) === b.account)!;
    grants[own] = { ...right, enc: wrong.enc, ct: wrong.ct };
    expect(await b.texts(id)).toEqual(["- no_key"]);
    expect((await b.read(id)).needs.epochs).toEqual([1]);
    await c.catchUp(id);
    const again = await c.vault.regrant({ conversation: id, epoch: 1, to: b.account });
    grants.push(...again!.grants.map((grant) => ({ ...grant, by: c.account })));
    expect(await b.texts(id)).toEqual(["one"]);
  });

  test("e9 who was removed opens nothing new", async () => {
    const { id, a, c } = await room("all");
    await a.send(id, "one");
    expect(await c.texts(id)).toEqual(["one"]);
    await a.change(id, { type: "remove", account: c.account });
    await a.send(id, "two");
    expect(await c.texts(id)).toEqual(["one", "- no_key"]);
    await expect(c.send(id, "three")).rejects.toMatchObject({ problem: "no_key" });
    expect(await a.vault.regrant({ conversation: id, epoch: 2, to: c.account })).toBeNull();
  });

  test("e10 a new member opens nothing from before under since_join, everything under all", async () => {
    for (const history of ["since_join", "all"] as const) {
      const { id, a, server } = await room(history);
      await a.send(id, "before");
      const late = await Person.join(server);
      await a.change(id, { type: "add", members: [{ account: late.account, role: "member" }] });
      await a.send(id, "after");
      expect(await late.texts(id)).toEqual(history === "all" ? ["before", "after"] : ["- no_key", "after"]);
      if (history === "since_join") expect(await a.vault.regrant({ conversation: id, epoch: 1, to: late.account })).toBeNull();
    }
  });

  test("e11 of two rotations one wins, and no message is lost", async () => {
    const { id, a, b, c } = await room("all");
    for (const one of [a, b, c]) await one.catchUp(id);
    await Promise.all([a.change(id, { type: "rotate" }), b.change(id, { type: "rotate" }), c.send(id, "meanwhile")]);
    await Promise.all([a.send(id, "from a"), b.send(id, "from b")]);
    const texts = await c.texts(id);
    expect(texts.toSorted()).toEqual(["from a", "from b", "meanwhile"]);
    expect(await a.texts(id)).toEqual(texts);
    expect(await b.texts(id)).toEqual(texts);
  });

  test("a link lets somebody in with everything; revoked it does not", async () => {
    for (const history of ["all", "since_join"] as const) {
      const { id, a, b, server } = await room(history);
      await b.send(id, "one");
      const link = newId<LinkId>();
      const made = await a.vault.makeLink({ id: link, role: "guest", expires: null, lobby: false });
      await a.change(id, { type: "link_add", link: made.link });
      await b.send(id, "two");
      const guest = await Person.join(server);
      await guest.follow(id, link, made.secret);
      expect(await guest.texts(id)).toEqual(history === "all" ? ["one", "two"] : ["- no_key", "two"]);
      await guest.send(id, "hello");
      expect((await b.texts(id)).at(-1)).toBe("hello");
      await expect(guest.change(id, { type: "rotate" })).rejects.toMatchObject({ problem: "not_allowed" });
      await a.change(id, { type: "link_revoke", link });
      const late = await Person.join(server);
      await expect(late.follow(id, link, made.secret)).rejects.toThrow();
      // With the link goes who came by it.
      const left = (await a.vault.conversation({ conversation: id }))?.members.map(({ account }) => account);
      expect(left).not.toContain(guest.account);
      await a.send(id, "three");
      expect((await guest.texts(id)).at(-1)).toBe("- no_key");
    }
  });
});

describe("messages", () => {
  const swap = <T>(list: readonly T[], i: number, j: number): T[] => list.map((one, k) => (k === i ? list[j]! : k === j ? list[i]! : one));

  test("e1 a message with any bit of its header changed is refused", { timeout: 30_000 }, async () => {
    const { id, a, b, server } = await room("all");
    await a.send(id, "one");
    await b.texts(id);
    const entry = server.log(id).entries.at(-1)!;
    if (entry.content.type !== "envelope") throw new Error("an envelope");
    const whole = bytes(entry.content.envelope);
    for (let bit = 0; bit < 164 * 8; bit++) {
      const changed = whole.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const content = { type: "envelope" as const, envelope: text<typeof entry.content.envelope>(changed) };
      const page = await b.vault.open({ conversation: id, entries: [{ ...entry, content }] });
      expect(page.entries[0]?.type).toBe("refused");
      expect(page.transcript).not.toBe("right");
    }
  });

  test("e2 two messages swapped are noticed", async () => {
    const { id, a, b, server } = await room("all");
    for (const words of ["one", "two", "three"]) await a.send(id, words);
    await b.catchUp(id);
    const { entries, before } = server.page(id, 2, 4);
    const lie = swap(entries, 0, 1).map((entry, i) => ({ ...entry, seq: 2 + i }));
    const page = await b.vault.open({ conversation: id, entries: lie, before });
    expect(textsOf(page.entries)).toContain("- replay");
    const { seq } = entries.at(-1)!;
    await b.vault.acceptRestore({ conversation: id });
    await b.vault.learnHead({ conversation: id, seq, transcript: text(server.log(id).transcripts[seq]!) });
    expect((await b.vault.open({ conversation: id, entries: lie, before })).transcript).toBe("broken");
    expect((await b.read(id, 2)).transcript).toBe("right");
  });

  test("e3 a message dropped leaves a gap", async () => {
    const { id, a, b, server } = await room("all");
    for (const words of ["one", "two", "three"]) await a.send(id, words);
    await b.catchUp(id);
    const { entries, before } = server.page(id, 1, 4);
    const lie = entries.filter((_, i) => i !== 2).map((entry, i) => ({ ...entry, seq: 1 + i }));
    const page = await b.vault.open({ conversation: id, entries: lie, before });
    expect(textsOf(page.entries)).toEqual(["one", "three (gap)"]);
  });

  test("e4 two orders are noticed with the next message", async () => {
    const { id, a, b, c, server } = await room("all");
    await b.send(id, "from b");
    await c.send(id, "from c");
    await b.texts(id);
    await b.send(id, "what b saw");
    // a is shown the first two the other way round.
    await a.catchUp(id);
    const { entries, before } = server.page(id, 2, 4);
    const lie = swap(entries, 0, 1).map((entry, i) => ({ ...entry, seq: 2 + i }));
    const page = await a.vault.open({ conversation: id, entries: lie, before });
    expect(textsOf(page.entries)).toEqual(["from c", "from b", "what b saw (transcript)"]);
  });

  test("a message told twice is a replay", async () => {
    const { id, a, b, server } = await room("all");
    await a.send(id, "one");
    await a.send(id, "two");
    const { entries, before } = server.page(id, 1, 3);
    await b.catchUp(id);
    const lie = [...entries, { ...entries[1]!, seq: 4 }];
    expect(textsOf((await b.vault.open({ conversation: id, entries: lie, before })).entries)).toEqual(["one", "two", "- replay"]);
    expect(textsOf((await b.vault.open({ conversation: id, entries: lie, before })).entries)).toEqual(["one", "two", "- replay"]);
  });

  test("pages in any order chain to each other, live entries too", async () => {
    const { id, a, b, server } = await room("all");
    for (let i = 0; i < 20; i++) await (i % 3 ? a : b).send(id, String(i));
    const late = await a.another();
    await late.catchUp(id);
    const head = server.log(id).entries.length;
    await late.vault.learnHead({ conversation: id, seq: head, transcript: text(server.log(id).transcripts[head]!) });
    for (const [from, to] of [[15, 21], [8, 14], [1, 7], [10, 16]] as const) {
      const page = await late.read(id, from, to);
      expect(page.transcript).toBe("right");
      expect(page.entries.every((entry) => entry.type !== "refused")).toBe(true);
      expect(page.entries.flatMap((entry) => (entry.type === "content" ? entry.warnings : []))).toEqual([]);
    }
    await a.send(id, "live");
    const [entry] = server.page(id, head + 1, head + 1).entries;
    const live = await late.vault.open({ conversation: id, entries: [entry!] });
    expect(live.transcript).toBe("right");
    expect(textsOf(live.entries)).toEqual(["live"]);
  });

  test("nothing fails for good: records, control and grants heal", async () => {
    const { id, a, b, server } = await room("all");
    const phone = await a.another();
    await phone.send(id, "from the phone");
    await a.change(id, { type: "rotate" });
    await a.send(id, "new keys");
    const all = server.page(id, 1, 4);
    const late = new Person(server, b.account, b.store);
    const first = await late.vault.open({ conversation: id, ...all });
    expect(first.needs.records).toEqual([a.account]);
    await late.meet(a.account);
    const second = await late.vault.open({ conversation: id, ...all });
    expect(second.needs.epochs).toEqual([1, 2]);
    await late.vault.learnGrants({ conversation: id, grants: server.grants(id, b.account) });
    const third = await late.vault.open({ conversation: id, ...all });
    expect(textsOf(third.entries)).toEqual(["from the phone", "new keys"]);
    expect(third.needs).toEqual({ control: false, records: [], epochs: [] });
  });

  test("e13 a clock a year off changes nothing", async () => {
    const { id, a, b, server } = await room("all");
    for (const off of [-31_536_000_000, 31_536_000_000]) {
      const sealed = await a.vault.seal({ conversation: id, content: say(String(off)), tag: "", now: server.now + off });
      const { seq, time } = await server.send(sealed.envelope);
      await a.vault.confirm({ conversation: id, id: sealed.id, seq, time });
    }
    expect(await b.texts(id)).toEqual(["-31536000000", "31536000000"]);
  });

  test("e14 a copied profile repeats no key, and is told that it is a copy", async () => {
    const { id, a, b, server } = await room("all");
    await a.send(id, "one");
    const copy = new Person(server, a.account, a.store.clone());
    copy.device = a.device;
    const [mine, theirs] = await Promise.all([a, copy].map((one) => one.vault.seal({ conversation: id, content: say("same"), tag: "", now: 7 })));
    const salt = ({ envelope }: { envelope: string }) => text(bytes(envelope).slice(144, 160));
    expect(salt(mine!)).not.toBe(salt(theirs!));
    const { seq, time } = await server.send(mine!.envelope);
    await a.vault.confirm({ conversation: id, id: mine!.id, seq, time });
    await expect(server.send(theirs!.envelope)).rejects.toBeInstanceOf(No);
    const chain = server.chain(id, a.device);
    expect(await copy.vault.recount({ conversation: id, chain })).toBe("cloned");
    expect(await a.vault.recount({ conversation: id, chain })).toBe("unchanged");
    // It signs in anew, as a device of its own.
    await copy.vault.forget();
    copy.device = newId();
    copy.exportKey = a.exportKey;
    await copy.unlock();
    await copy.send(id, "two");
    expect(await b.texts(id)).toEqual(["one", "same", "two"]);
  });

  test("an envelope whose answer was lost is sent again as it was", async () => {
    const { id, a, b, server } = await room("all");
    const sealed = await a.vault.seal({ conversation: id, content: say("one"), tag: "mine", now: 1 });
    await server.send(sealed.envelope);
    // The page was closed; another tab wants to send.
    const again = new Person(server, a.account, a.store);
    const second = await again.vault.seal({ conversation: id, content: say("two"), tag: "", now: 2 });
    expect(second).toMatchObject({ type: "unconfirmed", tag: "mine", id: sealed.id, envelope: sealed.envelope, grants: null });
    expect(await again.vault.recount({ conversation: id, chain: server.chain(id, a.device) })).toBe("stored");
    const placed = await server.send(second.envelope);
    await again.vault.confirm({ conversation: id, ...placed });
    await again.send(id, "two");
    expect(await b.texts(id)).toEqual(["one", "two"]);
  });

  test("an event given up that the server took all the same does not look like a copy", async () => {
    const { id, a, b, server } = await room("all");
    const { id: event, envelope, grants } = await a.vault.prepareControl({ conversation: id, op: { type: "rotate" }, now: 1 });
    await server.control(envelope, grants);
    await a.vault.abandon({ conversation: id, id: event });
    expect(await a.vault.recount({ conversation: id, chain: server.chain(id, a.device) })).toBe("rewound");
    await a.send(id, "on");
    expect(await b.texts(id)).toEqual(["on"]);
  });

  test("a browser that signs in as another device counts from the first", async () => {
    const { id, a, b, server } = await room("all");
    await a.send(id, "one");
    const again = new Person(server, a.account, a.store);
    again.exportKey = a.exportKey;
    await again.unlock();
    await again.send(id, "two");
    expect(await b.texts(id)).toEqual(["one", "two"]);
  });

  test("a server restored from a backup is noticed, and can be accepted", async () => {
    const { id, a, b, server } = await room("all");
    await a.send(id, "one");
    await b.texts(id);
    await a.send(id, "lost");
    await b.texts(id);
    const log = server.log(id);
    log.entries.pop();
    log.transcripts.pop();
    log.chains.set(a.device, { n: 2, prev: [...log.placed.keys()].at(-2) as never });
    expect(await a.vault.recount({ conversation: id, chain: server.chain(id, a.device) })).toBe("rewound");
    await a.send(id, "again");
    expect((await b.read(id)).transcript).toBe("broken");
    await b.vault.acceptRestore({ conversation: id });
    expect(await b.read(id)).toMatchObject({ transcript: "right" });
    expect(await b.texts(id)).toEqual(["one", "again"]);
  });
});

describe("calls", () => {
  const fingerprint = (byte: string) => Array.from({ length: 32 }, () => byte).join(":");
  const offer = (byte: string) => ({ kind: "description", description: { type: "offer", sdp: `v=0\r\na=fingerprint:sha-256 ${fingerprint(byte)}\r\n` } });

  test("e22 a signal opens for its leg, once, and with its own fingerprint only", async () => {
    const { id, a, b, c, server } = await room("all");
    for (const one of [a, b, c]) await one.catchUp(id);
    const call = newId<never>();
    const to = { account: b.account, device: b.device };
    const { envelope } = await a.vault.sealSignal({ call, conversation: id, to, signal: offer("AB"), now: server.now });
    const ask = { call, conversation: id, from: a.device, envelope, now: server.now };
    expect(await c.vault.openSignal(ask)).toMatchObject({ type: "refused", reason: "not_for_us" });
    expect(await b.vault.openSignal({ ...ask, call: newId<never>() })).toMatchObject({ type: "refused", reason: "cannot_open" });
    expect(await b.vault.openSignal({ ...ask, from: c.device })).toMatchObject({ type: "refused", reason: "format" });
    const opened = await b.vault.openSignal(ask);
    expect(opened).toMatchObject({ type: "signal", from: a.account, signal: { ...offer("AB"), fingerprint: fingerprint("AB") } });
    expect(await b.vault.openSignal(ask)).toMatchObject({ type: "refused", reason: "replay" });
    for (let byte = 0; byte < bytes(envelope).length; byte += 5) {
      const changed = bytes(envelope);
      changed[byte] = (changed[byte] ?? 0) ^ 4;
      expect((await b.vault.openSignal({ ...ask, envelope: text(changed) })).type).toBe("refused");
    }
  });

  test("e22 e23 seven emoji: equal, and not with another fingerprint or nonce", async () => {
    const { all: [a, b] } = await people(2);
    await a!.meet(b!.account);
    await b!.meet(a!.account);
    const compare = async (seenByB: string, bend: (nonce: string) => string) => {
      const call = newId<never>();
      const [one, two] = await Promise.all([
        a!.vault.startSas({ call, peer: { account: b!.account, device: b!.device }, fingerprint: fingerprint("AA"), peerFingerprint: fingerprint("BB") }),
        b!.vault.startSas({ call, peer: { account: a!.account, device: a!.device }, fingerprint: fingerprint("BB"), peerFingerprint: fingerprint(seenByB) }),
      ]);
      const mine = await a!.vault.commitSas({ call, commitment: two.commitment });
      const theirs = await b!.vault.commitSas({ call, commitment: one.commitment });
      await expect(b!.vault.commitSas({ call, commitment: one.commitment })).rejects.toMatchObject({ problem: "call" });
      return Promise.all([
        a!.vault.revealSas({ call, nonce: theirs.nonce }),
        b!.vault.revealSas({ call, nonce: bend(mine.nonce) as typeof mine.nonce }),
      ]);
    };
    const [x, y] = await compare("AA", (nonce) => nonce);
    expect(x.emoji).toHaveLength(7);
    expect(x.emoji).toEqual(y.emoji);
    expect((await compare("CC", (nonce) => nonce))[1].emoji).toBeNull();
    expect((await compare("AA", () => text(new Uint8Array(32))))[1].emoji).toBeNull();
  });
});
