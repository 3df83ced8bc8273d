import type { CallId, ConversationId, MessageId } from "@/protocol/wire";

import { toBase64Url } from "@/lib/base64";

/** A message id: 48 bits of milliseconds, then 80 random bits, so that the server's index grows at its end. */
export function newMessageId(now: number): MessageId {
  const bytes = randomBytes();
  let ms = Math.max(0, Math.floor(now));
  for (let i = 5; i >= 0; i--) {
    bytes[i] = ms % 256;
    ms = Math.floor(ms / 256);
  }
  return toBase64Url(bytes) as MessageId;
}

/** An id for a room that this client makes. */
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
