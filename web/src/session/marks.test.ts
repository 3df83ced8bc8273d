import { describe, expect, test } from "vitest";

import type { Command } from "@/protocol/wire";

import { ANNA, BEN, EVERYONE } from "./testing/fake-server";
import { oneSession, online, server, session, settle } from "./testing/one-session";

oneSession();

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
    expect(session.room(EVERYONE)?.marks.reach.snapshot().read).toBe(2);
  });

  test("reading on another device of one's own clears the count here", async () => {
    server.write(EVERYONE, BEN, "1");
    await online();
    server.tell({ type: "receipt", conversation: EVERYONE, account: ANNA, delivered: 1, read: 1 });
    expect(session.conversations.snapshot()[0]?.unread).toBe(0);
  });

  test("typing fades, and stops with the message", async () => {
    await online();
    const typing = () => session.room(EVERYONE)?.typing.accounts.snapshot();
    server.tell({ type: "typing", conversation: EVERYONE, account: BEN });
    expect(typing()).toEqual([BEN]);
    await settle(5_000);
    expect(typing()).toEqual([]);
    server.tell({ type: "typing", conversation: EVERYONE, account: BEN });
    server.write(EVERYONE, BEN, "done");
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
