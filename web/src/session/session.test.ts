import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { ApiError, Command, ConversationId } from "@/protocol/wire";

import { Session } from "./session";
import { MemoryStorage } from "./storage";
import { ANNA, annasVault, BEN, EVERYONE, FakeServer, signedIn } from "./testing/fake-server";
import { type FakeVault, saidIn } from "./testing/fake-vault";

let server: FakeServer;
let storage: MemoryStorage;
let vault: FakeVault;
let session: Session;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  storage = new MemoryStorage();
  vault = annasVault();
  session = new Session(signedIn, vault, server, storage);
});

afterEach(() => {
  session.stop();
  vi.useRealTimers();
});

async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  // What is opened and sealed takes many turns, though no time.
  for (let i = 0; i < 30; i++) await vi.advanceTimersByTimeAsync(0);
}

async function online(): Promise<void> {
  session.start();
  await settle();
  expect(session.status.snapshot()).toEqual({ type: "online" });
}

function texts(id: ConversationId = EVERYONE): (string | null)[] {
  const entries = session.room(id)?.timeline.window.snapshot().entries ?? [];
  return entries.map(({ content }) =>
    content.type === "message" ? (content.content?.text ?? null) : null,
  );
}

function stored(): string[] {
  return server.entries(EVERYONE).flatMap(({ content }) => {
    return content.type === "envelope" ? (saidIn(content.envelope).text ?? []) : [];
  });
}

function pending() {
  return session.outbox.of(EVERYONE).snapshot();
}

function refuseSends(error: ApiError): void {
  server.refuse = (command) => (command.type === "send" ? { type: "error", id: null, error } : null);
}

describe("connecting", () => {
  test("hello comes first, and welcome fills what is shown", async () => {
    server.write(EVERYONE, BEN, "hello");
    await online();
    expect(server.received[0]).toMatchObject({ type: "hello", protocol: 1, cursors: [] });
    expect(session.accounts.snapshot().get(BEN)?.name).toBe("Ben");
    expect(session.conversations.snapshot()[0]).toMatchObject({ id: EVERYONE, unread: 1, head: 1 });
    expect(texts()).toEqual(["hello"]);
  });

  test("the pauses between attempts are random up to a doubling bound of 30 s", async () => {
    server.reachable = false;
    server.randomness = 0.999;
    session.start();
    await settle();
    const bounds: number[] = [];
    for (let i = 0; i < 9; i++) {
      const status = session.status.snapshot();
      if (status.type !== "offline") throw new Error(status.type);
      const pause = status.retryAt - Date.now();
      bounds.push(Math.ceil(pause / 0.999));
      await settle(Math.ceil(pause));
    }
    expect(bounds.map((b) => Math.round(b / 500) * 500)).toEqual([
      500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000,
    ]);
  });

  test("a connection that held for 30 s begins the pauses anew, a shorter one does not", async () => {
    await online();
    for (const [held, bound] of [[1_000, 500], [1_000, 1_000], [31_000, 500]] as const) {
      await settle(held);
      server.randomness = 0.999;
      server.socket.end(1006);
      const status = session.status.snapshot();
      expect(status.type === "offline" && Math.ceil((status.retryAt - Date.now()) / 0.999)).toBe(bound);
      await settle(bound);
      expect(session.status.snapshot().type).toBe("online");
    }
  });

  test("the network's return connects at once", async () => {
    await online();
    server.reachable = false;
    server.randomness = 0.999;
    server.socket.end(1006);
    await settle(10_000);
    server.reachable = true;
    const attempts = server.sockets.length;
    server.wake("online");
    await settle();
    expect(server.sockets.length).toBe(attempts + 1);
    expect(session.status.snapshot().type).toBe("online");
  });

  test("silence is met with a ping, and a missing answer with a new connection", async () => {
    await online();
    await settle(20_000);
    expect(server.received.at(-1)).toEqual({ type: "ping" });
    expect(session.status.snapshot().type).toBe("online");
    server.deaf = true;
    await settle(20_000);
    expect(session.status.snapshot().type).toBe("online");
    await settle(10_000);
    expect(session.status.snapshot().type).toBe("offline");
    expect(server.socket.closed).not.toBeNull();
  });

  test.each([
    [4001, "signed_out"],
    [4010, "outdated"],
  ])("closing code %i ends it as %s", async (code, type) => {
    await online();
    server.socket.end(code);
    await settle(120_000);
    expect(session.status.snapshot().type).toBe(type);
    expect(server.sockets.length).toBe(1);
  });

  test("a handshake refused for want of a session ends as signed out", async () => {
    server.reachable = false;
    server.sessionStatus = 401;
    session.start();
    await settle(120_000);
    expect(session.status.snapshot().type).toBe("signed_out");
  });

  test("h56 after a restart clients spread over seconds", async () => {
    await online();
    await settle(31_000);
    server.randomness = 0.999;
    server.socket.end(1012);
    const status = session.status.snapshot();
    expect(status.type === "offline" && status.retryAt - Date.now()).toBeGreaterThan(3_900);
  });

  test("h56 a server that stops says when each client comes back", async () => {
    await online();
    server.randomness = 0.999;
    const wait = (reason: string): number => {
      server.socket.end(1012, reason);
      const status = session.status.snapshot();
      return status.type === "offline" ? status.retryAt - Date.now() : -1;
    };
    expect(wait("retry_ms=1234")).toBe(1_234);
    await settle(2_000);
    expect(wait("retry_ms=999999")).toBe(60_000);
    await settle(61_000);
    for (const reason of ["retry_ms=", "retry_ms=-5", "retry_ms=1e9", "later"]) {
      expect(wait(reason)).toBeGreaterThan(3_900);
      await settle(31_000);
    }
  });

  test("a request without a connection says so at once, one that loses it too", async () => {
    await expect(session.request({ type: "ping" })).rejects.toThrow("offline");
    await online();
    server.deaf = true;
    const answer = session.request({ type: "ping" });
    server.socket.end(1006);
    await expect(answer).rejects.toThrow("offline");
  });

  test("who was online is forgotten when the connection is away for long", async () => {
    await online();
    server.tell({ type: "presence", account: BEN, online: true });
    await settle();
    expect(session.presence.snapshot().has(BEN)).toBe(true);
    server.reachable = false;
    server.socket.end(1006);
    await settle(4_000);
    expect(session.presence.snapshot().has(BEN)).toBe(true);
    await settle(2_000);
    expect(session.presence.snapshot().size).toBe(0);
  });

  test("the server's clock is known", async () => {
    await online();
    expect(Math.abs(session.now() - server.time)).toBeLessThan(5);
  });
});

