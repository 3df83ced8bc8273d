// Looking at accounts from within the chat.

import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import type { AccountId } from "@/protocol/wire";
import { useSession } from "@/session";

/** The names of accounts, as others see them. */
export function useNames(): (account: AccountId) => string {
  const words = useWords();
  const accounts = useReadable(useSession().accounts);
  return (account) => accounts.get(account)?.name ?? words.chat.someone;
}
