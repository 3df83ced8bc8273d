import { describe, expect, test } from "vitest";

import { BEN, EVERYONE } from "./testing/fake-server";
import { oneSession, online, server, session, settle, texts } from "./testing/one-session";

oneSession();

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
