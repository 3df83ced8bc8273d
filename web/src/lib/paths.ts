import type { ConversationId, Seq } from "@/protocol/wire";

/** Where a conversation is shown; also the pattern of that route. */
export const conversationRoute = "/c/:conversation";

/** The page of a conversation. */
export function conversationPath(id: ConversationId): string {
  return `/c/${id}`;
}

/** A message in its conversation. */
export function messagePath(id: ConversationId, seq: Seq): string {
  return `${conversationPath(id)}?at=${seq}`;
}
