import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { EntryContent, ErrorCode } from "@/protocol/wire";

import { Session } from "./session";
import { MemoryStorage } from "./storage";
import { ANNA, annasVault, BEN, EVERYONE, FakeServer, signedIn } from "./testing/fake-server";
import { type FakeVault, saidIn } from "./testing/fake-vault";

let server: FakeServer;
let vault: FakeVault;
let storage: MemoryStorage;
let session: Session;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  vault = annasVault();
  storage = new MemoryStorage();
  session = new Session(signedIn, vault, server, storage);
});

afterEach(() => {
  session.stop();
  vi.useRealTimers();
});

async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  for (let i = 0; i < 40; i++) await vi.advanceTimersByTimeAsync(0);
}

async function online(): Promise<void> {
  session.start();
  await settle();
}

/** What stands in the timeline: texts, or in brackets why there is none. */
function shown(): string[] {
  const { entries } = session.room(EVERYONE)!.timeline.window.snapshot();
  return entries.flatMap(({ content }) => {
    if (content.type === "change") return `(${content.change.type})`;
    return content.type === "message" ? (content.content?.text ?? `[${content.closed?.reason}]`) : [];
  });
}

function stored(): (string | undefined)[] {
  return server.entries(EVERYONE).map(({ content }) => {
    if (content.type !== "envelope") return undefined;
    const { text, change } = saidIn(content.envelope);
    return text ?? `(${change?.type})`;
  });
}

/** Refuses the next envelopes with these codes, one after the other. */
function refuse(...codes: ErrorCode[]): void {
  server.refuse = (command) => {
    const code = command.type === "send" ? codes.shift() : undefined;
    return code ? { type: "error", id: null, error: { code, detail: "" } } : null;
  };
}

describe("what cannot be opened", () => {
  test("opens when the record of its device has been fetched", async () => {
    vault.strangers.add(BEN);
    await online();
    server.write(EVERYONE, BEN, "hello");
    await settle();
    expect(shown()).toEqual(["hello"]);
    expect(server.asked.some((asked) => asked.includes(`/accounts/${BEN}/records`))).toBe(true);
  });

  test("says that its key is missing, asks for it once, and opens when the grant comes", async () => {
    await online();
    server.rotate(EVERYONE, false);
    server.write(EVERYONE, BEN, "one");
    server.write(EVERYONE, BEN, "two");
    await settle();
    expect(shown()).toEqual(["(rotate)", "[no_key]", "[no_key]"]);
    expect(session.keys.state(EVERYONE).snapshot().waiting).toBe(true);
    const asked = server.received.filter(({ type }) => type === "request_grant");
    expect(asked).toEqual([{ type: "request_grant", conversation: EVERYONE, epoch: 2 }]);
    server.grants.get(EVERYONE)?.push(2);
    server.tell({ type: "grants", conversation: EVERYONE });
    await settle();
    expect(shown()).toEqual(["(rotate)", "one", "two"]);
    expect(session.keys.state(EVERYONE).snapshot().waiting).toBe(false);
  });

  test("holds its place while what came after it is shown", async () => {
    await online();
    server.rotate(EVERYONE, false);
    server.write(EVERYONE, BEN, "closed");
    await settle();
    server.rotate(EVERYONE, true);
    server.write(EVERYONE, BEN, "open");
    await settle();
    expect(shown()).toEqual(["(rotate)", "[no_key]", "(rotate)", "open"]);
  });

  test("is opened on the way back through history, too", async () => {
    for (let i = 0; i < 120; i++) server.write(EVERYONE, BEN, String(i));
    await online();
    session.room(EVERYONE)?.watch();
    await session.room(EVERYONE)?.timeline.loadOlder();
    await session.room(EVERYONE)?.timeline.loadOlder();
    expect(shown()).toEqual(Array.from({ length: 101 }, (_, i) => String(i + 19)));
  });
});

describe("a vault that fails", () => {
  test("loses nothing: what came keeps its place and opens when it works again", async () => {
    await online();
    vault.broken = true;
    server.write(EVERYONE, BEN, "one");
    server.write(EVERYONE, BEN, "two");
    await settle();
    expect(shown()).toEqual(["[opening]", "[opening]"]);
    vault.broken = false;
    server.write(EVERYONE, BEN, "three");
    server.socket.end(1006);
    await settle(1_000);
    expect(shown()).toEqual(["one", "two", "three"]);
  });
});

describe("what an earlier page has left", () => {
  test("goes first, and only once", async () => {
    await online();
    server.deaf = true;
    session.send(EVERYONE, "left behind");
    await settle();
    session.stop();
    server.deaf = false;
    // The outbox of that page is lost; the vault still knows what it sealed.
    session = new Session(signedIn, vault, server, new MemoryStorage());
    await online();
    session.send(EVERYONE, "next");
    await settle();
    expect(stored()).toEqual(["left behind", "next"]);
  });

  test("a change whose answer never came is settled with the next connection", async () => {
    await online();
    await vault.change(EVERYONE, { type: "rotate" });
    server.socket.end(1006);
    await settle(1_000);
    expect(await vault.waiting(EVERYONE)).toBeNull();
    expect(stored()).toEqual(["(rotate)"]);
  });
});

