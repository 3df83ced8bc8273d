import type { Words } from "@/lib/i18n";
import { PASSWORD_CHARS } from "@/lib/password-strength";
import { NAME_CHARS } from "@/protocol/wire";

/** What is wrong with a name, in words; nothing when it will do. */
export function complainOfName(name: string, words: Words): string | undefined {
  const trimmed = name.trim();
  if (trimmed === "") return words.account.nameEmpty;
  return [...trimmed].length > NAME_CHARS ? words.account.nameLong : undefined;
}

/** What is wrong with a new password. */
export function complainOfPassword(password: string, words: Words): string | undefined {
  return [...password].length < PASSWORD_CHARS ? words.account.strength.short : undefined;
}
