import { expect, test } from "vitest";

import { VaultError, type VaultProblem } from "@/crypto";
import { RequestError } from "@/lib/api";
import { errorText } from "@/lib/error-text";
import { matchLanguage } from "@/lib/i18n";
import type { ErrorCode } from "@/protocol/wire";

import { plurals } from "./catalogue";
import { checkWords } from "./check";
import { de } from "./de";
import { en } from "./en";
import { guestWords } from "./guests";
import { ownerWords } from "./owner";
import { securityWords } from "./security";
import { pictures } from "./security/pictures";

const catalogues = { en, de };
const everything = {
  en: { ...en, security: securityWords.en, guests: guestWords.en, owner: ownerWords.en, check: checkWords.en },
  de: { ...de, security: securityWords.de, guests: guestWords.de, owner: ownerWords.de, check: checkWords.de },
};
const components = import.meta.glob<string>(["../../**/*.tsx", "!../../**/*.test.tsx"], {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Every path of a catalogue with what is there. */
function leaves(node: object, path = ""): [string, unknown][] {
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "object" && value !== null
      ? leaves(value, `${path}.${key}`)
      : [[`${path}.${key}`, value] as [string, unknown]],
  );
}

test("every language has the same words, and none is empty", () => {
  const paths = leaves(everything.en).map(([path]) => path);
  for (const [language, catalogue] of Object.entries(everything)) {
    expect(
      leaves(catalogue)
        .map(([path]) => path)
        .sort(),
      language,
    ).toEqual([...paths].sort());
    for (const [path, value] of leaves(catalogue)) {
      expect(value, `${language}${path}`).not.toBe("");
    }
  }
});

test("the pictures of a call differ from each other, by name in every language, too", () => {
  expect(pictures).toHaveLength(64);
  for (const column of [0, 1, 2] as const) {
    expect(new Set(pictures.map((picture) => picture[column])).size).toBe(64);
  }
});

test("words keep the house's manner: no exclamation marks, real dots", () => {
  for (const [language, catalogue] of Object.entries(everything)) {
    for (const [path, value] of leaves(catalogue)) {
      if (typeof value !== "string") continue;
      expect(value, `${language}${path}`).not.toMatch(/!|\.\.\./);
    }
  }
});

test("every error of the server has words of its own in every language", () => {
  const codes: Record<Exclude<ErrorCode, "bad_request">, true> = {
    too_large: true,
    unauthorized: true,
    forbidden: true,
    not_found: true,
    name_taken: true,
    conflict: true,
    quota_exceeded: true,
    reauth_required: true,
    rate_limited: true,
    unavailable: true,
    setup_required: true,
    version: true,
    stale_epoch: true,
    rotate_first: true,
    device_unknown: true,
  };
  for (const words of Object.values(catalogues)) {
    const texts = Object.keys(codes).map((code) =>
      errorText(new RequestError(code as ErrorCode, ""), words),
    );
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts).not.toContain(words.common.errors.unknown);
    expect(errorText(new Error("anything"), words)).toBe(words.common.errors.unknown);
  }
});

test("every no of the vault has words of its own in every language", () => {
  const problems: Record<VaultProblem, true> = {
    locked: true,
    password: true,
    recovery_code: true,
    passkey: true,
    swapped: true,
    bundle: true,
    rollback: true,
    records: true,
    no_conversation: true,
    no_key: true,
    not_allowed: true,
    unconfirmed: true,
    unknown_person: true,
    keys_changed: true,
    too_large: true,
    format: true,
    call: true,
    internal: true,
  };
  for (const words of Object.values(catalogues)) {
    const texts = Object.keys(problems).map((problem) => errorText(new VaultError(problem as VaultProblem), words));
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts).not.toContain(words.common.errors.unknown);
  }
});

test("a delay is told in minutes, rounded up", () => {
  const text = (ms: number) => errorText(new RequestError("rate_limited", "", ms), en);
  expect(text(1)).toContain("in a minute");
  expect(text(61_000)).toContain("in 2 minutes");
});

test("plural forms follow the language, and unknown forms fall back", () => {
  expect(plurals("en")(1, { one: "# day", other: "# days" })).toBe("1 day");
  expect(plurals("en")(1200, { one: "# day", other: "# days" })).toBe("1,200 days");
  expect(plurals("de")(1200, { one: "# Tag", other: "# Tage" })).toBe("1.200 Tage");
  expect(plurals("de")(1, { other: "# Tage" })).toBe("1 Tage");
});

test("the first wanted language that exists is spoken", () => {
  expect(matchLanguage(["de-AT", "en"])).toBe("de");
  expect(matchLanguage(["fr", "DE", "en"])).toBe("de");
  expect(matchLanguage(["fr", "pt-BR"])).toBe("en");
  expect(matchLanguage([])).toBe("en");
});

test("no component has words of its own", () => {
  expect(Object.keys(components).length).toBeGreaterThan(20);
  const found = Object.entries(components).flatMap(([file, code]) =>
    literals(code).map((text) => `${file}: ${text}`),
  );
  expect(found).toEqual([]);
});

test("the search for words in components finds them", () => {
  expect(literals('<p className="x">Hello there</p>')).toEqual(["Hello there"]);
  expect(literals("<p>\n  Hello\n  {name}\n</p>")).toEqual(["Hello"]);
  expect(literals('<button aria-label="Close">{icon}</button>')).toEqual(["Close"]);
  expect(literals('<input placeholder={"Name"} title={`Your ${x}`} />')).toEqual(["Name", "Your"]);
  expect(literals("<T items={a}>{(x) => <b>{x}</b>} · {y}</T>")).toEqual([]);
  expect(literals("const f = (a: Map<A, B>): Promise<Text> => undefined")).toEqual([]);
});

/** Words between tags, and in attributes that are read out. */
function literals(code: string): string[] {
  const word = /\p{L}{2,}/u;
  const bare = code.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "");
  const between = [...bare.matchAll(/<\/?[A-Za-z][^<>]*?>([^<>{}]+)(?=[<{])/g)].filter(
    // What follows a type argument or an arrow is code, not text.
    ([whole, text]) => !/[;=()[\]|&:?]|=>/.test(text ?? "") && !whole.endsWith("=>"),
  );
  const attributes = bare.matchAll(
    /\b(?:aria-label|aria-description|aria-roledescription|title|placeholder|alt|label|altText)=(?:\{\s*)?["'`]([^"'`$]*)/g,
  );
  return [...between, ...attributes]
    .map(([, text]) => (text ?? "").trim())
    .filter((text) => word.test(text));
}
