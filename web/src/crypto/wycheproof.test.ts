// @vitest-environment node
// Project Wycheproof's cases for the primitives, as the formats use them.

import { expect, test } from "vitest";

import aesGcm from "../../../tests/data/wycheproof/aes_gcm.json";
import ed25519 from "../../../tests/data/wycheproof/ed25519.json";
import hkdfSha256 from "../../../tests/data/wycheproof/hkdf_sha256.json";
import x25519 from "../../../tests/data/wycheproof/x25519.json";
import vectors from "../../../tests/vectors/e2ee.json";
import { type Bytes, aeadOpen, aeadSeal, concat, hkdf, random } from "./bytes";
import { isVerifyKey, signingPair, verify } from "./ed25519";
import { publicKeyOf } from "./ed25519-public";
import { isSealKey, sealPair } from "./hpke";

function un(hex: string): Bytes {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

test("e15 ed25519: valid signatures verify, all others are refused", async () => {
  for (const { id, pk, msg, sig, result } of ed25519) {
    expect(await verify(un(pk), un(sig), un(msg)), `case ${id}`).toBe(result === "valid");
  }
  expect(ed25519.length).toBeGreaterThan(140);
});

test("e15 x25519: what is taken gives the right secret; small orders and other encodings are refused", async () => {
  let refused = 0;
  for (const { id, public: point, private: secret, shared, result } of x25519) {
    if (!isSealKey(un(point))) {
      // Refused points are those that Wycheproof merely tolerates.
      expect(result, `case ${id}`).toBe("acceptable");
      refused += 1;
      continue;
    }
    const { pair } = await sealPair(un(secret));
    const other = await crypto.subtle.importKey("raw", un(point), "X25519", true, []);
    const bits = await crypto.subtle.deriveBits({ name: "X25519", public: other }, pair.privateKey, 256);
    expect(new Uint8Array(bits), `case ${id}`).toEqual(un(shared));
    expect(new Uint8Array(bits).some((byte) => byte !== 0)).toBe(true);
  }
  expect(refused).toBeGreaterThan(10);
});

test("aes-256-gcm opens what is right and nothing else", async () => {
  for (const { id, key, iv, aad, msg, ct, tag, result } of aesGcm) {
    if (iv.length !== 24) continue;
    const opened = await aeadOpen(un(key), un(iv), concat(un(ct), un(tag)), un(aad));
    expect(opened, `case ${id}`).toEqual(result === "valid" ? un(msg) : null);
    if (result === "valid") expect(await aeadSeal(un(key), un(iv), un(msg), un(aad))).toEqual(concat(un(ct), un(tag)));
  }
});

test("hkdf-sha256 derives what it should", async () => {
  for (const { id, ikm, salt, info, size, okm, result } of hkdfSha256) {
    const derived = hkdf(un(ikm), un(salt), un(info), size);
    if (result === "valid") expect(await derived, `case ${id}`).toEqual(un(okm));
    else await expect(derived, `case ${id}`).rejects.toThrow();
  }
});

test("the public key of a seed is computed as browsers tell it", async () => {
  for (let i = 0; i < 20; i++) {
    const seed = random(32);
    expect(await publicKeyOf(seed)).toEqual((await signingPair(seed)).publicKey);
  }
});

test("e15 what only a strict check refuses is refused here too", async () => {
  for (const key of vectors.refused.seal_keys) expect(isSealKey(un(key)), key).toBe(false);
  for (const key of vectors.refused.verify_keys) expect(isVerifyKey(un(key)), key).toBe(false);
  const { key, message, refused } = vectors.refused.signatures;
  for (const signature of refused) expect(await verify(un(key), un(signature), un(message)), signature).toBe(false);
  expect(isVerifyKey(un(key))).toBe(true);
});
