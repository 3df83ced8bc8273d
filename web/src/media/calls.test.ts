import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { AccountId, CallId, ConversationId } from "@/protocol/wire";

import { Calls } from "./calls";
import { Devices } from "./devices";
import { readSignal } from "./signal";
import { type FakeClient, FakeHub, GRANT_MS } from "./testing/fake-hub";
import { FakePeerConnection } from "./testing/fake-peer-connection";

const CONVERSATION = "conversation" as ConversationId;

let hub: FakeHub;
let anna: Side;
let ben: Side;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("RTCPeerConnection", FakePeerConnection);
  vi.stubGlobal("RTCRtpReceiver", {});
  vi.stubGlobal("MediaStream", function MediaStream() {});
  FakePeerConnection.reset();
  hub = new FakeHub();
  anna = side("anna");
  ben = side("ben");
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a call goes its ten steps", async () => {
  const id = await ring();
  expect(anna.stage()).toMatchObject({ type: "ringing" });
  ben.calls.accept(id, { camera: false });
  await settle();
  expect(anna.reach()).toBe("connected");
  expect(ben.reach()).toBe("connected");
  const said = signals().filter((signal) => !signal.endsWith("media"));
  expect(said).toEqual(["anna offer", "ben answer", "anna candidate", "ben candidate"]);
  anna.call().hangUp();
  await settle();
  expect(anna.stage()).toMatchObject({ type: "ended", reason: "completed", own: true });
  expect(ben.stage()).toMatchObject({ type: "ended", reason: "completed", own: false });
  expect(FakePeerConnection.open()).toEqual([]);
});

test("of two accepts at once the first wins and the other hears that it was elsewhere", async () => {
  const phone = side("ben", "ben-phone");
  const id = await ring();
  ben.calls.accept(id, { camera: false });
  phone.calls.accept(id, { camera: false });
  await settle();
  expect(ben.stage()).toMatchObject({ type: "active" });
  expect(phone.stage()).toMatchObject({ type: "ended", reason: "elsewhere" });
  expect(FakePeerConnection.open()).toHaveLength(2);
});

test("two tabs of one device: the one that did not win makes no connection", async () => {
  const tab = side("ben");
  const id = await ring();
  ben.calls.accept(id, { camera: false });
  tab.calls.accept(id, { camera: false });
  await settle();
  expect(tab.stage()).toMatchObject({ type: "ended", reason: "elsewhere" });
  expect(FakePeerConnection.open()).toHaveLength(2);
});

test("every device stops ringing when one answers", async () => {
  const phone = side("ben", "ben-phone");
  const id = await ring();
  expect(phone.calls.state.snapshot().ringing).toHaveLength(1);
  ben.calls.accept(id, { camera: false });
  await settle();
  expect(phone.calls.state.snapshot()).toMatchObject({ ringing: [], elsewhere: { id } });
});

test("cancelling crosses the accept: the call ends for both", async () => {
  const id = await ring();
  anna.client.held = [];
  ben.calls.accept(id, { camera: false });
  await settle();
  // The news of the accept is still on its way.
  expect(anna.stage()).toMatchObject({ type: "ringing" });
  anna.call().hangUp();
  anna.client.release();
  await settle();
  expect(anna.stage()).toMatchObject({ type: "ended", reason: "cancelled" });
  expect(ben.stage()).toMatchObject({ type: "ended", reason: "completed" });
  expect(FakePeerConnection.open()).toEqual([]);
});

test("hanging up before the server has answered still ends the call", async () => {
  anna.client.held = [];
  anna.calls.start(CONVERSATION, ben.client.account, "audio");
  anna.call().hangUp();
  anna.client.release();
  await settle();
  expect(hub.calls.size).toBe(0);
  expect(ben.calls.state.snapshot().ringing).toEqual([]);
});

test("both call at the same moment: one call, one caller", async () => {
  anna.client.held = [];
  anna.calls.start(CONVERSATION, ben.client.account, "audio");
  ben.calls.start(CONVERSATION, anna.client.account, "audio");
  anna.client.release();
  await settle();
  expect(hub.calls.size).toBe(1);
  expect(anna.call().state.snapshot().id).toBe(ben.call().state.snapshot().id);
  expect(anna.reach()).toBe("connected");
  expect(anna.call().state.snapshot().outgoing).toBe(true);
  expect(ben.call().state.snapshot().outgoing).toBe(false);
});

test.each(["declined", "missed", "failed"] as const)("a call that is %s says so", async (outcome) => {
  const id = await ring();
  hub.finish(id, outcome);
  await settle();
  expect(anna.stage()).toMatchObject({ type: "ended", reason: outcome });
  expect(ben.calls.state.snapshot().ringing).toEqual([]);
});

test("the other side is busy", async () => {
  await ring();
  const cleo = side("cleo");
  cleo.calls.start("another" as ConversationId, ben.client.account, "audio");
  await settle();
  expect(cleo.stage()).toMatchObject({ type: "ended", reason: "busy" });
});

