import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, type MockInstance, test, vi } from "vitest";

import type { CallId, ConversationId } from "@/protocol/wire";
import { Session, SessionContext } from "@/session";
import { MemoryStorage } from "@/session/storage";
import { ANNA, annasVault, BEN, EVERYONE, FakeServer, signedIn } from "@/session/testing/fake-server";

import { sounds } from "./center";
import { useMessageSound } from "./use-message-sound";

let root: Root;
let server: FakeServer;
let session: Session;
let held: boolean;
let play: MockInstance<typeof sounds.play>;

beforeEach(async () => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  vi.useFakeTimers();
  play = vi.spyOn(sounds, "play").mockReturnValue();
  held = false;
  vi.stubGlobal("navigator", { ...navigator, locks: { request: lock } });
  server = new FakeServer();
  session = new Session(signedIn, annasVault(), server, new MemoryStorage());
  session.start();
  root = createRoot(document.body.appendChild(document.createElement("div")));
  await look(null, true);
});

afterEach(async () => {
  await act(async () => root.unmount());
  session.stop();
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a message is heard, and a burst of them once", async () => {
  await write(BEN);
  await write(BEN);
  expect(play.mock.calls).toEqual([["message"]]);
  await act(async () => vi.advanceTimersByTimeAsync(1_000));
  await write(BEN);
  expect(play).toHaveBeenCalledTimes(2);
});

test("what is read as it comes is not heard, unless the person looks elsewhere", async () => {
  await look(EVERYONE, true);
  await write(BEN);
  expect(play).not.toHaveBeenCalled();
  await look(EVERYONE, false);
  await write(BEN);
  expect(play).toHaveBeenCalledTimes(1);
});

test("own messages and calls that ended are not heard", async () => {
  await write(ANNA);
  await act(async () => {
    server.append(EVERYONE, {
      type: "call",
      call: "call__________________" as CallId,
      caller: BEN,
      media: "audio",
      end: { outcome: "missed", duration: 0 },
    });
    await vi.advanceTimersByTimeAsync(0);
  });
  expect(play).not.toHaveBeenCalled();
});

test("while another tab sounds, this one is quiet", async () => {
  held = true;
  await write(BEN);
  expect(play).not.toHaveBeenCalled();
});

/** One lock for all tabs; who comes second gets none. */
async function lock(_name: string, _options: unknown, take: (lock: object | null) => Promise<void>): Promise<void> {
  if (held) return take(null);
  held = true;
  await take({});
  held = false;
}

function Listener({ shown }: { shown: ConversationId | null }) {
  useMessageSound(shown);
  return null;
}

async function look(shown: ConversationId | null, focus: boolean): Promise<void> {
  vi.spyOn(document, "hasFocus").mockReturnValue(focus);
  await act(async () => {
    root.render(
      <SessionContext value={session}>
        <Listener shown={shown} />
      </SessionContext>,
    );
    await vi.advanceTimersByTimeAsync(0);
  });
}

async function write(sender: typeof BEN): Promise<void> {
  await act(async () => {
    server.write(EVERYONE, sender, "hello");
    await vi.advanceTimersByTimeAsync(0);
  });
}
