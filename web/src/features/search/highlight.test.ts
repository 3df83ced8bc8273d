import { describe, expect, it } from "vitest";

import { excerpt } from "./highlight";

const marked = (text: string, query: string) =>
  excerpt(text, query)
    .map(({ text, hit }) => (hit ? `[${text}]` : text))
    .join("");

describe("an excerpt", () => {
  it("marks the words, whatever case and accents they have", () => {
    expect(marked("Das Café öffnet, CAFÉ!", "cafe off")).toBe("Das [Café] [öffnet], [CAFÉ]!");
  });

  it("marks where no spaces are written", () => {
    expect(marked("明日は東京に行く", "東京")).toBe("[明日は東京に行く]");
  });

  it("begins near the first hit of a long text and ends in time", () => {
    const text = `${"before ".repeat(40)}needle ${"after ".repeat(100)}`;
    const shown = marked(text, "needle");
    expect(shown.startsWith("… before")).toBe(true);
    expect(shown).toContain("[needle]");
    expect(shown.endsWith(" …")).toBe(true);
    expect(shown.length).toBeLessThan(260);
  });

  it("is one line", () => {
    expect(marked("one\n\n two", "two")).toBe("one [two]");
  });
});
