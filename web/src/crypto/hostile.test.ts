// @vitest-environment node
// H53, H63: payloads that are nearly right, with the verdict of the server's side. What one side takes
// and the other refuses would part their histories.

import { expect, test } from "vitest";

import type { AccountId, Blob } from "@/protocol/wire";

import cases from "../../../tests/vectors/hostile.json";
import { Malformed, text, utf8 } from "./bytes";
import { parseControl } from "./control";
import { checkRecord, RecordRefused } from "./record";

test("near payloads are judged as the server judges them", async () => {
  const parted: string[] = [];
  for (const { kind, payload, taken } of cases) {
    const judged = kind === "control" ? takesControl(payload) : await takesRecord(payload);
    if (judged !== taken) parted.push(`${kind}, taken by ${taken ? "the server" : "the client"} alone: ${payload}`);
  }
  expect(parted).toEqual([]);
  expect(cases.length).toBeGreaterThan(500);
});

function takesControl(payload: string): boolean {
  try {
    parseControl(utf8(payload));
    return true;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return false;
  }
}

/** Only whether it can be read: it is not signed. */
async function takesRecord(payload: string): Promise<boolean> {
  const signed = { payload: text<Blob>(utf8(payload)), signature: text<Blob>(new Uint8Array(64)), continuity: null };
  const error = await checkRecord("" as AccountId, null, signed).catch((cause: unknown) => cause);
  if (!(error instanceof RecordRefused)) throw error;
  return error.reason !== "format";
}
