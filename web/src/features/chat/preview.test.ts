import { expect, test } from "vitest";

import { en } from "@/lib/words/en";
import type { AccountId, CallId, CallMedia, CallOutcome } from "@/protocol/wire";

import { callWords, wasMissed } from "./call-words";
import { previewOf } from "./preview";

const ANNA = "anna" as AccountId;
const BEN = "ben" as AccountId;

function call(caller: AccountId, media: CallMedia, outcome: CallOutcome, duration = 0) {
  return { type: "call" as const, call: "c" as CallId, caller, media, end: { outcome, duration } };
}

test("a preview is one short line", () => {
  expect(previewOf("  one\n\ttwo  ")).toBe("one two");
  expect(previewOf("x".repeat(40_000)).length).toBe(160);
  expect(previewOf(" ".repeat(40_000))).toBe("");
});

test.each([
  [call(ANNA, "video", "completed", 42_000), "Video call, 42 s"],
  [call(BEN, "audio", "completed", 185_000), "Audio call, 3 min"],
  [call(BEN, "audio", "completed", 3_900_000), "Audio call, 1 h 5 min"],
  [call(ANNA, "video", "missed"), "Video call, no answer"],
  [call(BEN, "video", "missed"), "Missed video call"],
  [call(ANNA, "audio", "cancelled"), "Audio call, cancelled"],
  [call(BEN, "audio", "cancelled"), "Missed audio call"],
  [call(ANNA, "audio", "busy"), "Audio call, busy"],
  [call(BEN, "audio", "busy"), "Missed audio call"],
  [call(BEN, "audio", "declined"), "Audio call, declined"],
  [call(ANNA, "audio", "failed"), "Audio call, could not connect"],
])("a call tells what became of it, from where Anna stood: %j", (entry, text) => {
  expect(callWords(entry, ANNA, en)).toBe(text);
  expect(wasMissed(entry, ANNA)).toBe(text.startsWith("Missed"));
});
