// @vitest-environment node
// E12: members, devices and guests come and go, go offline, lose devices and
// passwords; in the end everybody opens everything there is for them.
// CHURN_MESSAGES scales it; `npm run churn` does a million, which takes hours.

import { expect, test } from "vitest";

import type { ConversationId, LinkId } from "@/protocol/wire";

import { FakeServer, newId } from "./testing/fake-server";
import { Person } from "./testing/person";

interface Somebody {
  devices: Person[];
  /** Conversations in which it is now. */
  readonly rooms: Set<ConversationId>;
}

const { CHURN_MESSAGES, CHURN_FROM } =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env ?? {};
const MESSAGES = Number(CHURN_MESSAGES ?? 2_000);
/** The first world, so that a million can be made up in several runs. */
const FROM = Number(CHURN_FROM ?? 1);
/** Messages in one world; more worlds make more messages, so that logs stay as long as those of rooms. */
const WORLD = 250;

test("e12 nothing is undecryptable after churn", { timeout: 86_400_000 }, async () => {
  let sent = 0;
  let opened = 0;
  for (let seed = FROM; sent < MESSAGES; seed++) {
    const counts = await world(seed, Math.min(WORLD, MESSAGES));
    sent += counts.sent;
    opened += counts.opened;
    expect(counts.closed, `world ${seed}`).toEqual([]);
  }
  console.log(`${sent} messages sent, opened ${opened} times, 0 undecryptable`);
});

