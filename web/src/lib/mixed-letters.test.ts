import { expect, test } from "vitest";

import { mixesLetters } from "./mixed-letters";

test("a word of two alphabets is noticed", () => {
  for (const name of ["\u0410nna", "Ann\u03b1", "\u0421leo Berg", "p\u0430ypal admin"]) {
    expect(mixesLetters(name), name).toBe(true);
  }
});

test("honest names are left alone", () => {
  for (const name of ["Anna", "\u0410\u043d\u043d\u0430", "\u0410\u043d\u043d\u0430 Smith", "\u738b Wang\u7f8e", "J\u00f6rg-\u00c5sa 2", "\ud83d\udc69 Mia"]) {
    expect(mixesLetters(name), name).toBe(false);
  }
});
