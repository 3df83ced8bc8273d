import { expect, test } from "vitest";

import { de } from "@/lib/words/de";
import { en } from "@/lib/words/en";
import { ownerWords } from "@/lib/words/owner";
import type { Act, InviteId, NotedAct } from "@/protocol/wire";

import { actText } from "./act-text";
import { numberIn } from "./quota-dialog";

const anna = { id: "a", name: "Anna" } as NotedAct["by"];
const ben = { id: "b", name: "Ben" } as NotedAct["whom"];

function noted(act: Act, by: NotedAct["by"] = anna): NotedAct {
  return { id: 1, time: 0, by, whom: ben, act };
}

const acts: { [K in Act["type"]]: Extract<Act, { type: K }> } = {
  renamed: { type: "renamed", from: "Ben", to: "Benjamin" },
  role_changed: { type: "role_changed", from: "member", to: "admin" },
  disabled: { type: "disabled" },
  enabled: { type: "enabled" },
  signed_out: { type: "signed_out" },
  device_signed_out: { type: "device_signed_out", device: "Firefox on Linux" },
  reset_made: { type: "reset_made" },
  quota_set: { type: "quota_set", from: null, to: 2_500_000_000 },
  invite_made: { type: "invite_made", invite: "i" as InviteId, uses: 2 },
  invite_revoked: { type: "invite_revoked", invite: "i" as InviteId },
  backed_up: { type: "backed_up" },
  authority_replaced: { type: "authority_replaced" },
};

test("every act has a sentence of its own, with who did it, in every language", () => {
  for (const [words, owner] of [
    [en, ownerWords.en],
    [de, ownerWords.de],
  ] as const) {
    if (!owner) throw new Error("no words");
    const texts = Object.values(acts).map((act) => actText(noted(act), owner, words, "en"));
    expect(new Set(texts).size).toBe(texts.length);
    for (const text of texts) expect(text).toContain("Anna");
  }
});

test("what was done on the server itself, and quotas, are told in words", () => {
  const { en: owner } = ownerWords;
  if (!owner) throw new Error("no words");
  expect(actText(noted(acts.disabled, null), owner, en, "en")).toBe("The command line disabled Ben");
  expect(actText(noted(acts.quota_set), owner, en, "en")).toBe("Anna set the room for files of Ben to 2.5 GB");
  const lifted = { ...acts.quota_set, to: null };
  expect(actText(noted(lifted), owner, en, "en")).toBe("Anna set the room for files of Ben to that of everybody");
});

test("gigabytes are read with a point or a comma, and nothing else", () => {
  expect(["2", "2.5", " 2,5 ", "0", "1000000"].map(numberIn)).toEqual([2, 2.5, 2.5, 0, 1_000_000]);
  for (const text of ["", "two", "-1", "1e9", "1.2.3", "1000001", "2 GB"]) expect(numberIn(text), text).toBeNull();
});
