import { expect, test } from "vitest";

import { readRange } from "./range";

test("one range within the file, or none", () => {
  for (const [header, range] of [
    [null, [0, 99]],
    ["bytes=0-", [0, 99]],
    ["bytes=10-19", [10, 19]],
    ["bytes=90-500", [90, 99]],
    ["bytes=-5", [95, 99]],
    ["bytes=-500", [0, 99]],
    ["bytes=100-", null],
    ["bytes=20-10", null],
    ["bytes=-0", null],
    ["bytes=-", null],
    ["bytes=0-1,5-6", null],
    ["lines=0-1", null],
    ["bytes=99999999999999999999-", null],
  ] as const) {
    expect(readRange(header, 100), String(header)).toEqual(range);
  }
});
