import { toBase64Url } from "@/lib/base64";
import type { CallId, ConversationId } from "@/protocol/wire";

/** Names a message on this device from its writing on; the server never hears of it. */
export type LocalId = string & { readonly brand: "LocalId" };

/** An id for a message that is written here. */
export function newLocalId(): LocalId {
  return toBase64Url(randomBytes()) as LocalId;
}

/** An id for a conversation that this client makes. */
export function newConversationId(): ConversationId {
  return toBase64Url(randomBytes()) as ConversationId;
}

/** An id for a call that this client starts. */
export function newCallId(): CallId {
  return toBase64Url(randomBytes()) as CallId;
}

function randomBytes(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(16));
}
