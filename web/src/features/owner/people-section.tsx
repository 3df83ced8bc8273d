import { useState } from "react";
import { useLocation } from "wouter";

import { LongList } from "@/components/long-list";
import { PersonAvatar } from "@/components/person-avatar";
import { Badge } from "@/components/ui/badge";
import { Select } from "@/components/ui/select";
import { useNow } from "@/lib/clock";
import { daysBetween, fileSize, relativeTime } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { ownerPath } from "@/lib/paths";
import { useReadable } from "@/lib/use-readable";
import { useOwnerWords } from "@/lib/words/owner";
import type { People, PeopleOrder, Person } from "@/protocol/wire";
import { useSession } from "@/session";

import { PagedList, SearchField, useSearch } from "./parts";
import { PersonActions } from "./person-actions";
import { type Asked, PersonDialogs } from "./person-dialogs";
import { byPlace, usePages } from "./use-pages";

/** Everybody with an account: who they are, when they were here, and what can be done about them. */
export function PeopleSection() {
  const words = useOwnerWords();
  const [, navigate] = useLocation();
  const { text, settled, setText } = useSearch();
  const [order, setOrder] = useState<PeopleOrder>("name");
  const [asked, setAsked] = useState<Asked>();
  const paged = usePages<People, Person>(`/owner/people?search=${encodeURIComponent(settled)}&sort=${order}`, pages);
  return (
    <>
      <div className="flex flex-wrap gap-3">
        <SearchField label={words.people.search} text={text} onText={setText} />
        <Select
          aria-label={words.people.sort}
          value={order}
          onChange={(event) => setOrder(event.target.value as PeopleOrder)}
          className="basis-44 max-sm:basis-full"
        >
          {orders.map((name) => (
            <option key={name} value={name}>
              {words.people.orders[name]}
            </option>
          ))}
        </Select>
      </div>
      <p role="status" className="mt-4 text-sm text-muted-foreground">
        {paged.answer && words.people.count(paged.answer.total)}
      </p>
      <PagedList
        paged={paged}
        empty={<p className="mt-2 text-muted-foreground"><bdi>{words.people.noMatch(settled)}</bdi></p>}
      >
        {(people) => (
          <LongList items={people} keyOf={({ account }) => account.id} className="mt-1">
            {(person) => (
              <PersonRow
                person={person}
                onAsk={(what) => setAsked({ person, what })}
                onDevices={() => navigate(`${ownerPath}/devices?of=${person.account.id}`)}
                onChanged={paged.reload}
              />
            )}
          </LongList>
        )}
      </PagedList>
      <PersonDialogs asked={asked} onClose={() => setAsked(undefined)} onChanged={paged.reload} />
    </>
  );
}

function PersonRow({
  person,
  onAsk,
  onDevices,
  onChanged,
}: {
  person: Person;
  onAsk(what: Asked["what"]): void;
  onDevices(): void;
  onChanged(): void;
}) {
  const { people } = useWords();
  const session = useSession();
  const online = useReadable(session.presence).has(person.account.id);
  const { account } = person;
  const self = account.id === session.account;
  return (
    <div className="flex items-center gap-3 border-b py-3">
      <PersonAvatar account={account} online={online} className={account.disabled ? "grayscale" : ""} />
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <bdi className="truncate font-medium">{account.name}</bdi>
          {self && <Badge>{people.you}</Badge>}
          {account.role !== "member" && <Badge variant="accent">{people.roles[account.role]}</Badge>}
          {account.disabled && <Badge variant="attention">{people.disabled}</Badge>}
        </div>
        <Facts person={person} />
      </div>
      {!self && account.role !== "owner" && (
        <PersonActions person={person} onAsk={onAsk} onDevices={onDevices} onChanged={onChanged} />
      )}
    </div>
  );
}

/** When somebody was here, where they are signed in, and what they keep. */
function Facts({ person }: { person: Person }) {
  const { people } = useOwnerWords();
  const locale = useLocale();
  const now = useNow();
  const { last_seen: seen, devices, used, quota } = person;
  const parts = [
    // Known to the day only, so no hours are claimed.
    seen === null
      ? people.never
      : daysBetween(seen, now) <= 0
        ? people.seenToday
        : people.seen(relativeTime(seen, now, locale)),
    devices === 0 ? people.nowhere : people.devices(devices),
    ...(used > 0 || person.own_quota ? [people.used(fileSize(used, locale), fileSize(quota, locale))] : []),
  ];
  return <p className="text-sm text-muted-foreground">{parts.join(" · ")}</p>;
}

const orders: readonly PeopleOrder[] = ["name", "seen", "newest", "storage"];
const pages = byPlace<People, Person>(({ people }) => people);
