import { describe, expect, test } from "vitest";

import { isEmojiOnly, linkParts } from "./links";

const links = (text: string) => linkParts(text).flatMap(({ text, href }) => (href ? [text] : []));

describe("links", () => {
  test.each([
    ["see https://example.org/a?b=c", ["https://example.org/a?b=c"]],
    ["HTTP://EXAMPLE.ORG", ["HTTP://EXAMPLE.ORG"]],
    ["(https://example.org/a)", ["https://example.org/a"]],
    ["https://example.org/a_(b)", ["https://example.org/a_(b)"]],
    ["https://example.org/a).", ["https://example.org/a"]],
    ["https://example.org, and http://b.example!", ["https://example.org", "http://b.example"]],
    ['"https://example.org"', ["https://example.org"]],
    ["<https://example.org>", ["https://example.org"]],
    ["https://example.org:3001/ä?q=1#x", ["https://example.org:3001/ä?q=1#x"]],
    ["http://192.168.1.2/", ["http://192.168.1.2/"]],
    ["line\nhttps://a.example\nline", ["https://a.example"]],
  ])("%j", (text, found) => {
    expect(links(text)).toEqual(found);
  });

  test.each([
    "javascript:alert(1)",
    "data:text/html,<script>",
    "ftp://example.org",
    "www.example.org",
    "xhttps://example.org",
    "https://",
    "https:// example.org",
    "https://user:pw@example.org",
    "https://bank.example@evil.example/",
    "https://[",
    "https://exa\u202Emple",
  ])("h75 %j is no link, or not beyond what is safe", (text) => {
    for (const part of linkParts(text)) {
      if (part.href) expect(part.href).toMatch(/^https:\/\/exa\/?$/);
    }
    expect(linkParts(text).map((part) => part.text).join("")).toBe(text);
  });

  test("a quote ends an address, so that it cannot leave its attribute", () => {
    expect(linkParts('https://example.org/"onmouseover="x')[0]).toEqual({
      text: "https://example.org/",
      href: "https://example.org/",
    });
  });

  const LONG = 48 * 1024;
  test.each([
    ["one scheme after the other", "http://"],
    ["many short links", "http://a.b "],
    ["brackets that close", "http://a.b/)"],
    ["brackets that open", "http://a.b/("],
    ["dots", "https://a."],
    ["colons", "http:"],
    ["spaces", " "],
    ["at signs", "http://a@"],
    ["letters", "h"],
    ["marks", "e\u0301"],
    ["emoji", "👩‍👩‍👧"],
    ["percent", "http://%"],
    ["xn--", "http://xn--"],
  ])("h76 48 KiB of %s take less than 10 ms", (_, unit) => {
    const text = unit.repeat(Math.ceil(LONG / unit.length)).slice(0, LONG);
    for (const hostile of [text, `https://a.example/${text}`, `${text}https://a.example`]) {
      // The best of a few, because the machine has other things to do too.
      const times = Array.from({ length: 5 }, () => {
        const begin = performance.now();
        const parts = linkParts(hostile);
        isEmojiOnly(hostile);
        const time = performance.now() - begin;
        expect(parts.map((part) => part.text).join("")).toBe(hostile);
        return time;
      });
      expect(Math.min(...times)).toBeLessThan(10);
    }
  });
});

describe("emoji alone", () => {
  test.each(["🙂", "👩‍👩‍👧‍👦", "🇩🇪 🇫🇷", "👍🏽", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])("%s", (text) => {
    expect(isEmojiOnly(text)).toBe(true);
  });
  test.each(["", " ", "1", "a🙂", "🙂 ok", "🙂".repeat(7), "#", "123"])("not %j", (text) => {
    expect(isEmojiOnly(text)).toBe(false);
  });
});
