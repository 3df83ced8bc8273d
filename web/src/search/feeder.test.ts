import { describe, expect, it } from "vitest";

import type { AccountId, ConversationId } from "@/protocol/wire";

import { type Seen, Search, type Sink, type Source } from "./feeder";
import type { Coverage } from "./messages";
import { cover, newestGap } from "./ranges";
import type { Segment } from "./shelf";

const ROOM = "room" as ConversationId;

/** A history of so many entries, of which some cannot be opened yet. */
class History implements Source {
  readonly asked: number[] = [];
  readonly closed = new Set<number>();
  head: number;

  constructor(head: number) {
    this.head = head;
  }

  conversations = () => [{ id: ROOM, head: this.head }];
  idle = async () => {};
  async page(_: ConversationId, before: number): Promise<Seen[]> {
    this.asked.push(before);
    const first = Math.max(1, before - 10);
    return Array.from({ length: before - first }, (_, i) => this.#entry(first + i));
  }

  #entry(seq: number): Seen {
    const closed = this.closed.has(seq);
    const document = { conversation: ROOM, seq, time: seq, sender: "anna" as AccountId, text: `text ${seq}` };
    return { seq, closed, document: closed ? null : document };
  }
}

class Shelf implements Sink {
  readonly segments: Segment[] = [];
  readonly coverage: Coverage;

  constructor(coverage: Coverage = []) {
    this.coverage = coverage;
  }

  open = async () => this.coverage;
  async add(segment: Segment): Promise<void> {
    this.segments.push(segment);
  }
  find = async () => ({ hits: [], total: 0 });
  forget = async () => {};
  stop = () => {};
  get seqs(): number[] {
    return this.segments.flatMap(({ documents }) => documents.map(({ seq }) => seq)).sort((a, b) => a - b);
  }
}

const upTo = (head: number) => Array.from({ length: head }, (_, i) => i + 1);

describe("ranges", () => {
  it("join where they touch", () => {
    expect(cover([{ from: 1, to: 3 }, { from: 8, to: 9 }], { from: 4, to: 5 })).toEqual([
      { from: 1, to: 5 },
      { from: 8, to: 9 },
    ]);
    expect(cover([{ from: 1, to: 9 }], { from: 2, to: 3 })).toEqual([{ from: 1, to: 9 }]);
  });

  it("leave gaps, the newest of which comes first", () => {
    expect(newestGap([], 0)).toBeNull();
    expect(newestGap([], 5)).toEqual({ from: 1, to: 5 });
    expect(newestGap([{ from: 1, to: 5 }], 5)).toBeNull();
    expect(newestGap([{ from: 3, to: 5 }], 9)).toEqual({ from: 6, to: 9 });
    expect(newestGap([{ from: 3, to: 5 }, { from: 7, to: 9 }], 9)).toEqual({ from: 6, to: 6 });
    expect(newestGap([{ from: 3, to: 9 }], 9)).toEqual({ from: 1, to: 2 });
  });
});

describe("search", () => {
  it("indexes the whole history, the newest page first, once", async () => {
    const [history, shelf] = [new History(25), new Shelf()];
    const search = new Search(history, shelf);
    await search.update();
    expect(history.asked).toEqual([26, 16, 6]);
    expect(shelf.seqs).toEqual(upTo(25));
    expect(search.progress.snapshot()).toEqual({ indexed: 25, entries: 25, state: "complete" });
    await search.update();
    expect(history.asked).toHaveLength(3);
  });

  it("asks only for what an earlier page has not indexed", async () => {
    const history = new History(30);
    const shelf = new Shelf([[ROOM, [{ from: 5, to: 22 }]]]);
    await new Search(history, shelf).update();
    expect(shelf.seqs).toEqual([...upTo(4), ...upTo(30).slice(22)]);
  });

  it("takes in what comes while it runs", async () => {
    const [history, shelf] = [new History(15), new Shelf()];
    const search = new Search(history, shelf);
    const first = search.update();
    history.head = 17;
    await search.update();
    await first;
    expect(shelf.seqs).toEqual(upTo(17));
  });

  it("comes back to closed entries when there are new keys, not before", async () => {
    const [history, shelf] = [new History(20), new Shelf()];
    history.closed.add(12).add(13);
    const search = new Search(history, shelf);
    await search.update();
    expect(shelf.seqs).toEqual(upTo(20).filter((seq) => seq !== 12 && seq !== 13));
    const asked = history.asked.length;
    await search.update();
    expect(history.asked).toHaveLength(asked);
    history.closed.clear();
    await search.update(true);
    expect(shelf.seqs).toEqual(upTo(20));
  });

  it("says so when history cannot be had, and goes on later", async () => {
    const [history, shelf] = [new History(5), new Shelf()];
    const page = history.page.bind(history);
    history.page = () => Promise.reject(new Error("offline"));
    const search = new Search(history, shelf);
    await search.update();
    expect(search.progress.snapshot().state).toBe("failed");
    history.page = page;
    await search.update();
    expect(search.progress.snapshot().state).toBe("complete");
  });
});
