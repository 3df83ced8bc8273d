import { expect, test } from "vitest";

import { fingerprintOf, readSignal, type Signal } from "./signal";

const HASH = Array.from({ length: 32 }, (_, i) => (i + 160).toString(16).toUpperCase()).join(":");
const OTHER = HASH.replace("A0", "A1");

const SIGNALS: Signal[] = [
  { kind: "ready", peer: "a", for: null },
  { kind: "description", description: { type: "offer", sdp: "v=0 ü" }, fingerprint: HASH, peer: "a", for: "b" },
  { kind: "candidate", candidate: { candidate: "c", sdpMid: "0", sdpMLineIndex: 0 }, peer: "a", for: "b" },
  { kind: "candidate", candidate: null, peer: "a", for: "b" },
  { kind: "media", microphone: true, camera: false, screen: true, peer: "a", for: "b" },
];

test.each(SIGNALS)("a signal survives the way: $kind", (signal) => {
  expect(readSignal(JSON.parse(JSON.stringify(signal)))).toEqual(signal);
});

test.each([
  "[]",
  "null",
  '{"kind":"other"}',
  '{"kind":"description"}',
  '{"kind":"description","description":{"type":"offer","sdp":""}}',
  '{"kind":"description","description":{"type":"rollback","sdp":""},"fingerprint":""}',
  '{"kind":"description","description":{"type":"offer","sdp":5},"fingerprint":""}',
  '{"kind":"candidate","candidate":{"candidate":5}}',
])("what is no signal is none: %s", (text) => {
  expect(readSignal(JSON.parse(text))).toBeNull();
});

test("keys that nobody asked for end here", () => {
  const said: unknown = JSON.parse('{"kind":"media","microphone":1,"camera":true,"__proto__":{"screen":true},"x":1}');
  expect(readSignal(said)).toEqual({ kind: "media", microphone: false, camera: true, screen: false, peer: "", for: null });
});

test.each([
  ["one", `v=0\r\na=fingerprint:sha-256 ${HASH}\r\n`, HASH],
  ["the same thrice, in small letters, too", `a=fingerprint:sha-256 ${HASH}\na=fingerprint:sha-256 ${HASH.toLowerCase()}\r\na=fingerprint:sha-256 ${HASH}`, HASH],
  ["none", "v=0\r\n", null],
  ["another one in one place", `a=fingerprint:sha-256 ${HASH}\r\na=fingerprint:sha-256 ${OTHER}\r\n`, null],
  ["another hash", `a=fingerprint:sha-1 ${HASH}\r\n`, null],
  ["another hash beside it", `a=fingerprint:sha-256 ${HASH}\r\na=fingerprint:sha-512 ${HASH}\r\n`, null],
  ["too short", `a=fingerprint:sha-256 ${HASH.slice(3)}\r\n`, null],
  ["an odd spelling", `a=fingerprint:sha-256 ${HASH}\r\n a=Fingerprint: sha-256 ${OTHER}\r\n`, null],
])("e22 of the fingerprints of an SDP: %s", (_, sdp, expected) => {
  expect(fingerprintOf(sdp)).toBe(expected);
});
