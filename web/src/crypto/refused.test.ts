// @vitest-environment node
// E15: what some implementations take and others do not is refused here as the server refuses it.

import { describe, expect, test } from "vitest";

import vectors from "../../../tests/vectors/e2ee.json";
import type { Bytes } from "./bytes";
import { isVerifyKey, verify } from "./ed25519";
import { isSealKey } from "./hpke";

const { verify_keys, seal_keys, signatures } = vectors.refused;

function un(hex: string): Bytes {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

describe("E15", () => {
  test.each(verify_keys)("no key to verify with: %s", (key) => {
    expect(isVerifyKey(un(key))).toBe(false);
  });

  test.each(seal_keys)("no key to seal to: %s", (key) => {
    expect(isSealKey(un(key))).toBe(false);
  });

  test.each(signatures.refused)("not the one form of a signature: %s", async (signature) => {
    expect(isVerifyKey(un(signatures.key))).toBe(true);
    expect(await verify(un(signatures.key), un(signature), un(signatures.message))).toBe(false);
  });
});
