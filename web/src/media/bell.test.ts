import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { AccountId, ConversationId } from "@/protocol/wire";

import { hangBell } from "./bell";
import { Calls } from "./calls";
import { Devices } from "./devices";
import type { Sounds } from "./sounds";
import { FakeHub } from "./testing/fake-hub";
import { FakePeerConnection } from "./testing/fake-peer-connection";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("RTCPeerConnection", FakePeerConnection);
  vi.stubGlobal("RTCRtpReceiver", {});
  vi.stubGlobal("MediaStream", function MediaStream() {});
  vi.stubGlobal("navigator", {});
  FakePeerConnection.reset();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the caller hears the ring-back, the callee the ring, both the beginning and the end", async () => {
  const hub = new FakeHub();
  const anna = ear(hub, "anna");
  const ben = ear(hub, "ben");
  const id = await call(anna, "ben");
  expect(anna.heard).toEqual(["ringBack"]);
  expect(ben.heard).toEqual(["ring"]);
  ben.calls.accept(id, { camera: false });
  await settle();
  expect(anna.heard).toEqual(["ringBack", "silence", "joined"]);
  expect(ben.heard).toEqual(["ring", "silence", "joined"]);
  ben.calls.state.snapshot().current?.hangUp();
  await settle();
  expect(anna.heard.at(-1)).toBe("left");
});

test("of the tabs of a browser one rings, and all are silent when one has answered", async () => {
  vi.stubGlobal("navigator", { locks: new Locks() });
  const hub = new FakeHub();
  const anna = ear(hub, "anna");
  const tabs = [ear(hub, "ben"), ear(hub, "ben"), ear(hub, "ben")];
  const id = await call(anna, "ben");
  expect(tabs.map(({ heard }) => heard.includes("ring"))).toEqual([true, false, false]);
  tabs[1]?.calls.accept(id, { camera: false });
  await settle();
  expect(tabs[0]?.heard).toContain("silence");
  expect(tabs.filter(({ heard }) => heard.includes("ring"))).toHaveLength(1);
});

/** Web Locks of one browser: one holder, the others wait in line until they give up. */
class Locks {
  #last: Promise<unknown> = Promise.resolve();

  request(_name: string, { signal }: { signal: AbortSignal }, hold: () => Promise<void>): Promise<unknown> {
    const turn = this.#last.then(() => (signal.aborted ? undefined : hold()));
    this.#last = turn;
    return turn;
  }
}

function ear(hub: FakeHub, account: string) {
  const calls = new Calls(hub.client(account), new Devices(null));
  const heard: string[] = [];
  const sounds = {
    unlocked: true,
    play: (kind: string) => heard.push(kind),
    repeat: (kind: string) => heard.push(kind),
    silence: () => heard.at(-1) !== "silence" && heard.length > 0 && heard.push("silence"),
  };
  hangBell(calls, sounds as unknown as Sounds);
  return { calls, heard };
}

async function call(caller: { calls: Calls }, callee: string) {
  caller.calls.start("conversation" as ConversationId, callee as AccountId, "audio");
  await settle();
  const id = caller.calls.state.snapshot().current?.state.snapshot().id;
  if (!id) throw new Error("no call was made");
  return id;
}

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await vi.advanceTimersByTimeAsync(1);
}
