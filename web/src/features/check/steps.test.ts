import { expect, test } from "vitest";

import { checkWords } from "@/lib/words/check";

import { readKept } from "./last";
import type { Outcome } from "./outcome";
import { reportOf } from "./report";
import { changed, finished, firstSteps, type Step, type StepKind, withWays, worst } from "./steps";

const way = (transport: "udp" | "tcp", port: number) => ({ url: "", transport, port });

function done(kind: StepKind, verdict: Outcome["verdict"], code: Outcome["code"] = "secure"): Step {
  return { kind, state: "done", outcome: { verdict, code } };
}

test("each way to the relay has a line of its own in the place of the one", () => {
  const steps = withWays(firstSteps(), [way("udp", 1), way("tcp", 2)]);
  expect(steps).toHaveLength(firstSteps().length + 1);
  expect(steps.filter(({ kind }) => kind === "relay").map(({ transport, port }) => `${transport} ${port}`)).toEqual(["udp 1", "tcp 2"]);
  expect(steps.map(({ kind }) => kind).slice(-2)).toEqual(["udp", "speed"]);
  expect(withWays(firstSteps(), [])).toEqual(firstSteps());
});

test("a change leaves the other lines alone", () => {
  const before = firstSteps();
  const after = changed(before, 2, { state: "done", outcome: { verdict: "ok", code: "server_answers" } });
  expect(finished(before)).toBe(0);
  expect(finished(after)).toBe(1);
  expect(after[1]).toBe(before[1]);
});

test("one way to the relay is enough for calls", () => {
  expect(worst([done("secure", "ok"), done("camera", "skipped")])).toBe("ok");
  expect(worst([done("secure", "ok"), done("camera", "warn")])).toBe("warn");
  expect(worst([done("secure", "fail"), done("camera", "warn")])).toBe("fail");
  expect(worst([done("relay", "fail"), done("relay", "ok")])).toBe("warn");
  expect(worst([done("relay", "fail"), done("relay", "fail")])).toBe("fail");
});

test("what was kept is read back, and nothing else", () => {
  const kept = { at: 5, steps: [done("secure", "ok")] };
  expect(readKept(JSON.stringify(kept))).toEqual(kept);
  for (const text of [null, "", "{", "[]", '{"at":5}', '{"at":5,"steps":[]}', '{"at":5,"steps":[{"kind":"secure","state":"running"}]}']) {
    expect(readKept(text), String(text)).toBeNull();
  }
});

test("the report says what was found, and nothing about the person", () => {
  const relay: Step = { kind: "relay", transport: "udp", port: 3478, state: "done", outcome: { verdict: "ok", code: "relay_passes", ms: 12.4 } };
  const speed: Step = { kind: "speed", state: "done", outcome: { verdict: "warn", code: "speed_low", rate: 1_234_000, loss: 0.051 } };
  const text = reportOf([relay, speed], 0, "chat.example", "Browser/1", checkWords["en"]!, "en-GB");
  const lines = text.split("\n");
  expect(lines[0]).toContain("chat.example");
  expect(lines).toContain("[Fine] Relay over UDP, port 3478: It works: 12 ms there and back.");
  expect(lines).toContain("[Look] Speed and loss: Enough for sound; the picture may stutter: 1.2 Mbit/s, 5.1% lost.");
  expect(lines).toContain("Browser/1");
});
