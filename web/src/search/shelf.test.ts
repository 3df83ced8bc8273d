// @vitest-environment node
import "fake-indexeddb/auto";

import { afterEach, describe, expect, it } from "vitest";

import type { AccountId, ConversationId, FileId } from "@/protocol/wire";

import { eraseShelf, joined, type Segment, Shelf } from "./shelf";

const ANNA = "anna" as AccountId;
const ROOM = "room" as ConversationId;

function segment(from: number, to: number, text = "secret"): Segment {
  const documents = Array.from({ length: to - from + 1 }, (_, i) => ({
    conversation: ROOM,
    seq: from + i,
    time: from + i,
    sender: ANNA,
    text,
  }));
  return { conversation: ROOM, from, to, documents, deletions: [] };
}

async function all(shelf: Shelf): Promise<Segment[]> {
  const segments: Segment[] = [];
  for await (const one of shelf.segments()) segments.push(one);
  return segments;
}

afterEach(() => eraseShelf(ANNA));

describe("the shelf", () => {
  it("gives back after a reload what was put there", async () => {
    const before = await Shelf.open(ANNA);
    const deletions = [{ conversation: ROOM, sender: ANNA, file: "photo" as FileId }];
    await before.put({ ...segment(1, 2), deletions });
    before.close();
    const after = await Shelf.open(ANNA);
    expect(await all(after)).toEqual([{ ...segment(1, 2), deletions }]);
    await after.forget(ROOM);
    expect(await all(after)).toEqual([]);
    after.close();
  });

  it("keeps no text in the clear", async () => {
    const shelf = await Shelf.open(ANNA);
    await shelf.put(segment(1, 1, "the cake is hidden"));
    const raw = await rows();
    expect(raw).toHaveLength(1);
    const bytes = new TextDecoder("latin1").decode(raw[0]?.ciphertext);
    expect(bytes.length).toBeGreaterThan(16);
    expect(bytes).not.toContain("cake");
    expect(JSON.stringify(raw)).not.toContain("cake");
    shelf.close();
  });

  it("drops a segment that was put in another's place", async () => {
    const shelf = await Shelf.open(ANNA);
    await shelf.put(segment(1, 1));
    await rows((row) => ({ ...row, from: 7, to: 7 }));
    expect(await all(shelf)).toEqual([segment(1, 1)]);
    shelf.close();
  });

  it("joins many small segments", async () => {
    const shelf = await Shelf.open(ANNA);
    for (let seq = 1; seq <= 40; seq++) await shelf.put(segment(seq, seq));
    expect(await all(shelf)).toHaveLength(40);
    expect(await all(shelf)).toEqual([segment(1, 40)]);
    shelf.close();
  });

  it("keeps all deletions when it joins", () => {
    const deletion = (file: string) => [{ conversation: ROOM, sender: ANNA, file: file as FileId }];
    const parts = [
      { ...segment(1, 2), deletions: deletion("a") },
      { ...segment(3, 3), deletions: deletion("b") },
    ];
    expect(joined(parts)).toEqual([{ ...segment(1, 3), deletions: [...deletion("a"), ...deletion("b")] }]);
  });

  it("joins what overlaps without repeating it", () => {
    expect(joined([segment(3, 5), segment(1, 3)])).toEqual([segment(1, 5)]);
    expect(joined([segment(1, 2), segment(4, 5)])).toHaveLength(2);
  });
});

/** The stored rows; with a change, adds a changed copy of each. */
async function rows(change?: (row: { ciphertext: ArrayBuffer }) => object): Promise<{ ciphertext: ArrayBuffer }[]> {
  const database = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open(`callbox-search-${ANNA}`, 1);
    request.onsuccess = () => resolve(request.result);
  });
  const transaction = database.transaction("segments", "readwrite");
  const store = transaction.objectStore("segments");
  const found = store.getAll();
  found.onsuccess = () => {
    if (change) for (const row of found.result as { ciphertext: ArrayBuffer }[]) store.put(change(row));
  };
  await new Promise((resolve) => (transaction.oncomplete = resolve));
  database.close();
  return found.result as { ciphertext: ArrayBuffer }[];
}
