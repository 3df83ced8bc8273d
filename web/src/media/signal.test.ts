import { expect, test } from "vitest";

import { toBase64Url } from "@/lib/base64";
import type { Blob, Body } from "@/protocol/wire";

import { decodeSignal, encodeSignal, type Signal } from "./signal";

const SIGNALS: Signal[] = [
  { k: "ready", peer: "a", for: null },
  { k: "description", description: { type: "offer", sdp: "v=0 ü" }, peer: "a", for: "b" },
  { k: "candidate", candidate: { candidate: "c", sdpMid: "0", sdpMLineIndex: 0 }, peer: "a", for: "b" },
  { k: "candidate", candidate: null, peer: "a", for: "b" },
  { k: "media", microphone: true, camera: false, screen: true, peer: "a", for: "b" },
];

test.each(SIGNALS)("a signal survives the way: $k", (signal) => {
  expect(decodeSignal(encodeSignal(signal))).toEqual(signal);
});

test.each([
  "no json",
  "[]",
  "null",
  '{"k":"other"}',
  '{"k":"description"}',
  '{"k":"description","description":{"type":"rollback","sdp":""}}',
  '{"k":"description","description":{"type":"offer","sdp":5}}',
  '{"k":"candidate","candidate":{"candidate":5}}',
])("what is no signal is none: %s", (text) => {
  expect(decodeSignal(body(text))).toBeNull();
});

test("another format is not guessed at", () => {
  expect(decodeSignal({ ...encodeSignal(SIGNALS[0]!), format: 1 })).toBeNull();
});

test("keys that nobody asked for end here", () => {
  const signal = decodeSignal(body('{"k":"media","microphone":1,"camera":true,"__proto__":{"screen":true},"x":1}'));
  expect(signal).toEqual({ k: "media", microphone: false, camera: true, screen: false, peer: "", for: null });
});

function body(text: string): Body {
  return { format: 0, data: toBase64Url(new TextEncoder().encode(text)) as Blob };
}