test("declining silences at once", async () => {
  const id = await ring();
  ben.client.held = [];
  ben.calls.decline(id);
  expect(ben.calls.state.snapshot().ringing).toEqual([]);
  await settle();
  expect(anna.stage()).toMatchObject({ type: "ended", reason: "declined" });
});

test("a dropped connection ends nothing; what was to be said is said after the rejoin", async () => {
  await talk();
  anna.client.drop();
  await settle();
  expect(ben.call().state.snapshot().away).toBe(true);
  anna.call().local.setMuted(true);
  const before = hub.log.length;
  anna.client.reconnect();
  await settle();
  const said = hub.log.slice(before).map(({ command }) => command.type);
  expect(said[0]).toBe("rejoin_call");
  expect(said).toContain("signal");
  expect(ben.call().state.snapshot().away).toBe(false);
  expect(anna.reach()).toBe("connected");
  expect(FakePeerConnection.all).toHaveLength(2);
});

test("signals whose confirmation was lost are said again, in order", async () => {
  const id = await ring();
  ben.calls.accept(id, { camera: false });
  // The offer goes out, but neither it is confirmed nor its answer heard.
  anna.client.held = null;
  await vi.advanceTimersByTimeAsync(0);
  anna.client.drop();
  await settle();
  anna.client.reconnect();
  await settle();
  expect(anna.reach()).toBe("connected");
  expect(ben.reach()).toBe("connected");
});

test("an accept that was carried out unheard becomes a rejoin", async () => {
  const id = await ring();
  ben.client.held = [];
  ben.calls.accept(id, { camera: false });
  ben.client.drop();
  await settle();
  ben.client.reconnect();
  await settle();
  const asked = hub.log.filter(({ from }) => from === ben.client.device).map(({ command }) => command.type);
  expect(asked.filter((type) => type === "accept_call")).toHaveLength(1);
  expect(asked).toContain("rejoin_call");
  expect(ben.reach()).toBe("connected");
});

test.each(["anna", "ben"] as const)("%s reloads and takes the call up again", async (who) => {
  const id = await talk();
  const old = who === "anna" ? anna : ben;
  const other = who === "anna" ? ben : anna;
  const peer = other.call().line?.peer?.id;
  const back = reload(old);
  expect(back.calls.state.snapshot().left?.id).toBe(id);
  back.calls.rejoin(id, { camera: false });
  await settle();
  expect(back.reach()).toBe("connected");
  expect(other.reach()).toBe("connected");
  expect(other.call().line?.peer?.id).not.toBe(peer);
  expect(FakePeerConnection.open()).toHaveLength(2);
  expect(FakePeerConnection.all.every(({ rollbacks }) => rollbacks === 0)).toBe(true);
});

test("a lost way is looked for again, by the caller's offer, whoever notices", async () => {
  await talk();
  const [first, second] = FakePeerConnection.open();
  second?.become("disconnected");
  await vi.advanceTimersByTimeAsync(2_400);
  expect(ben.reach()).toBe("reconnecting");
  expect(first?.offers).toBe(1);
  await vi.advanceTimersByTimeAsync(200);
  await settle();
  expect(first?.offers).toBe(2);
  expect(second?.offers).toBe(0);
  expect(ben.reach()).toBe("connected");
});

test("a connection that cannot be made ends the call as failed", async () => {
  FakePeerConnection.reachable = false;
  await talk();
  expect(anna.reach()).toBe("connecting");
  await vi.advanceTimersByTimeAsync(31_000);
  expect(anna.stage()).toMatchObject({ type: "ended", reason: "failed" });
  expect(ben.stage()).toMatchObject({ type: "ended", reason: "failed" });
  const ends = hub.log.flatMap(({ command }) => (command.type === "end_call" ? [command.failed] : []));
  expect(ends[0]).toBe(true);
});

test("h66 a fingerprint swapped on the way ends the call before anything flows", async () => {
  hub.tamper = (said) => {
    const signal = said as { kind: string; description?: { sdp: string } };
    if (signal.description) signal.description.sdp = signal.description.sdp.replaceAll(/(:[0-9A-Fa-f]{2}){2}\r/g, ":AA:BB\r");
    return signal;
  };
  await talk();
  expect(ben.stage()).toMatchObject({ type: "ended", reason: "insecure" });
  expect(FakePeerConnection.all.every(({ remoteDescription }) => remoteDescription === null)).toBe(true);
  expect(FakePeerConnection.open()).toEqual([]);
});

