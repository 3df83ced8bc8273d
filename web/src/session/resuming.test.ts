import { describe, expect, test } from "vitest";

import type { ConversationId } from "@/protocol/wire";

import { ANNA, BEN, EVERYONE } from "./testing/fake-server";
import { oneSession, online, server, session, settle, texts } from "./testing/one-session";

oneSession();

describe("resuming", () => {
  test("what was missed comes exactly once and in order", async () => {
    server.write(EVERYONE, BEN, "1");
    await online();
    server.write(EVERYONE, BEN, "2");
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
    expect(size()).toBe(1_000);
    leave?.();
    expect(size()).toBe(200);
    for (let i = 0; i < 1_000; i++) server.write(EVERYONE, BEN, String(i));
    expect(size()).toBeLessThanOrEqual(400);
    expect(session.conversations.snapshot()[0]?.unread).toBe(2_000);
  });

  test("h57 another epoch voids what is held", async () => {
    for (const text of ["1", "2", "3"]) server.write(EVERYONE, BEN, text);
    await online();
    server.restoreBackup("second", 1);
    server.write(EVERYONE, BEN, "other");
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
    expect(texts(garden)).toEqual(["1"]);
    server.tell({ type: "conversation_gone", conversation: garden });
    expect(session.room(garden)).toBeUndefined();
    server.write(garden, BEN, "2");
    const last = server.entries(garden).at(-1) ?? null;
    server.tell({ type: "conversation", conversation: { ...state, head: 2, last } });
    server.write(garden, BEN, "3");
    expect(texts(garden)).toEqual(["2", "3"]);
  });
});