describe("resuming", () => {
  test("what was missed comes exactly once and in order", async () => {
    server.write(EVERYONE, BEN, "1");
    await online();
    server.write(EVERYONE, BEN, "2");
    await settle();
    server.socket.end(1006);
    for (const text of ["3", "4", "5", "6", "7"]) server.write(EVERYONE, BEN, text);
    await settle(1_000);
    expect(server.socket.commands[0]).toMatchObject({
      type: "hello",
      epoch: "first",
      cursors: [{ conversation: EVERYONE, seq: 2 }],
    });
    expect(texts()).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
  });

  test("h54 a client that was too slow loses nothing", async () => {
    await online();
    session.room(EVERYONE)?.watch();
    server.write(EVERYONE, BEN, "1");
    await settle();
    server.socket.end(4008);
    for (let i = 2; i <= 500; i++) server.write(EVERYONE, BEN, String(i));
    await settle(1_000);
    expect(texts()).toEqual(Array.from({ length: 500 }, (_, i) => String(i + 1)));
  });

  test("a conversation that nobody looks at keeps only its end", async () => {
    await online();
    const size = () => session.room(EVERYONE)?.timeline.size ?? 0;
    const leave = session.room(EVERYONE)?.watch();
    for (let i = 0; i < 1_000; i++) server.write(EVERYONE, BEN, String(i));
    await settle();
    expect(size()).toBe(1_000);
    leave?.();
    await settle();
    expect(size()).toBe(200);
    for (let i = 0; i < 1_000; i++) server.write(EVERYONE, BEN, String(i));
    await settle();
    expect(size()).toBeLessThanOrEqual(400);
    expect(session.conversations.snapshot()[0]?.unread).toBe(2_000);
  });

  test("h57 another epoch voids what is held", async () => {
    for (const text of ["1", "2", "3"]) server.write(EVERYONE, BEN, text);
    await online();
    server.restoreBackup("second", 1);
    server.write(EVERYONE, BEN, "other");
    await settle();
    server.socket.end(1012);
    await settle(5_000);
    expect(texts()).toEqual(["other"]);
    await session.room(EVERYONE)?.timeline.loadOlder();
    expect(texts()).toEqual(["1", "other"]);
  });

  test("h57 a cursor beyond the head voids what is held", async () => {
    for (const text of ["1", "2", "3"]) server.write(EVERYONE, BEN, text);
    await online();
    server.restoreBackup("first", 2);
    server.socket.end(1012);
    await settle(5_000);
    expect(texts()).toEqual(["2"]);
  });

  test("a conversation that is gone is forgotten, and comes back whole", async () => {
    const garden = "garden________________" as ConversationId;
    await online();
    server.add(garden, "room", [ANNA, BEN]);
    const state = server.conversations.get(garden)?.state;
    if (!state) throw new Error();
    server.tell({ type: "conversation", conversation: state });
    server.write(garden, BEN, "1");
    await settle();
    expect(texts(garden)).toEqual(["1"]);
    server.tell({ type: "conversation_gone", conversation: garden });
    await settle();
    expect(session.room(garden)).toBeUndefined();
    server.write(garden, BEN, "2");
    await settle();
    const last = server.entries(garden).at(-1) ?? null;
    server.tell({ type: "conversation", conversation: { ...state, head: 2, last } });
    server.write(garden, BEN, "3");
    await settle();
    expect(texts(garden)).toEqual(["2", "3"]);
  });
});

