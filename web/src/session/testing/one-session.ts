// One session with its fake server, made anew before each test, and what tests
// ask of both. Time moves by hand.

import { afterEach, beforeEach, expect, vi } from "vitest";

import type { ApiError, ConversationId } from "@/protocol/wire";

import type { Content } from "../body";
import { Session } from "../session";
import { MemoryStorage } from "../storage";
import { EVERYONE, FakeServer, signedIn } from "./fake-server";

export let server: FakeServer;
export let storage: MemoryStorage;
export let session: Session;

/** To be called once by a file of tests. */
export function oneSession(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    server = new FakeServer();
    storage = new MemoryStorage();
    session = new Session(signedIn, server, storage);
  });

  afterEach(() => {
    session.stop();
    vi.useRealTimers();
  });
}

/** The page goes and comes again: only what is stored outlives it. */
export function reload(): void {
  session.stop();
  session = new Session(signedIn, server, storage);
}

export async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

export async function online(): Promise<void> {
  session.start();
  await settle();
  expect(session.status.snapshot()).toEqual({ type: "online" });
}

export function texts(id: ConversationId = EVERYONE): (string | null)[] {
  const entries = session.room(id)?.timeline.window.snapshot().entries ?? [];
  return entries.map(({ content }) =>
    content.type === "message" ? ((content.content as Content | null)?.text ?? null) : null,
  );
}

export function stored(): string[] {
  return server.entries(EVERYONE).flatMap(({ content }) => {
    if (content.type !== "message") return [];
    const json = atob(content.body.data.replaceAll("-", "+").replaceAll("_", "/"));
    return [(JSON.parse(json) as { text: string }).text];
  });
}

export function pending() {
  return session.outbox.of(EVERYONE).snapshot();
}

export function refuseSends(error: ApiError): void {
  server.refuse = (command) => (command.type === "send" ? { type: "error", id: null, error } : null);
}
