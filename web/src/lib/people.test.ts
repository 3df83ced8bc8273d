import { expect, test } from "vitest";

import { avatarColour, avatarColours, initials } from "./people";

test.each([
  ["Anna", "A"],
  ["Anna Berg", "AB"],
  ["  anna   maria berg ", "AB"],
  ["Élodie", "É"],
  ["e\u0301lodie", "E\u0301"],
  ["李小龙", "李"],
  ["أحمد الفارسي", "أ"],
  ["(Anna) [Berg]", "AB"],
  ["2 Fast", "2F"],
  ["👩‍🚀", "👩‍🚀"],
  ["👩‍🚀 Nova", "N"],
  ["...", "."],
])("initials of %j are %j", (name, expected) => {
  expect(initials(name)).toBe(expected);
});

test("the same account always has the same colour, and all colours are used", () => {
  const used = new Set<number>();
  for (let i = 0; i < 500; i += 1) {
    const id = `account-${i}`;
    expect(avatarColour(id)).toBe(avatarColour(id));
    used.add(avatarColour(id));
  }
  expect(used.size).toBe(avatarColours.length);
});

test.each(avatarColours)("letters can be read on %s", (classes) => {
  const [background = "", letters = ""] = [...classes.matchAll(/#[0-9a-f]{6}/g)].map(
    ([hex]) => hex,
  );
  expect(contrast(background, letters)).toBeGreaterThanOrEqual(4.5);
});

test("neighbouring colours differ in lightness, not in hue alone", () => {
  const lights = avatarColours.map((classes) =>
    luminance(/bg-\[(#[0-9a-f]{6})\]/.exec(classes)?.[1] ?? ""),
  );
  lights.forEach((light, i) => {
    const next = lights[(i + 1) % lights.length] ?? 0;
    expect(Math.abs(light - next)).toBeGreaterThan(0.1);
  });
});

/** WCAG 2.2, contrast ratio. */
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
