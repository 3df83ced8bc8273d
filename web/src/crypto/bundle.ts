// The account bundle: an account's own secret keys of all generations, sealed
// under a key that its master key (AMK) derives.

import type { AccountId, Blob, Bundle } from "@/protocol/wire";

import { type Bytes, Malformed, aeadOpen, aeadSeal, bytes, concat, hkdf, label, random, text, u64, utf8 } from "./bytes";
import { asCount, asList, exactly, parseJson } from "./json";
import { fixed } from "./record";

export interface BundleContent {
  readonly g: number;
  readonly as_seed: Blob;
  readonly ae_sk: Blob;
  readonly old_ae: readonly { readonly g: number; readonly sk: Blob }[];
  readonly settings_key: Blob;
  readonly bundle_version: number;
}

export async function sealBundle(amk: Bytes, account: AccountId, content: BundleContent, nonce: Bytes = random(12)): Promise<Bundle> {
  const version = content.bundle_version;
  const plain = utf8(JSON.stringify(content));
  const ct = await aeadSeal(await key(amk, account), nonce, plain, aad(account, version));
  return { version, nonce: text(nonce), ct: text(ct) };
}

/** Null when the master key is another or the bundle was changed. */
export async function openBundle(amk: Bytes, account: AccountId, { version, nonce, ct }: Bundle): Promise<BundleContent | null> {
  const plain = await aeadOpen(await key(amk, account), bytes(nonce, 12), bytes(ct), aad(account, version));
  if (!plain) return null;
  const content = parse(plain);
  return content.bundle_version === version ? content : null;
}

function parse(plain: Bytes): BundleContent {
  const fields = exactly(parseJson(plain), "g", "as_seed", "ae_sk", "old_ae", "settings_key", "bundle_version");
  const old = asList(fields.old_ae).map((value) => {
    const { g, sk } = exactly(value, "g", "sk");
    return { g: asCount(g), sk: fixed(sk, 32) as Blob };
  });
  const g = asCount(fields.g);
  if (old.some((one) => one.g >= g)) throw new Malformed("an older key of a later generation");
  return {
    g,
    as_seed: fixed(fields.as_seed, 32) as Blob,
    ae_sk: fixed(fields.ae_sk, 32) as Blob,
    old_ae: old,
    settings_key: fixed(fields.settings_key, 32) as Blob,
    bundle_version: asCount(fields.bundle_version),
  };
}

function key(amk: Bytes, account: AccountId): Promise<Bytes> {
  return hkdf(amk, bytes(account, 16), label("bundle"), 32);
}

function aad(account: AccountId, version: number): Bytes {
  return concat(label("bundle\0"), bytes(account, 16), u64(version));
}
