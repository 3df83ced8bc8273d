import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Cell } from "@/lib/readable";

import type { CurrentCall } from "./call";
import { QualityWatch } from "./quality";

const LOOK_MS = 3_000;

let roundTrip: number;
let camera: MediaStreamTrack | null;
let watch: QualityWatch;

beforeEach(() => {
  vi.useFakeTimers();
  roundTrip = 0.05;
  camera = {} as MediaStreamTrack;
  watch = new QualityWatch(connectedCall());
});

afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

test("one bad moment is not told, a second one in a row is", async () => {
  await looks(1, 5);
  await looks(1, 0.05);
  await looks(1, 5);
  expect(watch.state.snapshot().weak).toBe(false);
  await looks(1, 5);
  expect(watch.state.snapshot()).toEqual({ weak: true, pausedCamera: false });
});

test("it takes three good looks to be well again", async () => {
  await looks(2, 5);
  await looks(2, 0.05);
  expect(watch.state.snapshot().weak).toBe(true);
  await looks(1, 0.05);
  expect(watch.state.snapshot().weak).toBe(false);
});

test("a lasting weakness pauses the camera, unless the person overrules it", async () => {
  await looks(4, 5);
  expect(watch.state.snapshot()).toEqual({ weak: true, pausedCamera: true });
  expect(camera).toBeNull();
  watch.overrule();
  expect(camera).not.toBeNull();
  await looks(8, 5);
  expect(watch.state.snapshot()).toEqual({ weak: true, pausedCamera: false });
  expect(camera).not.toBeNull();
});

async function looks(times: number, seconds: number): Promise<void> {
  roundTrip = seconds;
  await vi.advanceTimersByTimeAsync(times * LOOK_MS);
}

/** What the watch sees of a call: its statistics and the own camera. */
function connectedCall(): CurrentCall {
  const stats = () =>
    new Map<string, object>([
      ["transport", { id: "transport", type: "transport", selectedCandidatePairId: "pair" }],
      ["pair", { id: "pair", type: "candidate-pair", currentRoundTripTime: roundTrip }],
    ]);
  return {
    state: new Cell({ line: { reach: "connected" } }),
    line: { peer: { stats: async () => stats(), middle: () => null } },
    local: {
      get camera() {
        return { track: camera };
      },
      setCamera: (on: boolean) => (camera = on ? ({} as MediaStreamTrack) : null),
    },
  } as unknown as CurrentCall;
}
