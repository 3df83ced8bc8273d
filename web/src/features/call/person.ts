import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import type { Account, AccountId } from "@/protocol/wire";
import { useSession } from "@/session";

/** What is shown of a person. */
export type Person = Pick<Account, "id" | "name" | "avatar">;

/** A person by account; somebody unknown when the server has not told of it yet. */
export function usePerson(id: AccountId): Person {
  const words = useWords();
  const account = useReadable(useSession().accounts).get(id);
  return account ?? { id, name: words.chat.someone, avatar: null };
}
