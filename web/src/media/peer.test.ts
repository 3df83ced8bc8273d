import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Peer } from "./peer";
import { FakePeerConnection } from "./testing/fake-peer-connection";

beforeEach(() => {
  vi.stubGlobal("RTCPeerConnection", FakePeerConnection);
  vi.stubGlobal("RTCRtpReceiver", {});
  vi.stubGlobal("MediaStream", function MediaStream() {});
  FakePeerConnection.reset();
});

afterEach(() => vi.unstubAllGlobals());

test("a way that opens after the first ones were closed is no attack", () => {
  const { peer, connection } = caller();
  // As Chromium tells it when the relay refuses the first addresses of the other side.
  connection.becomeIce("checking");
  connection.becomeIce("disconnected");
  connection.become("connecting");
  connection.become("failed");
  expect(peer.state.snapshot()).toBe("disconnected");
  connection.becomeIce("checking");
  connection.becomeIce("connected");
  expect(peer.state.snapshot()).toBe("disconnected");
  connection.become("connecting");
  connection.become("connected");
  expect(peer.state.snapshot()).toBe("connected");
});

test("a way that could not be found has failed, and its keys have not", () => {
  const { peer, connection } = caller();
  connection.becomeIce("failed");
  connection.become("failed");
  expect(peer.state.snapshot()).toBe("failed");
});

test("keys that were refused are no network problem", () => {
  const { peer, connection } = caller();
  connection.becomeIce("connected");
  connection.keys.state = "failed";
  connection.become("failed");
  expect(peer.state.snapshot()).toBe("insecure");
});

function caller(): { peer: Peer; connection: FakePeerConnection } {
  const peer = new Peer({ configuration: {}, caller: true, send: () => undefined });
  const [connection] = FakePeerConnection.open();
  if (!connection) throw new Error("no connection");
  return { peer, connection };
}
