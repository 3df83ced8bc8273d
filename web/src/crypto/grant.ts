// Grants: the secret of an epoch, sealed to one member or link. Unsigned: the
// grantee holds what comes out against the signed commitment.

import type { AccountId, Blob, ConversationId, Grant, GranteeId } from "@/protocol/wire";

import { type Bytes, bytes, concat, label, text, u32 } from "./bytes";
import { type HpkeSealed, type SealPair, hpkeOpen, hpkeSeal } from "./hpke";

/** What a grant is bound to. */
export interface GrantPlace {
  readonly conversation: ConversationId;
  readonly epoch: number;
  readonly to: GranteeId;
  /** The hash of the control payload that set the epoch. */
  readonly event: Blob;
  /** Who grants. */
  readonly by: AccountId;
}

/** Null when the key is not fit to seal to. */
export async function sealGrant(place: GrantPlace, key: Blob, g: number, secret: Bytes): Promise<Grant | null> {
  const sealed = await hpkeSeal(bytes(key, 32), info(place), bytes(place.by, 16), secret);
  return sealed && { to: place.to, epoch: place.epoch, g, enc: text(sealed.enc), ct: text(sealed.ct) };
}

/** The secret; null when it was not sealed for this place and key. */
export async function openGrant(place: GrantPlace, pair: SealPair, { enc, ct }: { enc: Blob; ct: Blob }): Promise<Bytes | null> {
  let sealed: HpkeSealed;
  try {
    sealed = { enc: bytes(enc, 32), ct: bytes(ct, 48) };
  } catch {
    return null;
  }
  return hpkeOpen(pair, sealed, info(place), bytes(place.by, 16));
}

function info({ conversation, epoch, to, event }: GrantPlace): Bytes {
  return concat(label("grant\0"), bytes(conversation, 16), u32(epoch), bytes(to, 16), bytes(event, 32));
}
