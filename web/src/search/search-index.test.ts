import { describe, expect, it } from "vitest";

import type { AccountId, ConversationId, FileId } from "@/protocol/wire";

import { type Document, SearchIndex } from "./search-index";
import { terms } from "./terms";

const ROOM = "room" as ConversationId;
const OTHER = "other" as ConversationId;
const ANNA = "anna" as AccountId;
const BEN = "ben" as AccountId;

function message(seq: number, text: string, more: Partial<Document> = {}): Document {
  return { conversation: ROOM, seq, time: seq * 1_000, sender: ANNA, text, ...more };
}

function indexed(...documents: Document[]): SearchIndex {
  const index = new SearchIndex();
  index.add(documents);
  return index;
}

const seqs = (index: SearchIndex, text: string) => index.find({ text }, 10).hits.map(({ seq }) => seq);

describe("terms", () => {
  it("are the same however a word is written", () => {
    expect(terms("Über, CAFÉ — ﬁne!")).toEqual(["uber", "cafe", "fine"]);
    expect(terms("e\u0301te\u0301")).toEqual(terms("été"));
  });

  it("are pairs of characters where no spaces are written", () => {
    expect(terms("東京都")).toEqual(["東京", "京都"]);
    expect(terms("茶")).toEqual(["茶"]);
  });

  it("are none in a text without letters and digits", () => {
    expect(terms("— ‥ 🎉 …")).toEqual([]);
  });
});

describe("the index", () => {
  it("finds the messages with every word, the newest first", () => {
    const index = indexed(message(1, "The key is under the mat"), message(2, "which key?"), message(3, "the mat"));
    expect(seqs(index, "key")).toEqual([2, 1]);
    expect(seqs(index, "mat KEY")).toEqual([1]);
    expect(seqs(index, "kitchen")).toEqual([]);
  });

  it("takes the last word for a beginning until a space follows", () => {
    const index = indexed(message(1, "calling"), message(2, "call"));
    expect(seqs(index, "call")).toEqual([2, 1]);
    expect(seqs(index, "call ")).toEqual([2]);
  });

  it("finds a part of a sentence without spaces", () => {
    expect(seqs(indexed(message(1, "明日は東京に行く")), "東京に")).toEqual([1]);
  });

  it("narrows to a conversation or a person", () => {
    const index = indexed(message(1, "tea"), message(1, "tea", { conversation: OTHER, sender: BEN }));
    expect(index.find({ text: "tea", conversation: OTHER }, 10).hits).toHaveLength(1);
    expect(index.find({ text: "tea", sender: BEN }, 10).hits[0]?.conversation).toBe(OTHER);
  });

  it("says how many there are beyond the limit", () => {
    const found = indexed(message(1, "tea"), message(2, "tea"), message(3, "tea")).find({ text: "tea" }, 2);
    expect(found.hits.map(({ seq }) => seq)).toEqual([3, 2]);
    expect(found.total).toBe(3);
  });

  it("takes nothing in twice, and forgets a conversation", () => {
    const index = indexed(message(1, "tea"), message(1, "tea"), message(2, "tea", { conversation: OTHER }));
    expect(index.size).toBe(2);
    index.forget(ROOM);
    expect(seqs(index, "tea")).toEqual([2]);
    index.add([message(1, "tea")]);
    expect(index.size).toBe(2);
  });

  it("finds a file by its name until it is deleted, whichever of the two comes first", () => {
    const file = (id: string, name: string) => ({ file: { id: id as FileId, name } });
    const gone = (id: string, sender = ANNA) => ({ conversation: ROOM, sender, file: id as FileId });
    const index = indexed(message(1, "the plan", file("a", "attic.pdf")), message(2, "", file("b", "attic.jpg")));
    expect(seqs(index, "attic")).toEqual([2, 1]);
    index.delete([gone("b", BEN)]);
    expect(seqs(index, "attic")).toEqual([2, 1]);
    index.delete([gone("a"), gone("b"), gone("c"), gone("a")]);
    index.add([message(3, "more", file("c", "attic.png"))]);
    expect(seqs(index, "attic")).toEqual([]);
    expect(seqs(index, "plan")).toEqual([1]);
    expect(seqs(index, "more")).toEqual([3]);
    index.forget(ROOM);
    expect(index.size).toBe(0);
  });

  it("is not confused by names of object properties", () => {
    const index = indexed(message(1, "__proto__ constructor toString"));
    expect(seqs(index, "constructor")).toEqual([1]);
    expect(seqs(index, "__proto__")).toEqual([1]);
    expect(seqs(index, "valueOf")).toEqual([]);
  });
});
