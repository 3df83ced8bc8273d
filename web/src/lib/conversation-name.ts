import type { Account, AccountId, ConversationKind, Name } from "@/protocol/wire";

import type { Words } from "./i18n";

/** What a conversation is called on screen: its name, the other person's, or the word for everyone. */
export function conversationName(
  conversation: { kind: ConversationKind; name: Name | null; peer: AccountId | null },
  accounts: ReadonlyMap<AccountId, Pick<Account, "name">>,
  words: Words,
): string {
  switch (conversation.kind) {
    case "everyone":
      return words.chat.everyone;
    case "room":
      return conversation.name ?? words.chat.room;
    case "direct":
      return (conversation.peer && accounts.get(conversation.peer)?.name) || words.chat.someone;
  }
}
