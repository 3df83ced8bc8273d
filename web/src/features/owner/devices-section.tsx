import { Laptop, Smartphone } from "lucide-react";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";

import { EmptyState } from "@/components/empty-state";
import { LongList } from "@/components/long-list";
import { Confirm } from "@/components/ui/alert-dialog";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { del } from "@/lib/api";
import { useNow } from "@/lib/clock";
import { daysBetween, relativeTime } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { ownerPath } from "@/lib/paths";
import { useOwnerWords } from "@/lib/words/owner";
import type { AllDevices, SomeDevice } from "@/protocol/wire";
import { useSession } from "@/session";

import { useAct } from "./acts";
import { PagedList, SearchField, useSearch } from "./parts";
import { byPlace, usePages } from "./use-pages";

/** Where everybody is signed in, or one person. */
export function DevicesSection() {
  const { devices: words } = useOwnerWords();
  const act = useAct();
  const [params] = useSearchParams();
  const of = params.get("of");
  const { text, settled, setText } = useSearch();
  const [asked, setAsked] = useState<SomeDevice>();
  const who = of === null ? `search=${encodeURIComponent(settled)}` : `account=${encodeURIComponent(of)}`;
  const paged = usePages<AllDevices, SomeDevice>(`/owner/devices?${who}`, pages);
  const named = of === null ? undefined : paged.items?.[0]?.account.name;
  return (
    <>
      <p className="text-muted-foreground">
        <bdi>{named === undefined ? words.text : words.textOf(named)}</bdi>
      </p>
      <div className="mt-4 flex">
        {of === null ? (
          <SearchField label={words.search} text={text} onText={setText} />
        ) : (
          <Button asChild variant="secondary">
            <Link href={`${ownerPath}/devices`}>{words.all}</Link>
          </Button>
        )}
      </div>
      <PagedList paged={paged} empty={<EmptyState icon={Laptop} title={words.none} text={words.noneText} />}>
        {(devices) => (
          <LongList items={devices} keyOf={({ device }) => device.id} className="mt-4">
            {(one) => <DeviceRow one={one} onSignOut={() => setAsked(one)} />}
          </LongList>
        )}
      </PagedList>
      <Confirm
        open={asked !== undefined}
        onOpenChange={() => setAsked(undefined)}
        title={<bdi>{words.signOutAsk(asked?.device.name ?? "")}</bdi>}
        text={<bdi>{words.signOutText(asked?.account.name ?? "")}</bdi>}
        action={words.signOut}
        destructive
        onConfirm={() => {
          if (!asked) return;
          const { account, device } = asked;
          act({
            send: () => del(`/admin/accounts/${account.id}/devices/${device.id}`),
            done: words.signedOut(device.name),
            after: paged.reload,
          });
        }}
      />
    </>
  );
}

function DeviceRow({ one: { account, device }, onSignOut }: { one: SomeDevice; onSignOut(): void }) {
  const { devices: words, people: owner } = useOwnerWords();
  const { people, settings } = useWords();
  const locale = useLocale();
  const now = useNow();
  const session = useSession();
  const self = account.id === session.account;
  const Icon = /iPhone|Android|iPad/.test(device.name) ? Smartphone : Laptop;
  // Known to the day only, so no hours are claimed.
  const seen =
    daysBetween(device.last_seen, now) <= 0
      ? owner.seenToday
      : owner.seen(relativeTime(device.last_seen, now, locale));
  return (
    <div className="flex items-center gap-4 border-b py-3">
      <Icon aria-hidden strokeWidth={1.6} className="size-6 shrink-0 text-muted-foreground" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <bdi className="truncate font-medium">{account.name}</bdi>
          {self && <Badge>{people.you}</Badge>}
        </p>
        <p className="text-sm text-muted-foreground">
          <bdi>{device.name}</bdi> · {seen} · <bdi>{device.network}</bdi>
        </p>
      </div>
      {self ? (
        <Button asChild variant="ghost" size="sm">
          <Link href="/settings/devices" aria-label={words.yours}>
            {settings.title}
          </Link>
        </Button>
      ) : (
        <Button variant="quiet" size="sm" aria-label={words.signOutNamed(device.name, account.name)} onClick={onSignOut}>
          {words.signOut}
        </Button>
      )}
    </div>
  );
}

const pages = byPlace<AllDevices, SomeDevice>(({ devices }) => devices);
