import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { AccountId, Blob, Knock, LinkId } from "@/protocol/wire";

import { Session } from "./session";
import { MemoryStorage } from "./storage";
import { ANNA, annasVault, BEN, EVERYONE, FakeServer, signedIn } from "./testing/fake-server";
import { type FakeVault, saidIn } from "./testing/fake-vault";

const MAX = "max___________________" as AccountId;
const LINK = "link__________________" as LinkId;
const knock: Knock = { account: MAX, link: LINK, signature: "good" as Blob, time: 1 };

let server: FakeServer;
let vault: FakeVault;
let session: Session;
let heard: AccountId[];

beforeEach(async () => {
  vi.useFakeTimers();
  server = new FakeServer();
  vault = annasVault();
  vault.links.push({ id: LINK, expires: null });
  session = new Session(signedIn, vault, server, new MemoryStorage());
  heard = [];
  session.keys.lobby.onKnock((_, { account }) => heard.push(account));
  session.start();
  await settle();
});

afterEach(() => {
  session.stop();
  vi.useRealTimers();
});

async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  for (let i = 0; i < 40; i++) await vi.advanceTimersByTimeAsync(0);
}

function tellKnocks(...knocks: Knock[]): Promise<void> {
  server.tell({ type: "knocks", conversation: EVERYONE, knocks });
  return settle();
}

function shown(): Blob[] {
  return (session.keys.lobby.knocks.snapshot().get(EVERYONE) ?? []).map(({ signature }) => signature);
}

function posted(): (string | undefined)[] {
  return server.entries(EVERYONE).map(({ content }) => (content.type === "envelope" ? saidIn(content.envelope).change?.type : undefined));
}

describe("who knocks", () => {
  test("is shown once the knock has proved good, and told of once", async () => {
    await tellKnocks(knock);
    expect(server.asked.some((path) => path.includes(`/accounts/${MAX}/records`))).toBe(true);
    await tellKnocks(knock);
    expect(shown()).toEqual(["good"]);
    expect(heard).toEqual([MAX]);
  });

  test("is not shown without the link, whatever the server says", async () => {
    await tellKnocks({ ...knock, signature: "made up" as Blob }, { ...knock, link: "another" as LinkId });
    expect(shown()).toEqual([]);
    expect(heard).toEqual([]);
  });

  test("is let in by the link at which they knocked, as a guest", async () => {
    await tellKnocks(knock);
    await session.keys.lobby.letIn(EVERYONE, knock);
    await settle();
    const last = server.entries(EVERYONE).at(-1)?.content;
    expect(last?.type === "envelope" && saidIn(last.envelope).change).toEqual({
      type: "add",
      members: [{ account: MAX, role: "guest", via: LINK }],
    });
    expect(shown()).toEqual([]);
  });

  test("is gone when another member was faster", async () => {
    await tellKnocks(knock);
    await tellKnocks();
    expect(shown()).toEqual([]);
  });
});

describe("this account", () => {
  test("waits until it is let in", async () => {
    const other = "cellar________________" as typeof EVERYONE;
    const inside: string[] = [];
    session.keys.lobby.onLetIn((id) => inside.push(id));
    session.keys.lobby.waits({ conversation: other, link: LINK });
    server.add(other, "room", [BEN, ANNA]);
    server.tell({ type: "conversation", conversation: server.conversations.get(other)!.state });
    await settle();
    expect(session.keys.lobby.waiting.snapshot()).toEqual([]);
    expect(inside).toEqual([other]);
  });

  test("hears that it was turned away", async () => {
    const away: LinkId[] = [];
    session.keys.lobby.onTurnedAway(({ link }) => away.push(link));
    session.keys.lobby.waits({ conversation: EVERYONE, link: LINK });
    server.tell({ type: "turned_away", conversation: EVERYONE, link: LINK });
    expect(away).toEqual([LINK]);
    expect(session.keys.lobby.waiting.snapshot()).toEqual([]);
  });

  test("learns why its stay as a guest is over", async () => {
    server.socket.end(4001, "link_ended");
    expect(session.status.snapshot()).toEqual({ type: "signed_out", why: "link_ended" });
  });
});

describe("a link that is over", () => {
  function demandRotation(role: "member" | "guest" = "member"): Promise<void> {
    const { state } = server.conversations.get(EVERYONE)!;
    state.rotation_required = true;
    state.members = state.members.map((one) => (one.account === ANNA ? { ...one, role } : one));
    server.tell({ type: "conversation", conversation: { ...state } });
    return settle(3_000);
  }

  test("is taken back by itself when the server demands it", async () => {
    vault.links = [{ id: LINK, expires: 1 }];
    await demandRotation();
    expect(posted()).toEqual(["link_revoke"]);
  });

  test("stays while it is good: new keys are enough then", async () => {
    await demandRotation();
    expect(posted()).toEqual(["rotate"]);
    expect(vault.links).toHaveLength(1);
  });

  test("is not for guests to take back: what they write waits", async () => {
    vault.links = [{ id: LINK, expires: 1 }];
    await demandRotation("guest");
    server.refuse = (command) =>
      command.type === "send" ? { type: "error", id: null, error: { code: "rotate_first", detail: "" } } : null;
    session.send(EVERYONE, "patience");
    await settle(3_000);
    expect(posted()).toEqual([]);
    expect(session.outbox.of(EVERYONE).snapshot()).toMatchObject([{ state: "sending" }]);
  });
});
