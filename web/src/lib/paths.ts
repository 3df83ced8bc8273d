import type { ConversationId } from "@/protocol/wire";

/** Where a conversation is shown; also the pattern of that route. */
export const conversationRoute = "/c/:conversation";

/** The page of a conversation. */
export function conversationPath(id: ConversationId): string {
  return `/c/${id}`;
}
