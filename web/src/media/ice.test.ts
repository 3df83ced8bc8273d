import { beforeEach, expect, test } from "vitest";

import type { CallId } from "@/protocol/wire";

import { IceServers } from "./ice";
import { FakeHub, GRANT_MS } from "./testing/fake-hub";

const CALL = "call" as CallId;

let hub: FakeHub;
let ice: IceServers;

beforeEach(() => {
  hub = new FakeHub();
  hub.urls = ["stun:{host}:3478", "turn:{host}:3478?transport=udp"];
  ice = new IceServers(hub.client("anna"));
});

test("credentials serve until a minute before their end", async () => {
  const first = await ice.configuration(CALL);
  hub.now += GRANT_MS - 61_000;
  expect(await ice.configuration(CALL)).toBe(first);
  expect(hub.grants).toBe(1);
  hub.now += 1_000;
  const second = await ice.configuration(CALL);
  expect(hub.grants).toBe(2);
  expect(second.iceServers?.at(-1)).toMatchObject({ username: "user 2", urls: [expect.stringMatching(/^turn:/)] });
});
