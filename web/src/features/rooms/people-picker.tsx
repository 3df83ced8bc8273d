import { Check, Search } from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";

import { PersonAvatar } from "@/components/person-avatar";
import { Input } from "@/components/ui/input";
import { cn } from "@/lib/cn";
import { useLocale, useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import type { Account, AccountId } from "@/protocol/wire";
import { useSession } from "@/session";

import { searchPeople } from "./search-people";

/** Finds people by name. The focus stays in the search; arrows move through who is found, Enter picks. */
export function PeoplePicker({
  people,
  chosen,
  autoFocus = false,
  onPick,
}: {
  people: readonly Account[];
  /** Those picked already; without it a pick is the end of it. */
  chosen?: ReadonlySet<AccountId>;
  autoFocus?: boolean;
  onPick: (account: Account) => void;
}) {
  const { rooms } = useWords();
  const locale = useLocale();
  const online = useReadable(useSession().presence);
  const id = useId();
  const [search, setSearch] = useState("");
  const [active, setActive] = useState(0);
  const found = searchPeople(people, search, locale);
  const at = Math.min(active, found.length - 1);

  const move = (to: number) => {
    const next = (to + found.length) % found.length;
    setActive(next);
    document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || found.length === 0) return;
    const account = found[at];
    if (event.key === "ArrowDown") move(at + 1);
    else if (event.key === "ArrowUp") move(at - 1);
    else if (event.key === "Enter" && account) onPick(account);
    else return;
    event.preventDefault();
  };

  if (people.length === 0) return <p className="py-4 text-muted-foreground">{rooms.nobodyElse}</p>;
  return (
    <div className="flex min-h-0 flex-col gap-2">
      <div className="relative">
        <Search
          aria-hidden
          className="pointer-events-none absolute top-1/2 left-3.5 size-4 -translate-y-1/2 text-muted-foreground"
        />
        <Input
          role="combobox"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={found.length > 0 ? `${id}-${at}` : undefined}
          aria-label={rooms.findPeople}
          placeholder={rooms.findPeople}
          autoComplete="off"
          autoFocus={autoFocus}
          value={search}
          className="pl-10"
          onChange={(event) => {
            setSearch(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={rooms.people}
        aria-multiselectable={chosen !== undefined}
        tabIndex={-1}
        className="-mx-2 max-h-72 overflow-y-auto overscroll-contain"
      >
        {found.map((account, i) => (
          // The keys are handled by the search, which keeps the focus.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={account.id}
            tabIndex={-1}
            id={`${id}-${i}`}
            role="option"
            aria-selected={chosen ? chosen.has(account.id) : i === at}
            onClick={() => onPick(account)}
            onPointerMove={() => setActive(i)}
            className={cn(
              "flex cursor-pointer items-center gap-3 rounded-lg px-2 py-2 [content-visibility:auto] [contain-intrinsic-height:3rem]",
              i === at && "bg-secondary",
            )}
          >
            <PersonAvatar account={account} size="sm" online={online.has(account.id)} />
            <span className="min-w-0 flex-1 truncate">
              <bdi>{account.name}</bdi>
            </span>
            {chosen?.has(account.id) && <Check aria-hidden className="size-4.5 text-primary" />}
          </div>
        ))}
      </div>
      {found.length === 0 && <p className="pb-3 text-muted-foreground">{rooms.nobodyFound}</p>}
    </div>
  );
}
