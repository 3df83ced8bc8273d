import { useState } from "react";

import { FormError } from "@/components/field";
import { LongList } from "@/components/long-list";
import { Section } from "@/components/page";
import { PersonAvatar } from "@/components/person-avatar";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { fileSize } from "@/lib/format";
import { useLocale } from "@/lib/i18n";
import { useLoaded } from "@/lib/use-loaded";
import { useOwnerWords } from "@/lib/words/owner";
import type { People, Person, ServerFacts, StorageFacts } from "@/protocol/wire";
import { useSession } from "@/session";

import { PagedList } from "./parts";
import { QuotaDialog } from "./quota-dialog";
import { byPlace, usePages } from "./use-pages";

/** What lies on the disk, and who keeps how much. */
export function StorageSection() {
  const { storage: words } = useOwnerWords();
  const { value, error } = useLoaded<ServerFacts>("/owner/server");
  const [changing, setChanging] = useState<Person>();
  const paged = usePages<People, Person>("/owner/people?sort=storage", pages);
  return (
    <>
      <p className="mb-6 text-muted-foreground">{words.text}</p>
      <FormError>{error}</FormError>
      {!value && error === undefined && <Skeleton className="mb-10 h-24" />}
      {value && <Disk storage={value.storage} />}
      <Section title={words.people}>
        <PagedList paged={paged} empty={null}>
          {(people) => (
            <LongList items={people} keyOf={({ account }) => account.id}>
              {(person) => <Room person={person} onChange={() => setChanging(person)} />}
            </LongList>
          )}
        </PagedList>
      </Section>
      {changing && <QuotaDialog person={changing} onClose={() => setChanging(undefined)} onChanged={paged.reload} />}
    </>
  );
}

function Disk({ storage: { database, files, free, entries, file_count } }: { storage: StorageFacts }) {
  const { storage: words } = useOwnerWords();
  const locale = useLocale();
  const size = (bytes: number | null) => (bytes === null ? words.unknown : fileSize(bytes, locale));
  const rows = [
    { name: words.database, bytes: database, detail: entries === null ? "" : words.entries(entries), colour: "fill-primary", dot: "bg-primary" },
    { name: words.files, bytes: files, detail: file_count === null ? "" : words.fileCount(file_count), colour: "fill-attention-foreground", dot: "bg-attention-foreground" },
    { name: words.free, bytes: free, detail: "", colour: "fill-secondary", dot: "bg-secondary" },
  ];
  const all = rows.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0) || 1;
  let left = 0;
  return (
    <section className="mb-10">
      <svg viewBox="0 0 100 2" preserveAspectRatio="none" role="img" aria-label={words.bar} className="h-2.5 w-full rounded-full">
        {rows.map(({ name, bytes, colour }) => {
          // What is there can be seen, however small it is beside the disk.
          const width = bytes ? Math.max(0.6, ((bytes ?? 0) / all) * 100) : 0;
          const from = left;
          left += width;
          return <rect key={name} x={from} y={0} width={width} height={2} className={colour} />;
        })}
      </svg>
      <dl className="mt-4 grid gap-x-6 gap-y-3 sm:grid-cols-3">
        {rows.map(({ name, bytes, detail, dot }) => (
          <div key={name}>
            <dt className="flex items-center gap-2 text-sm text-muted-foreground">
              <span aria-hidden className={`size-2.5 rounded-full ${dot}`} />
              {name}
            </dt>
            <dd className="mt-0.5 tabular-nums">
              <span className="font-medium">{size(bytes)}</span>
              {detail !== "" && <span className="text-sm text-muted-foreground"> · {detail}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Room({ person, onChange }: { person: Person; onChange(): void }) {
  const { storage: words, people, quota } = useOwnerWords();
  const locale = useLocale();
  const session = useSession();
  const { account, used, files } = person;
  const text = people.used(fileSize(used, locale), fileSize(person.quota, locale));
  const parts = [text, files === 0 ? words.nothing : words.fileCount(files), ...(person.own_quota ? [quota.own] : [])];
  return (
    <div className="flex items-center gap-3 border-b py-3">
      <PersonAvatar account={account} size="sm" />
      <div className="min-w-0 flex-1">
        <bdi className="block truncate font-medium">{account.name}</bdi>
        <Bar label={words.room(account.name)} text={text} part={used / Math.max(1, person.quota)} />
        <p className="text-sm text-muted-foreground tabular-nums">{parts.join(" · ")}</p>
      </div>
      {account.id !== session.account && account.role !== "owner" && (
        <Button variant="ghost" size="sm" aria-label={quota.changeNamed(account.name)} onClick={onChange}>
          {quota.change}
        </Button>
      )}
    </div>
  );
}

/** How full a room is. */
function Bar({ label, text, part }: { label: string; text: string; part: number }) {
  const percent = Math.min(100, Math.max(0, part * 100));
  return (
    <svg
      role="meter"
      aria-label={label}
      aria-valuetext={text}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
      viewBox="0 0 100 2"
      preserveAspectRatio="none"
      className="my-1.5 block h-1.5 w-full rounded-full bg-secondary"
    >
      <rect width={percent > 0 ? Math.max(0.6, percent) : 0} height={2} className={percent < 90 ? "fill-primary" : "fill-destructive"} />
    </svg>
  );
}

const pages = byPlace<People, Person>(({ people }) => people);
