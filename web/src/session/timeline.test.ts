import { describe, expect, test } from "vitest";

import type { CallId, EnvelopeId } from "@/protocol/wire";

import type { TimelineEntry } from "./entry";
import { BEN } from "./testing/fake-server";
import { type OpenPage, Timeline } from "./timeline";

const all: TimelineEntry[] = Array.from({ length: 300 }, (_, i) => ({
  seq: i + 1,
  time: i,
  content: { type: "change", id: `${i}` as EnvelopeId, by: BEN, change: { type: "leave" }, warnings: [] },
}));
const entry = (seq: number): TimelineEntry => all[seq - 1] as TimelineEntry;
const at = (head: number) => ({ head, last: head > 0 ? entry(head) : null });
const none = () => Promise.reject(new Error("no pages"));

async function page(before: number, size: number): Promise<OpenPage> {
  const first = Math.max(1, before - size);
  return { entries: all.slice(first - 1, before - 1), more: first > 1 };
}

function seqs(timeline: Timeline): number[] {
  return timeline.window.snapshot().entries.map(({ seq }) => seq);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

describe("a timeline", () => {
  test("begins with the last entry and grows at its end", () => {
    const timeline = new Timeline(at(10), none);
    expect(timeline.append([entry(11), entry(12)])).toHaveLength(2);
    expect(seqs(timeline)).toEqual([10, 11, 12]);
  });

  test("of an empty conversation is complete", () => {
    const timeline = new Timeline(at(0), none);
    expect(timeline.window.snapshot().complete).toBe(true);
    timeline.append([entry(1)]);
    expect(timeline.window.snapshot()).toMatchObject({ complete: true });
  });

  test("drops what it has", () => {
    const timeline = new Timeline(at(10), none);
    timeline.append([entry(11)]);
    const before = timeline.window.snapshot();
    expect(timeline.append([entry(10), entry(11)])).toEqual([]);
    expect(timeline.window.snapshot()).toBe(before);
    expect(timeline.append([entry(11), entry(12)])).toHaveLength(1);
    expect(seqs(timeline)).toEqual([10, 11, 12]);
  });

  test("begins anew behind a gap", () => {
    const timeline = new Timeline(at(10), none);
    timeline.append([entry(15), entry(16)]);
    expect(seqs(timeline)).toEqual([15, 16]);
    expect(timeline.window.snapshot().complete).toBe(false);
  });

  test("loads pages up to the beginning, one at a time", async () => {
    let asked = 0;
    const timeline = new Timeline(at(120), (before) => {
      asked += 1;
      return page(before, 50);
    });
    await Promise.all([timeline.loadOlder(), timeline.loadOlder()]);
    expect(asked).toBe(1);
    expect(seqs(timeline)).toEqual(range(70, 120));
    await timeline.loadOlder();
    await timeline.loadOlder();
    expect(seqs(timeline)).toEqual(range(1, 120));
    expect(timeline.window.snapshot().complete).toBe(true);
    await timeline.loadOlder();
    expect(asked).toBe(3);
  });

  test("says when a page could not be had, and can ask again", async () => {
    let works = false;
    const timeline = new Timeline(at(20), (before) => (works ? page(before, 50) : none()));
    await timeline.loadOlder();
    expect(timeline.window.snapshot().loading).toBe("failed");
    works = true;
    await timeline.loadOlder();
    expect(timeline.window.snapshot()).toMatchObject({ loading: "no", complete: true });
  });

  test("does not merge a page from before it started over", async () => {
    let release = () => {};
    const timeline = new Timeline(at(20), async (before) => {
      await new Promise<void>((resolve) => (release = resolve));
      return page(before, 5);
    });
    const loading = timeline.loadOlder();
    timeline.reset(at(200));
    release();
    await loading;
    expect(seqs(timeline)).toEqual([200]);
    expect(timeline.window.snapshot().loading).toBe("no");
  });

  test("a page that does not join, or brings nothing, makes no gap and no loop", async () => {
    const strange: TimelineEntry[][] = [[], [entry(3)], [entry(19), entry(20), entry(25)], [entry(17), entry(19)]];
    for (const entries of strange) {
      const timeline = new Timeline(at(20), async () => ({ entries, more: true }));
      await timeline.loadOlder();
      const got = seqs(timeline);
      expect(got).toEqual(range(got[0] ?? 0, 20));
    }
  });

  test("what opens later takes its place, and nothing else moves", () => {
    const timeline = new Timeline(at(10), none);
    timeline.append([entry(11), entry(12)]);
    const later: TimelineEntry = {
      seq: 11,
      time: 0,
      content: { type: "call", call: "c" as CallId, caller: BEN, media: "audio", end: { outcome: "missed", duration: 0 } },
    };
    expect(timeline.replace([entry(5), later, { ...later, seq: 40 }])).toEqual([later]);
    expect(timeline.window.snapshot().entries).toEqual([entry(10), later, entry(12)]);
  });

  test("stays contiguous whatever comes in which order", async () => {
    let seed = 11;
    const chance = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
    for (let round = 0; round < 50; round++) {
      const timeline = new Timeline(at(1 + chance(200)), (before) => page(before, 1 + chance(40)));
      for (let step = 0; step < 40; step++) {
        const begin = chance(3) === 0 ? chance(290) : Math.max(0, timeline.end - chance(5));
        if (chance(3) === 0) await timeline.loadOlder();
        else if (chance(9) === 0) timeline.trim(1 + chance(20));
        else timeline.append(all.slice(begin, begin + chance(10)));
        const got = seqs(timeline);
        expect(got).toEqual(range(got[0] ?? 0, got.at(-1) ?? -1));
      }
    }
  });
});
