// Links: whoever holds the secret in one's fragment may join, and proves it by
// a signature with a key derived from that secret; the secrets of the
// conversation are sealed to another one.

import type { Blob, ConversationId, LinkId } from "@/protocol/wire";

import { type Bytes, bytes, concat, hkdf, label, sha256, text, u32 } from "./bytes";
import type { Newcomer } from "./control";
import { sign, signingPair, verify } from "./ed25519";
import { type SealPair, deriveSealPair } from "./hpke";

export interface LinkKeys {
  readonly sign: { readonly key: CryptoKey; readonly publicKey: Bytes };
  readonly seal: { readonly pair: SealPair; readonly publicKey: Bytes };
}

export async function linkKeys(secret: Bytes, id: LinkId): Promise<LinkKeys> {
  const salt = bytes(id, 16);
  return {
    sign: await signingPair(await hkdf(secret, salt, label("link-sign"), 32)),
    seal: await deriveSealPair(await hkdf(secret, salt, label("link-seal"), 32)),
  };
}

/** What proves to the server that one has the link; it keeps the hash. */
export function linkAuth(secret: Bytes, id: LinkId): Promise<Bytes> {
  return hkdf(secret, bytes(id, 16), label("link-auth"), 32);
}

export async function linkAuthHash(secret: Bytes, id: LinkId): Promise<Blob> {
  return text(await sha256(await linkAuth(secret, id)));
}

/** The link lets this account in at this place of the log. */
export async function signJoin(key: CryptoKey, conversation: ConversationId, index: number, member: Newcomer): Promise<Blob> {
  return text(await sign(key, joinInput(conversation, index, member)));
}

export function isJoinSigned(
  link: Blob,
  conversation: ConversationId,
  index: number,
  member: Newcomer,
  signature: Blob,
): Promise<boolean> {
  return verify(bytes(link, 32), bytes(signature, 64), joinInput(conversation, index, member));
}

/** Whoever has the link asks for this account to be let in. */
export async function signKnock(key: CryptoKey, link: LinkId, conversation: ConversationId, who: Newcomer): Promise<Blob> {
  return text(await sign(key, knockInput(link, conversation, who)));
}

export function isKnockSigned(
  sign: Blob,
  link: LinkId,
  conversation: ConversationId,
  who: Newcomer,
  signature: Blob,
): Promise<boolean> {
  return verify(bytes(sign, 32), bytes(signature, 64), knockInput(link, conversation, who));
}

function knockInput(link: LinkId, conversation: ConversationId, { account, as }: Newcomer): Bytes {
  return concat(label("knock\0"), bytes(link, 16), bytes(conversation, 16), bytes(account, 16), bytes(as, 32));
}

function joinInput(conversation: ConversationId, index: number, { account, as }: Newcomer): Bytes {
  return concat(label("join\0"), bytes(conversation, 16), u32(index), bytes(account, 16), bytes(as, 32));
}
