import { useWords } from "@/lib/i18n";
import { isGuest } from "@/lib/people";
import { useReadable } from "@/lib/use-readable";
import type { Account, AccountId, ConversationId } from "@/protocol/wire";
import { useSession } from "@/session";

/** What is shown of a person. */
export type Person = Pick<Account, "id" | "name" | "avatar">;

/** Whether somebody comes to a conversation as a guest. */
export function useGuest(id: AccountId, conversation: ConversationId): boolean {
  const session = useSession();
  const account = useReadable(session.accounts).get(id);
  const members = useReadable(session.conversations).find((one) => one.id === conversation)?.members;
  return isGuest(account, members);
}

/** A person by account; somebody unknown when the server has not told of it yet. */
export function usePerson(id: AccountId): Person {
  const words = useWords();
  const account = useReadable(useSession().accounts).get(id);
  return account ?? { id, name: words.chat.someone, avatar: null };
}
