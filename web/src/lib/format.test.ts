import { expect, test } from "vitest";

import { compareNames, dayName, duration, list, relativeTime, shortTime } from "./format";

const now = new Date(2026, 4, 20, 15, 0).getTime();
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

test("a span is told in seconds, minutes and hours", () => {
  expect([0, 999, 42_000, 725_000, 3_729_000, -5].map(duration)).toEqual([
    "0:00",
    "0:00",
    "0:42",
    "12:05",
    "1:02:09",
    "0:00",
  ]);
});

test("a moment in a list gets shorter on time and longer on day", () => {
  const short = (time: number) => shortTime(time, now, "en-GB", "now");
  expect(short(now - 20_000)).toBe("now");
  expect(short(now + 5_000)).toBe("now");
  expect(short(now - 7 * minute)).toMatch(/^7 min/);
  expect(short(now - 3 * hour)).toBe("12:00");
  expect(short(now - 2 * day)).toBe("Mon");
  expect(short(now - 40 * day)).toBe("10 Apr");
});

test("days have names while they are near", () => {
  const name = (time: number, locale = "en-GB") => dayName(time, now, locale);
  expect(name(now - hour)).toBe("Today");
  expect(name(now - day)).toBe("Yesterday");
  expect(name(now - day, "de")).toBe("Gestern");
  expect(name(now - 2 * day)).toBe("Monday");
  expect(name(now - 30 * day)).toBe("20 April");
  expect(name(now - 400 * day)).toBe("15 April 2025");
});

test("how far away something is", () => {
  expect(relativeTime(now + 3 * day, now, "en")).toBe("in 3 days");
  expect(relativeTime(now - 2 * hour, now, "de")).toBe("vor 2 Stunden");
});

test("names make a list", () => {
  expect(list(["Anna", "Ben", "Cleo"], "en-GB")).toBe("Anna, Ben and Cleo");
});

test("names are ordered as people expect", () => {
  const names = ["Zoë", "Émile", "anna", "Person 10", "Person 9", "Ärzte"];
  expect(names.sort((a, b) => compareNames(a, b, "de"))).toEqual([
    "anna",
    "Ärzte",
    "Émile",
    "Person 9",
    "Person 10",
    "Zoë",
  ]);
});