test("e7 somebody whose keys have changed is neither called nor answered", async () => {
  anna.client.distrusted.add("ben" as AccountId);
  anna.calls.start(CONVERSATION, "ben" as AccountId, "audio");
  await settle();
  expect(anna.stage()).toMatchObject({ type: "ended", reason: "other_keys" });
  expect(hub.log).toEqual([]);

  ben.client.distrusted.add("anna" as AccountId);
  anna.client.distrusted.clear();
  const id = await ring();
  ben.calls.accept(id, { camera: true });
  await settle();
  expect(ben.stage()).toMatchObject({ type: "ended", reason: "other_keys" });
  expect(anna.stage()).toMatchObject({ type: "ended", reason: "declined" });
  expect(FakePeerConnection.all).toEqual([]);
});

test("h66 a signal that its device did not say ends the call", async () => {
  hub.tamper = () => null;
  await talk();
  expect(ben.stage()).toMatchObject({ type: "ended", reason: "insecure" });
});

test("keys that cannot be agreed on an open way are no network problem", async () => {
  await talk();
  const [peer] = FakePeerConnection.open();
  if (!peer) throw new Error("no connection");
  peer.becomeIce("connected");
  peer.failKeys();
  expect(anna.stage()).toMatchObject({ type: "ended", reason: "insecure" });
});

test("hanging up without a connection is told after the reconnect", async () => {
  await talk();
  anna.client.drop();
  anna.call().hangUp();
  expect(anna.stage()).toMatchObject({ type: "ended", reason: "completed" });
  await settle();
  expect(hub.calls.size).toBe(1);
  anna.client.reconnect();
  await settle();
  expect(hub.calls.size).toBe(0);
  expect(ben.stage()).toMatchObject({ type: "ended" });
});

test("a server that never answers is given up", async () => {
  anna.client.held = [];
  anna.calls.start(CONVERSATION, ben.client.account, "audio");
  await vi.advanceTimersByTimeAsync(21_000);
  expect(anna.stage()).toMatchObject({ type: "ended", reason: "unreachable" });
});

test("one call at a time", async () => {
  await talk();
  const id = anna.call().state.snapshot().id;
  anna.calls.start(CONVERSATION, ben.client.account, "audio");
  expect(anna.call().state.snapshot().id).toBe(id);
});

test("whoever hides the address uses the relay alone", async () => {
  ben.client.relay = true;
  await talk();
  const policies = FakePeerConnection.all.map(({ configuration }) => configuration.iceTransportPolicy);
  expect(policies.sort()).toEqual(["all", "relay"]);
});

test("a restart long after the beginning takes new relay credentials", async () => {
  hub.urls = ["turn:{host}:3478?transport=udp"];
  await talk();
  const names = () =>
    FakePeerConnection.open().flatMap(({ configuration }) => configuration.iceServers?.map(({ username }) => username));
  expect(names().sort()).toEqual(["user 1", "user 2"]);
  hub.now += GRANT_MS / 2;
  anna.call().networkChanged();
  await settle();
  expect(hub.grants).toBe(2);

  hub.now += GRANT_MS;
  await vi.advanceTimersByTimeAsync(2_000);
  const [caller] = FakePeerConnection.open();
  const offers = caller!.offers;
  anna.call().networkChanged();
  await settle();
  expect(names()).toContain("user 3");
  expect(caller!.offers).toBe(offers + 1);
});

test("mute is told to the other side", async () => {
  await talk();
  anna.call().local.setMuted(true);
  await settle();
  expect(ben.call().state.snapshot().line?.remote.microphone).toBe(false);
});

interface Side {
  client: FakeClient;
  calls: Calls;
  call: () => NonNullable<ReturnType<Calls["state"]["snapshot"]>["current"]>;
  stage: () => unknown;
  reach: () => string | undefined;
}

function side(account: string, device?: string): Side {
  return around(hub.client(account, device));
}

function around(client: FakeClient): Side {
  const calls = new Calls(client, new Devices(null));
  const call = () => calls.state.snapshot().current!;
  return {
    client,
    calls,
    call,
    stage: () => call()?.state.snapshot().stage,
    reach: () => call()?.state.snapshot().line?.reach,
  };
}

/** The same device comes back as a fresh page. */
function reload(old: Side): Side {
  old.client.drop();
  old.call().line?.close();
  old.call().local.stop();
  hub.clients.splice(hub.clients.indexOf(old.client), 1);
  const client = hub.client(old.client.account, old.client.device);
  client.drop();
  client.reconnect();
  return around(client);
}

async function ring(): Promise<CallId> {
  anna.calls.start(CONVERSATION, "ben" as AccountId, "audio");
  await settle();
  return ben.calls.state.snapshot().ringing[0]!.id;
}

async function talk(): Promise<CallId> {
  const id = await ring();
  ben.calls.accept(id, { camera: false });
  await settle();
  return id;
}

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await vi.advanceTimersByTimeAsync(0);
}

function signals(): string[] {
  return hub.log.flatMap(({ from, command }) => {
    if (command.type !== "signal") return [];
    const signal = readSignal(command.content)!;
    const what = signal.kind === "description" ? signal.description.type : signal.kind;
    return [`${from.split("-")[0]} ${what}`];
  });
}