describe("sealing", () => {
  test("waits while the key in force is missing, and goes on when it comes", async () => {
    await online();
    server.rotate(EVERYONE, false);
    await settle();
    session.send(EVERYONE, "patient");
    await settle(2_000);
    expect(stored()).toEqual(["(rotate)"]);
    expect(session.outbox.of(EVERYONE).snapshot()).toMatchObject([{ text: "patient", state: "sending" }]);
    server.grants.get(EVERYONE)?.push(2);
    server.tell({ type: "grants", conversation: EVERYONE });
    await settle();
    expect(stored()).toEqual(["(rotate)", "patient"]);
  });

  test("stale_epoch: what was written is sealed anew under the new keys", async () => {
    await online();
    const { tell } = server;
    // The news of the rotation is still on its way.
    server.tell = () => undefined;
    server.rotate(EVERYONE);
    server.tell = tell;
    server.refuse = (command) =>
      command.type === "send" && saidIn(command.envelope).epoch < 2
        ? { type: "error", id: null, error: { code: "stale_epoch", detail: "" } }
        : null;
    session.send(EVERYONE, "anew");
    await settle();
    expect(stored()).toEqual(["(rotate)", "anew"]);
    expect(vault.sealed).toBe(2);
  });

  test("rotate_first: the keys are renewed, then it is sent", async () => {
    await online();
    refuse("rotate_first");
    session.send(EVERYONE, "after");
    await settle();
    expect(stored()).toEqual(["(rotate)", "after"]);
    expect(saidIn((server.entries(EVERYONE)[1]!.content as EntryContent & { type: "envelope" }).envelope).epoch).toBe(2);
  });

  test("keys that are 30 days or 10,000 entries old are renewed before more is said", async () => {
    await online();
    const now = server.time;
    vault.begun = { since: now - 30 * 86_400_000 + 60_000, from: 0 };
    session.send(EVERYONE, "young");
    await settle();
    expect(stored()).toEqual(["young"]);
    vault.begun = { since: now - 30 * 86_400_000, from: 0 };
    session.send(EVERYONE, "old");
    await settle();
    expect(stored()).toEqual(["young", "(rotate)", "old"]);
    vault.begun = { since: now, from: 4 - 10_000 };
    session.send(EVERYONE, "one more");
    await settle();
    session.send(EVERYONE, "too many");
    await settle();
    expect(stored().slice(3)).toEqual(["one more", "(rotate)", "too many"]);
  });

  test("old keys that cannot be renewed now still carry a message", async () => {
    await online();
    vault.begun = { since: 0, from: 0 };
    server.refuseHttp = (method, path) => (method === "POST" && path.endsWith("/control") ? { code: "forbidden", detail: "" } : null);
    session.send(EVERYONE, "all the same");
    await settle();
    expect(stored()).toEqual(["all the same"]);
  });

  test("a count that another profile took is asked for, and the message sealed anew", async () => {
    await online();
    vault.chain.set(EVERYONE, 7);
    refuse("conflict");
    session.send(EVERYONE, "counted");
    await settle();
    expect(stored()).toEqual(["counted"]);
    expect(server.asked).toContain(`GET /conversations/${EVERYONE}/chain`);
  });

  test("in doubt the same envelope goes again, also after a reload", async () => {
    await online();
    server.deaf = true;
    session.send(EVERYONE, "once");
    await settle();
    session.stop();
    server.deaf = false;
    session = new Session(signedIn, vault, server, storage);
    await online();
    const sent = server.received.flatMap((command) => (command.type === "send" ? [command.envelope] : []));
    expect(new Set(sent).size).toBe(1);
    expect(sent.length).toBeGreaterThan(1);
    expect(stored()).toEqual(["once"]);
    expect(shown()).toEqual(["once"]);
  });

  test("a no that stays is shown as failed after some tries", async () => {
    await online();
    refuse(...Array.from({ length: 9 }, () => "conflict" as const));
    session.send(EVERYONE, "never");
    await settle();
    expect(session.outbox.of(EVERYONE).snapshot()).toMatchObject([{ state: "failed" }]);
  });
});

describe("changes", () => {
  test("a room is made by its first event, and is there when it is opened", async () => {
    await online();
    const making = session.changes.createRoom("Garden", [BEN]);
    await settle();
    const id = await making;
    expect(session.room(id)?.view).toMatchObject({ kind: "room" });
  });

  test("two who renew at once: one renews, and nobody fails", async () => {
    await online();
    let first = true;
    server.refuseHttp = (method, path) => {
      if (method !== "POST" || !path.endsWith("/control") || !first) return null;
      first = false;
      server.rotate(EVERYONE);
      return { code: "conflict", detail: "" };
    };
    const renewing = session.changes.rename(EVERYONE, "New");
    await settle(1_000);
    await renewing;
    expect(stored()).toEqual(["(rotate)", "(rename)"]);
  });

  test("a member without keys gets them from whoever is asked and has them", async () => {
    await online();
    server.tell({ type: "grant_request", conversation: EVERYONE, epoch: 1, account: BEN });
    await settle();
    expect(server.asked).toContain(`POST /conversations/${EVERYONE}/grants`);
    const before = server.asked.length;
    server.tell({ type: "grant_request", conversation: EVERYONE, epoch: 9, account: BEN });
    await settle();
    expect(server.asked.slice(before).some((asked) => asked.startsWith("POST"))).toBe(false);
  });
});

describe("sign-ins", () => {
  const device = (id: string, current = false) =>
    ({ id, name: id, current, created: 0, last_seen: 0, network: "" }) as never;

  test("a new one is told once, to the devices that were there", async () => {
    server.devices = [device("mine", true), device("phone")];
    await online();
    expect(session.signIns.fresh.snapshot()).toEqual([]);
    server.devices = [...server.devices, device("stranger")];
    server.tell({ type: "account", account: { ...signedIn.account, id: ANNA, record: 2 } });
    await settle();
    expect(session.signIns.fresh.snapshot()).toMatchObject([{ id: "stranger" }]);
    await session.signIns.dismiss("stranger" as never);
    await session.signIns.look();
    expect(session.signIns.fresh.snapshot()).toEqual([]);
  });
});
