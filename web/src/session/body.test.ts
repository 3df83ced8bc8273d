import { describe, expect, test } from "vitest";

import { BODY_BYTES } from "@/protocol/wire";

import { fromBase64Url } from "@/lib/base64";
import { decodeContent, encodeContent, fits } from "./body";
import { rawBody } from "./testing/fake-server";

describe("messages", () => {
  test.each(["hi", "", "Grüße\n🙂", "\u0000\u2028", "a".repeat(30_000)])("%j reads back", (text) => {
    expect(decodeContent(encodeContent({ kind: "text", text }))).toEqual({ kind: "text", text });
  });

  test("h82 only known kinds and keys come out", () => {
    const hostile = rawBody('{"k":"text","text":"x","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    expect(decodeContent(hostile)).toEqual({ kind: "text", text: "x" });
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    expect(decodeContent(rawBody('{"__proto__":{"k":"text","text":"x"}}'))).toBeNull();
  });

  test.each([
    ["not json", rawBody("{")],
    ["null", rawBody("null")],
    ["an array", rawBody('["text"]')],
    ["an unknown kind", rawBody('{"k":"script","text":"x"}')],
    ["a text that is none", rawBody('{"k":"text","text":{"toString":1}}')],
    ["another format", rawBody('{"k":"text","text":"x"}', 1)],
    ["invalid UTF-8", rawBody('{"k":"text","text":"\xff"}')],
    ["very deep", rawBody("[".repeat(20_000))],
  ])("%s is unreadable, not an error", (_, body) => {
    expect(decodeContent(body)).toBeNull();
  });

  test("what fits is what the server takes", () => {
    for (const letter of ["a", "é", "🙂", "\n", '"', "\u0001"]) {
      let low = 0;
      let high = BODY_BYTES;
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if (fits(letter.repeat(middle))) low = middle;
        else high = middle - 1;
      }
      const size = (n: number) =>
        fromBase64Url(encodeContent({ kind: "text", text: letter.repeat(n) }).data)?.length ?? 0;
      expect(size(low)).toBeLessThanOrEqual(BODY_BYTES);
      expect(size(low + 1)).toBeGreaterThan(BODY_BYTES);
    }
  });
});
