import { describe, expect, test } from "vitest";

import { Session } from "./session";
import { BEN, EVERYONE, signedIn } from "./testing/fake-server";
import { oneSession, online, pending, refuseSends, reload, server, session, settle, storage, stored, texts } from "./testing/one-session";

oneSession();

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
    reload();
    await online();
    expect(stored()).toEqual(["1", "2"]);
    expect(pending()).toEqual([]);
    expect(await storage.messages()).toEqual([]);
  });

  test("two pages with one outbox send each message once", async () => {
    session.send(EVERYONE, "1");
    session.send(EVERYONE, "2");
    const other = new Session(signedIn, server, storage);
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
      command.type === "send" && command.body.data.length < 40
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
          reload();
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
