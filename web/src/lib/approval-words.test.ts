import { expect, test } from "vitest";

import type { Blob } from "@/protocol/wire";

import { completed, completions, tagOf, wordsOf } from "./approval-words";
import { toBase64Url } from "./base64";

const tag = (...bytes: number[]) => toBase64Url(Uint8Array.from(bytes)) as Blob;

test("words and tags stand for each other", () => {
  expect(wordsOf(tag(0, 0, 0, 0, 0, 0, 0, 0, 0))).toEqual(Array.from({ length: 6 }, () => "abandon"));
  expect(wordsOf(tag(255, 255, 255, 255, 255, 255, 255, 255, 0xc0))).toEqual(Array.from({ length: 6 }, () => "zoo"));
  // Eleven bits each: 0, 1, 2, …
  const counted = ["abandon", "ability", "able", "about", "above", "absent"];
  expect(tagOf(counted)).toBe(tag(0, 0, 4, 1, 0, 0x30, 8, 1, 0x40));
  for (let i = 0; i < 200; i++) {
    const bytes = crypto.getRandomValues(new Uint8Array(9));
    bytes[8] = (bytes[8] ?? 0) & 0xc0;
    const random = tag(...bytes);
    expect(tagOf(wordsOf(random))).toBe(random);
  }
});

test("what is not six words of the list stands for nothing", () => {
  expect(tagOf(["zoo", "zoo", "zoo", "zoo", "zoo"])).toBeNull();
  expect(tagOf(["zoo", "zoo", "zoo", "zoo", "zoo", "zoos"])).toBeNull();
  expect(tagOf(["zoo", "zoo", "zoo", "zoo", "zoo", ""])).toBeNull();
  expect(tagOf(Array.from({ length: 7 }, () => "zoo"))).toBeNull();
});

test("the first letters are enough when only one word begins so", () => {
  expect(completions("zo")).toEqual(["zone", "zoo"]);
  expect(completions("")).toEqual([]);
  expect(completed("zon")).toBe("zone");
  expect(completed("zo")).toBe("zo");
  expect(completed("xyz")).toBe("xyz");
  // Four letters always are; a word that others begin with is itself.
  expect(completed("actr")).toBe("actress");
  expect(completed("act")).toBe("act");
});
