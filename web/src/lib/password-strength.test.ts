import { expect, test } from "vitest";

import { passwordStrength } from "./password-strength";

test.each([
  ["", "short"],
  ["kW9#x2p", "short"],
  ["aaaaaaaaaaaaaaaa", "weak"],
  ["abcdefghijklmnop", "weak"],
  ["password1", "weak"],
  ["annaberg1", "weak"],
  ["tulip.kettle", "fair"],
  ["a long enough password", "strong"],
  ["green ladder behind the shed", "strong"],
])("%j is %s", (password, expected) => {
  expect(passwordStrength(password, "Anna")).toBe(expected);
});
