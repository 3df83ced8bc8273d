import { expect, test } from "vitest";

import { clampCrop } from "./picture-file";

test("a cut-out never leaves the picture", () => {
  expect(clampCrop({ x: -50, y: 1000, side: 100 }, 400, 300)).toEqual({ x: 50, y: 250, side: 100 });
  expect(clampCrop({ x: 200, y: 150, side: 9999 }, 400, 300)).toEqual({
    x: 200,
    y: 150,
    side: 300,
  });
  expect(clampCrop({ x: 0, y: 0, side: 300 }, 400, 300)).toEqual({ x: 150, y: 150, side: 300 });
});
