// What a passkey signs to sign its account in: the key comes out of its PRF
// output, as the key of its wrap does, under another label.

import type { AccountId } from "@/protocol/wire";

import { type Bytes, bytes, concat, hkdf, label, sha256, utf8 } from "./bytes";
import { sign, signingPair } from "./ed25519";

/** The pair of a passkey. */
export async function passkeyPair(output: Bytes, credential: Bytes): Promise<{ key: CryptoKey; publicKey: Bytes }> {
  const seed = await hkdf(output, await sha256(credential), label("passkey-sign"), 32);
  const pair = await signingPair(seed);
  seed.fill(0);
  return pair;
}

export interface PasskeyChallenge {
  /** The server's identity. Its text has no fixed length, so its hash is signed. */
  readonly server: string;
  readonly challenge: Bytes;
}

export async function signPasskey(key: CryptoKey, { server, challenge }: PasskeyChallenge, account: AccountId, credential: Bytes): Promise<Bytes> {
  if (challenge.length !== 32) throw new RangeError("a challenge has 32 bytes");
  return sign(key, concat(label("passkey\0"), await sha256(utf8(server)), challenge, bytes(account, 16), credential));
}