describe("sending", () => {
  test("a message is sent, confirmed and then in the timeline", async () => {
    await online();
    session.send(EVERYONE, "hi");
    await settle();
    expect(texts()).toEqual(["hi"]);
    expect(pending()).toEqual([]);
    expect(await storage.messages()).toEqual([]);
  });

  test("without a connection it waits, and goes out in order on the next one", async () => {
    session.send(EVERYONE, "1");
    session.send(EVERYONE, "2");
    session.send(EVERYONE, "3");
    expect(pending().map(({ state }) => state)).toEqual(["sending", "sending", "sending"]);
    await online();
    expect(texts()).toEqual(["1", "2", "3"]);
    expect(stored()).toEqual(["1", "2", "3"]);
  });

  test("an answer lost with the connection stores nothing twice", async () => {
    await online();
    server.deaf = true;
    session.send(EVERYONE, "once");
    await settle();
    expect(stored()).toEqual(["once"]);
    expect(pending()[0]?.state).toBe("sending");
    server.deaf = false;
    server.socket.end(1006);
    await settle(1_000);
    expect(stored()).toEqual(["once"]);
    expect(texts()).toEqual(["once"]);
    expect(pending()).toEqual([]);
  });

  test("an answer that never comes is asked for again on the same connection", async () => {
    await online();
    server.refuse = (command) => (command.type === "send" ? { type: "presence", account: BEN, online: true } : null);
    session.send(EVERYONE, "again");
    await settle(15_000);
    server.refuse = null;
    await settle(30_000);
    expect(stored()).toEqual(["again"]);
    expect(pending()).toEqual([]);
  });

  test("a reload keeps what was not confirmed", async () => {
    session.send(EVERYONE, "1");
    session.send(EVERYONE, "2");
    session.stop();
    session = new Session(signedIn, vault, server, storage);
    await online();
    expect(stored()).toEqual(["1", "2"]);
    expect(pending()).toEqual([]);
    expect(await storage.messages()).toEqual([]);
  });

  test("two pages with one outbox send each message once", async () => {
    session.send(EVERYONE, "1");
    session.send(EVERYONE, "2");
    const other = new Session(signedIn, vault, server, storage);
    other.start();
    await settle();
    await online();
    expect(stored()).toEqual(["1", "2"]);
    expect(pending()).toEqual([]);
    expect(other.outbox.of(EVERYONE).snapshot().filter(({ state }) => state === "sending")).toEqual([]);
    other.stop();
  });

  test("a refused message fails, lets others pass, and can be tried again or discarded", async () => {
    await online();
    server.refuse = (command) =>
      command.type === "send" && saidIn(command.envelope).text === "no"
        ? { type: "error", id: null, error: { code: "forbidden", detail: "" } }
        : null;
    session.send(EVERYONE, "no");
    session.send(EVERYONE, "a longer one");
    await settle();
    expect(pending().map(({ text, state }) => [text, state])).toEqual([["no", "failed"]]);
    expect(stored()).toEqual(["a longer one"]);
    expect((await storage.messages())[0]?.failed).toBe(true);
    server.refuse = null;
    const id = pending()[0]?.id;
    if (!id) throw new Error();
    session.outbox.retry(id);
    await settle();
    expect(stored()).toEqual(["a longer one", "no"]);
    refuseSends({ code: "forbidden", detail: "" });
    const second = session.send(EVERYONE, "no");
    await settle();
    session.outbox.discard(second);
    expect(pending()).toEqual([]);
    expect(await storage.messages()).toEqual([]);
  });

  test("h55 told to slow down, it waits as long as it was told", async () => {
    await online();
    refuseSends({ code: "rate_limited", detail: "", retry_ms: 3_000 });
    session.send(EVERYONE, "1");
    await settle();
    server.refuse = null;
    session.send(EVERYONE, "2");
    await settle(2_000);
    expect(stored()).toEqual([]);
    expect(pending().every(({ state }) => state === "sending")).toBe(true);
    await settle(1_500);
    expect(stored()).toEqual(["1", "2"]);
  });

  test("a history restored from a backup gets again what it had confirmed but lost", async () => {
    await online();
    server.tell = () => undefined; // Confirmed, but the entry does not come any more.
    session.send(EVERYONE, "kept");
    await settle();
    expect(pending()[0]?.state).toBe("sent");
    server.restoreBackup("second", 0);
    server.socket.end(1006);
    await settle(1_000);
    expect(stored()).toEqual(["kept"]);
  });

  test("whatever is lost and whenever: each message exactly once, in order", async () => {
    let seed = 7;
    const chance = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
    await online();
    const sent: string[] = [];
    for (let step = 0; step < 400; step++) {
      switch (chance(6)) {
        case 0:
          server.deaf = false;
          server.socket.end(1006);
          break;
        case 1:
          server.deaf = true;
          break;
        case 2:
          server.reachable = chance(3) > 0;
          break;
        case 3:
          session.stop();
          session = new Session(signedIn, vault, server, storage);
          session.start();
          server.deaf = false;
          break;
        default:
          sent.push(`message ${step}`);
          session.send(EVERYONE, `message ${step}`);
      }
      await settle(chance(2_000));
    }
    server.reachable = true;
    server.deaf = false;
    server.socket.end(1006);
    await settle(60_000);
    expect(stored()).toEqual(sent);
    expect(pending()).toEqual([]);
    expect(await storage.messages()).toEqual([]);
  });
});