async function world(seed: number, messages: number): Promise<{ sent: number; opened: number; closed: string[] }> {
  const random = numbers(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const server = new FakeServer();
  const all: Somebody[] = [];
  const join = async () => {
    const somebody = { devices: [await Person.join(server)], rooms: new Set<ConversationId>() };
    all.push(somebody);
    return somebody;
  };
  for (let i = 0; i < 6; i++) await join();
  const rooms: { id: ConversationId; history: "all" | "since_join" }[] = [];
  for (const history of ["all", "since_join", "all"] as const) {
    const id = newId<ConversationId>();
    const members = all.slice(1, 5).map(({ devices: [device] }) => ({ account: device!.account, role: "member" as const }));
    await all[0]!.devices[0]!.change(id, { type: "create", kind: "room", name: history, history, members });
    for (const one of all.slice(0, 5)) one.rooms.add(id);
    rooms.push({ id, history });
  }
  const inside = (id: ConversationId) => all.filter((one) => one.rooms.has(id));
  const manager = (id: ConversationId) => all.find(({ devices: [device] }) => server.log(id).state?.members.some(({ account, role }) => account === device!.account && role === "manager"));
  let sent = 0;
  while (sent < messages) {
    const { id } = pick(rooms);
    const one = pick(inside(id));
    const roll = random();
    if (roll < 0.9) {
      // Guests may not renew keys: they wait until a member does.
      if (server.log(id).rotate && isGuest(server, id, one.devices[0]!)) continue;
      // Devices that did not speak for long are offline for as long.
      await pick(one.devices).send(id, `${seed} ${sent}`);
      sent += 1;
    } else if (roll < 0.92) one.devices.push(await one.devices[0]!.another());
    else if (roll < 0.93) await lose(server, one, rooms.map(({ id }) => id));
    else if (roll < 0.94) one.devices = [await one.devices[0]!.another({ type: "recovery", code: one.devices[0]!.recoveryCode })];
    else if (roll < 0.96) {
      const late = random() < 0.5 ? await join() : pick(all);
      if (late.rooms.has(id)) continue;
      await pick(inside(id).filter(({ devices: [device] }) => !isGuest(server, id, device!))).devices[0]!.change(id, {
        type: "add",
        members: [{ account: late.devices[0]!.account, role: "member" }],
      });
      late.rooms.add(id);
    } else if (roll < 0.97) {
      const boss = manager(id);
      if (!boss || boss === one || inside(id).length < 4) continue;
      await boss.devices[0]!.change(id, { type: "remove", account: one.devices[0]!.account });
      one.rooms.delete(id);
    } else if (roll < 0.98) {
      if (inside(id).filter(({ devices: [device] }) => !isGuest(server, id, device!)).length < 4) continue;
      await pick(one.devices).change(id, { type: "leave" });
      one.rooms.delete(id);
    } else if (roll < 0.99) {
      const boss = manager(id);
      if (!boss) continue;
      const link = newId<LinkId>();
      const lobby = random() < 0.5;
      const made = await boss.devices[0]!.vault.makeLink({ id: link, role: "guest", expires: null, lobby });
      await boss.devices[0]!.change(id, { type: "link_add", link: made.link });
      const guest = await join();
      if (lobby) {
        const members = inside(id).filter(({ devices: [device] }) => !isGuest(server, id, device!));
        await pick(members).devices[0]!.admit(id, await guest.devices[0]!.knock(id, link, made.secret));
      } else await guest.devices[0]!.follow(id, link, made.secret);
      guest.rooms.add(id);
      const [device] = guest.devices;
      if (random() < 0.3) await boss.devices[0]!.change(id, { type: "role", account: device!.account, role: "member" });
      if (random() < 0.5) {
        await boss.devices[0]!.change(id, { type: "link_revoke", link });
        if (!server.log(id).state?.members.some(({ account }) => account === device!.account)) guest.rooms.delete(id);
      }
    } else if (!isGuest(server, id, one.devices[0]!)) await one.devices[0]!.change(id, { type: "rotate" });
  }
  return { sent, ...(await readAll(all, rooms)) };
}

/** A device is lost: revoked from another one, and all keys renewed. */
async function lose(server: FakeServer, one: Somebody, rooms: readonly ConversationId[]): Promise<void> {
  const [kept, lost] = one.devices;
  if (!kept || !lost) return;
  const by = kept.password;
  await kept.put(await kept.vault.revokeDevice({ device: lost.device, by, exportKey: kept.exportKey, keys: server.account(kept.account), now: server.now }));
  for (const id of rooms) if (one.rooms.has(id)) server.log(id).rotate = true;
  const others = one.devices.filter((device) => device !== lost);
  for (const device of others) {
    device.recoveryCode = kept.recoveryCode;
    await device.vault.learnRecords({ account: kept.account, records: server.records(kept.account) });
    // The keys were renewed: these sign in again.
    if ((await device.vault.status()).state === "stale") await device.unlock();
  }
  one.devices = others;
}

/** Reads every conversation on every device and on a fresh one, and tells what stayed closed though it should not. */
async function readAll(all: readonly Somebody[], rooms: readonly { id: ConversationId; history: string }[]): Promise<{ opened: number; closed: string[] }> {
  const closed: string[] = [];
  let opened = 0;
  for (const one of all) {
    const fresh = await one.devices[0]!.another();
    for (const { id, history } of rooms.filter(({ id }) => one.rooms.has(id))) {
      for (const device of [...one.devices, fresh]) {
        const { entries, transcript } = await device.read(id);
        if (transcript !== "right") closed.push(`${transcript} transcript`);
        // Away in between, one may not read what was said then.
        const own = entries.findLast((entry) => entry.type === "control" && comesIn(entry.change, device.account));
        for (const entry of entries) {
          const mine = history === "all" || entry.seq > (own?.seq ?? 0);
          if (entry.type === "content") opened += 1;
          if (entry.type === "refused" && mine) closed.push(`${entry.seq} ${entry.reason}`);
          if (entry.type === "content" && mine && entry.warnings.length > 0) closed.push(`${entry.seq} ${entry.warnings.join()}`);
        }
      }
    }
  }
  return { opened, closed };
}

function comesIn(change: { type: string }, account: string): boolean {
  return JSON.stringify(change).includes(account) && ["create", "add", "join"].includes(change.type);
}

function isGuest(server: FakeServer, id: ConversationId, { account }: Person): boolean {
  return server.log(id).state?.members.find((member) => member.account === account)?.role === "guest";
}

/** The same numbers for the same seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
