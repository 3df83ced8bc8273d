import { MessageCircle, PhoneForwarded, Search, UserPlus, Users } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { Link, useLocation } from "wouter";

import { EmptyState } from "@/components/empty-state";
import { LongList } from "@/components/long-list";
import { MixedLetters } from "@/components/mixed-letters";
import { Page } from "@/components/page";
import { PersonAvatar } from "@/components/person-avatar";
import { Verified } from "@/components/verified";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { errorText } from "@/lib/error-text";
import { compareNames } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { personPath } from "@/lib/paths";
import { toast } from "@/lib/toasts";
import { useReadable } from "@/lib/use-readable";
import { useGuestWords } from "@/lib/words/guests";
import type { Account } from "@/protocol/wire";
import { useContact, useSession } from "@/session";

/** Everybody on this server, those who are here first, and the way to write to them. */
export function PeoplePage({ onInvite, onCallLink }: { onInvite(): void; onCallLink(): void }) {
  const { people: words } = useWords();
  const { callLink } = useGuestWords();
  const locale = useLocale();
  const session = useSession();
  const accounts = useReadable(session.accounts);
  const online = useReadable(session.presence);
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search.trim().toLocaleLowerCase(locale));

  const active = [...accounts.values()].filter(({ disabled, role }) => !disabled && role !== "guest");
  const found = active
    .filter((account) => account.name.toLocaleLowerCase(locale).includes(wanted))
    .sort(
      (a, b) =>
        Number(online.has(b.id)) - Number(online.has(a.id)) || compareNames(a.name, b.name, locale),
    );
  const here = active.filter((account) => online.has(account.id)).length;

  return (
    <Page
      title={words.title}
      back="/"
      actions={
        <Button variant="secondary" onClick={onInvite}>
          <UserPlus aria-hidden />
          {words.invite.title}
        </Button>
      }
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p className="text-muted-foreground">{words.summary(active.length, here)}</p>
        <Button variant="ghost" size="sm" className="-mx-3 px-3" onClick={onCallLink}>
          <PhoneForwarded aria-hidden className="size-4" />
          {callLink.action}
        </Button>
      </div>
      {active.length > 7 && (
        <div className="relative mt-4">
          <Search
            aria-hidden
            className="pointer-events-none absolute top-1/2 left-3.5 size-4 -translate-y-1/2 text-muted-foreground"
          />
          <Input
            type="search"
            aria-label={words.search}
            placeholder={words.search}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            className="pl-10"
          />
        </div>
      )}
      <LongList items={found} keyOf={({ id }) => id} className="-mx-3 mt-4">
        {(account) => (
          <Person
            account={account}
            online={online.has(account.id)}
            self={account.id === session.account}
          />
        )}
      </LongList>
      {wanted !== "" && found.length === 0 && (
        <p className="text-muted-foreground">{words.noMatch(search.trim())}</p>
      )}
      {active.length === 1 && (
        <EmptyState
          icon={Users}
          title={words.alone.title}
          text={words.alone.text}
          action={<Button onClick={onInvite}>{words.invite.title}</Button>}
        />
      )}
    </Page>
  );
}

function Person({ account, online, self }: { account: Account; online: boolean; self: boolean }) {
  const words = useWords();
  const contact = useContact(account.id);
  const session = useSession();
  const [, navigate] = useLocation();
  const write = () => {
    session.changes
      .openDirect(account.id)
      .then((conversation) => navigate(`/c/${conversation}`))
      .catch((error: unknown) => toast(errorText(error, words), { tone: "error" }));
  };
  return (
    <div className="flex items-center gap-3 rounded-lg px-3 py-2 hover:bg-muted">
      <PersonAvatar account={account} online={online} />
      <span className="min-w-0 flex-1">
        <span className="flex items-center gap-2">
          <Link href={personPath(account.id)} className="truncate font-medium underline-offset-4 hover:underline">
            <bdi>{account.name}</bdi>
          </Link>
          {contact?.verified && <Verified />}
          <MixedLetters name={account.name} />
          {self && <Badge>{words.people.you}</Badge>}
          {account.role !== "member" && (
            <Badge variant="accent">{words.people.roles[account.role]}</Badge>
          )}
        </span>
        <span className="block text-sm text-muted-foreground">
          {online ? words.common.online : words.common.offline}
        </span>
      </span>
      {!self && (
        <Button
          variant="ghost"
          aria-label={words.people.message(account.name)}
          onClick={write}
          className="max-sm:size-11 max-sm:px-0"
        >
          <MessageCircle aria-hidden />
          <span className="max-sm:sr-only">{words.people.messageShort}</span>
        </Button>
      )}
    </div>
  );
}