describe("receipts and typing", () => {
  function receipts(): Command[] {
    return server.received.filter(({ type }) => type === "receipt");
  }

  test("delivered is told once for many, read when it is seen", async () => {
    await online();
    for (const text of ["1", "2", "3"]) server.write(EVERYONE, BEN, text);
    await settle(1_000);
    expect(receipts()).toEqual([{ type: "receipt", conversation: EVERYONE, delivered: 3 }]);
    session.markRead(EVERYONE, 3);
    expect(session.conversations.snapshot()[0]?.unread).toBe(0);
    await settle(1_000);
    expect(receipts().at(-1)).toEqual({ type: "receipt", conversation: EVERYONE, delivered: 3, read: 3 });
  });

  test("a receipt that could not be sent goes out with the next connection", async () => {
    await online();
    server.write(EVERYONE, BEN, "1");
    session.markRead(EVERYONE, 1);
    server.reachable = false;
    server.socket.end(1006);
    await settle(2_000);
    expect(receipts()).toEqual([]);
    server.reachable = true;
    await settle(10_000);
    expect(receipts()[0]).toMatchObject({ read: 1 });
    expect(session.conversations.snapshot()[0]?.unread).toBe(0);
  });

  test("others' receipts only move forward", async () => {
    await online();
    const reach = () => session.room(EVERYONE)?.marks.reach.snapshot();
    server.tell({ type: "receipt", conversation: EVERYONE, account: BEN, delivered: 5, read: 3 });
    server.tell({ type: "receipt", conversation: EVERYONE, account: BEN, delivered: 4, read: 1 });
    await settle();
    expect(reach()).toEqual({ delivered: 5, read: 3 });
    expect(session.room(EVERYONE)?.marks.readers(3)).toEqual([BEN]);
    expect(session.room(EVERYONE)?.marks.readers(4)).toEqual([]);
  });

  test("who writes has read what came before", async () => {
    await online();
    session.send(EVERYONE, "hi");
    await settle();
    expect(session.room(EVERYONE)?.marks.reach.snapshot().read).toBe(0);
    expect(session.conversations.snapshot()[0]?.unread).toBe(0);
    server.write(EVERYONE, BEN, "hello");
    await settle();
    expect(session.room(EVERYONE)?.marks.reach.snapshot().read).toBe(2);
  });

  test("reading on another device of one's own clears the count here", async () => {
    server.write(EVERYONE, BEN, "1");
    await online();
    server.tell({ type: "receipt", conversation: EVERYONE, account: ANNA, delivered: 1, read: 1 });
    await settle();
    expect(session.conversations.snapshot()[0]?.unread).toBe(0);
  });

  test("typing fades, and stops with the message", async () => {
    await online();
    const typing = () => session.room(EVERYONE)?.typing.accounts.snapshot();
    server.tell({ type: "typing", conversation: EVERYONE, account: BEN });
    await settle();
    expect(typing()).toEqual([BEN]);
    await settle(5_000);
    expect(typing()).toEqual([]);
    server.tell({ type: "typing", conversation: EVERYONE, account: BEN });
    server.write(EVERYONE, BEN, "done");
    await settle();
    expect(typing()).toEqual([]);
  });

  test("own typing is told at most every two seconds", async () => {
    await online();
    for (let i = 0; i < 40; i++) {
      session.typing(EVERYONE);
      await settle(100);
    }
    expect(server.received.filter(({ type }) => type === "typing").length).toBe(2);
  });
});
