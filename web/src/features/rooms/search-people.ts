import type { Account } from "@/protocol/wire";

/** Those whose name contains a text, in the order of their names; disabled accounts are never chosen. */
export function searchPeople(accounts: Iterable<Account>, text: string, locale: string): Account[] {
  const wanted = text.trim().toLocaleLowerCase(locale);
  const order = new Intl.Collator(locale);
  return [...accounts]
    .filter(({ name, disabled }) => !disabled && name.toLocaleLowerCase(locale).includes(wanted))
    .sort((a, b) => order.compare(a.name, b.name));
}
