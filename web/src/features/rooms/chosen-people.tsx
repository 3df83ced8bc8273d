import { X } from "lucide-react";

import { useWords } from "@/lib/i18n";
import type { Account } from "@/protocol/wire";

/** Those who were picked, each with the way to take them out again. */
export function ChosenPeople({
  people,
  onRemove,
}: {
  people: readonly Account[];
  onRemove: (account: Account) => void;
}) {
  const { rooms } = useWords();
  if (people.length === 0) return null;
  return (
    <ul aria-label={rooms.chosen} className="flex flex-wrap gap-1.5">
      {people.map((account) => (
        <li key={account.id} className="flex max-w-full items-center rounded-full bg-accent pl-3 text-sm text-accent-foreground">
          <bdi className="truncate py-1">{account.name}</bdi>
          <button
            type="button"
            aria-label={rooms.remove(account.name)}
            className="flex size-8 shrink-0 items-center justify-center rounded-full hover:bg-foreground/10"
            onClick={() => onRemove(account)}
          >
            <X aria-hidden className="size-3.5" />
          </button>
        </li>
      ))}
    </ul>
  );
}
