import { describe, expect, test } from "vitest";

import type { FileReference } from "@/crypto/file-content";
import type { AccountId, ConversationId, EnvelopeId, FileId } from "@/protocol/wire";
import type { Content, LocalId, Message, Pending, TimelineEntry } from "@/session";

import { buildRows } from "./rows";

const ANNA = "anna" as AccountId;
const BEN = "ben" as AccountId;
const noon = new Date(2026, 4, 3, 12).getTime();
const minute = 60_000;

function message(seq: number, sender: AccountId, time: number): TimelineEntry {
  const id = `m${seq}` as EnvelopeId;
  return { seq, time, content: { type: "message", id, key: id, sender, content: { kind: "text", text: "" }, closed: null, warnings: [] } };
}

function pending(id: string, state: Pending["state"] = "sending"): Pending {
  const conversation = "c" as ConversationId;
  return { id: id as LocalId, envelope: null, conversation, text: id, file: null, deletes: null, written: noon + minute, state, seq: null };
}

describe("rows", () => {
  test("messages of one person within five minutes are a group", () => {
    const rows = buildRows(
      [
        message(1, BEN, noon),
        message(2, BEN, noon + 4 * minute),
        message(3, BEN, noon + 9 * minute),
        message(4, ANNA, noon + 10 * minute),
      ],
      [],
      ANNA,
      null,
    );
    expect(rows.map(({ head, tail }) => [head, tail])).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
    ]);
    expect(rows.map(({ own }) => own)).toEqual([false, false, false, true]);
  });

  test("an entry that is no message parts a group", () => {
    const joined: TimelineEntry = { seq: 2, time: noon, content: { type: "change", id: "c" as EnvelopeId, by: BEN, change: { type: "leave" }, warnings: [] } };
    const rows = buildRows([message(1, BEN, noon), joined, message(3, BEN, noon)], [], ANNA, null);
    expect(rows.map(({ head }) => head)).toEqual([true, true, true]);
    expect(rows.map(({ key }) => key)).toEqual(["m1", "entry-2", "m3"]);
  });

  test("each day begins with a line, midnight parts a group", () => {
    const midnight = new Date(2026, 4, 4).getTime();
    const rows = buildRows(
      [message(1, BEN, midnight - 1), message(2, BEN, midnight), message(3, BEN, midnight + 1)],
      [],
      ANNA,
      null,
    );
    expect(rows.map(({ day }) => day)).toEqual([true, true, false]);
    expect(rows.map(({ head }) => head)).toEqual([true, true, false]);
  });

  test("the first new one begins a group of its own", () => {
    const rows = buildRows([message(1, BEN, noon), message(2, BEN, noon), message(3, BEN, noon)], [], ANNA, 2);
    expect(rows.map(({ fresh }) => fresh)).toEqual([false, true, false]);
    expect(rows.map(({ head, tail }) => [head, tail])).toEqual([
      [true, true],
      [true, false],
      [false, true],
    ]);
  });

  test("own messages are not new, and nothing is marked whose place is not loaded", () => {
    const entries = [message(5, BEN, noon), message(6, ANNA, noon), message(7, BEN, noon)];
    expect(buildRows(entries, [], ANNA, 6).map(({ fresh }) => fresh)).toEqual([false, false, true]);
    expect(buildRows(entries, [], ANNA, 3).some(({ fresh }) => fresh)).toBe(false);
    expect(buildRows(entries, [], ANNA, 8).some(({ fresh }) => fresh)).toBe(false);
  });

  test("what is on its way comes last and keeps its key when it arrives", () => {
    const before = buildRows([message(1, ANNA, noon)], [pending("m2"), pending("m3", "failed")], ANNA, null);
    expect(before.map(({ key, state }) => [key, state])).toEqual([
      ["m1", null],
      ["m2", "sending"],
      ["m3", "failed"],
    ]);
    expect(before.map(({ head }) => head)).toEqual([true, false, false]);
    const after = buildRows([message(1, ANNA, noon), message(2, ANNA, noon)], [pending("m2", "sent")], ANNA, null);
    expect(after.map(({ key, state }) => [key, state])).toEqual([
      ["m1", null],
      ["m2", null],
    ]);
  });

  test("a file is gone when its own sender says so, and what says it has no row", () => {
    const said = (seq: number, sender: AccountId, content: Content): TimelineEntry => {
      const entry = message(seq, sender, noon);
      return { ...entry, content: { ...(entry.content as Message), content } };
    };
    const file = { id: "f" as FileId } as FileReference;
    const deletion: Content = { kind: "file_deleted", text: "", target: file.id };
    const sent = said(1, BEN, { kind: "file", text: "Look", file });
    expect(buildRows([sent, said(2, ANNA, deletion)], [], ANNA, null).map(({ deleted }) => deleted)).toEqual([false]);
    expect(buildRows([sent, said(2, BEN, deletion)], [], ANNA, null).map(({ deleted }) => deleted)).toEqual([true]);
    const own = said(1, ANNA, { kind: "file", text: "", file });
    const rows = buildRows([own], [{ ...pending("d"), deletes: file.id }], ANNA, null);
    expect(rows.map(({ key, deleted }) => [key, deleted])).toEqual([["m1", true]]);
  });
});
