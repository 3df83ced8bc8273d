import { MessageCircle, ShieldAlert, UserRoundX } from "lucide-react";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";

import { EmptyState } from "@/components/empty-state";
import { FormError } from "@/components/field";
import { GuestBadge } from "@/components/guest-badge";
import { Isolate } from "@/components/isolate";
import { Page, Section } from "@/components/page";
import { PersonAvatar } from "@/components/person-avatar";
import { Verified } from "@/components/verified";
import { Confirm } from "@/components/ui/alert-dialog";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { useNow } from "@/lib/clock";
import { relativeTime } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { conversationPath } from "@/lib/paths";
import { isGuest } from "@/lib/people";
import { toast } from "@/lib/toasts";
import { useReadable } from "@/lib/use-readable";
import { useTask } from "@/lib/use-task";
import { useSecurityWords } from "@/lib/words/security";
import type { Account, AccountId } from "@/protocol/wire";
import { type Contact, useContact, useSession, useVisiting } from "@/session";

import { SafetyNumber } from "./safety-number";

/** Who somebody is: name, picture, devices, and whether their keys were compared. */
export function PersonPage({ id }: { id: AccountId }) {
  const { person } = useSecurityWords();
  const session = useSession();
  const account = useReadable(session.accounts).get(id);
  const contact = useContact(id);
  const visiting = useVisiting();
  useEffect(() => {
    // Offline it shows what is known here.
    session.keys.know(id).catch(() => undefined);
  }, [session, id]);
  if (!account) {
    return <EmptyState className="h-full" icon={UserRoundX} title={person.unknown.title} text={person.unknown.text} />;
  }
  const self = id === session.account;
  return (
    <Page title={<bdi>{account.name}</bdi>} back={visiting ? "/" : "/people"} actions={!self && !visiting && !isGuest(account) && <Write account={account} />}>
      <Who account={account} contact={contact} self={self} />
      {contact ? <Devices contact={contact} /> : <p className="text-muted-foreground">{person.noKeys}</p>}
      {contact && !self && (
        <>
          {contact.blocked && <Changed account={account} />}
          <SafetyNumber account={account} contact={contact} />
        </>
      )}
    </Page>
  );
}

function Who({ account, contact, self }: { account: Account; contact: Contact | undefined; self: boolean }) {
  const words = useWords();
  const { person } = useSecurityWords();
  const online = useReadable(useSession().presence).has(account.id);
  return (
    <div className="mb-8 flex items-center gap-4">
      <PersonAvatar account={account} size="xl" online={online} />
      <div className="min-w-0">
        <p className="flex items-center gap-2 text-lg font-semibold">
          <bdi className="truncate">{account.name}</bdi>
          {contact?.verified && <Verified />}
          {self && <Badge>{words.people.you}</Badge>}
          {isGuest(account) && <GuestBadge />}
        </p>
        <p className="text-muted-foreground">{online ? words.common.online : words.common.offline}</p>
        {contact && !self && !contact.blocked && (
          <p className="mt-1 text-sm text-muted-foreground">
            <Isolate say={contact.verified ? person.verifiedText : person.unverifiedText} names={[account.name]} />
          </p>
        )}
        {contact?.changed && !contact.blocked && !self && (
          <p className="mt-1 text-sm text-muted-foreground">
            <Isolate say={person.changedSince} names={[account.name]} />
          </p>
        )}
      </div>
    </div>
  );
}

function Write({ account }: { account: Account }) {
  const { person } = useSecurityWords();
  const session = useSession();
  const [, navigate] = useLocation();
  const task = useTask();
  const write = () => task.run(async () => navigate(conversationPath(await session.changes.openDirect(account.id))));
  return (
    <Button variant="secondary" aria-disabled={task.busy} onClick={write}>
      <MessageCircle aria-hidden />
      {person.write}
    </Button>
  );
}

function Devices({ contact }: { contact: Contact }) {
  const { person } = useSecurityWords();
  const locale = useLocale();
  const now = useNow();
  const devices = contact.devices.filter(({ revoked }) => revoked === null);
  const newest = Math.max(...devices.map(({ added }) => added));
  return (
    <Section title={person.devices}>
      <p className="-mt-3 text-muted-foreground">
        {person.deviceCount(devices.length)}
        {devices.length > 0 && ` · ${person.newest(relativeTime(newest, now, locale))}`}
      </p>
    </Section>
  );
}

/** The keys are not those that were compared: whoever looks decides. */
function Changed({ account }: { account: Account }) {
  const { person } = useSecurityWords();
  const { contacts } = useSession();
  const [asking, setAsking] = useState(false);
  const task = useTask();
  const accept = () =>
    task.run(async () => {
      await contacts.acceptKeys(account.id);
      toast(person.accepted(account.name));
    });
  return (
    <div role="alert" className="mb-10 rounded-xl border border-destructive p-4">
      <p className="flex items-start gap-2.5">
        <ShieldAlert aria-hidden className="mt-0.5 size-4.5 shrink-0 text-destructive" />
        <span>
          <Isolate say={person.changedText} names={[account.name]} />
        </span>
      </p>
      <FormError>{task.error}</FormError>
      <Button variant="secondary" className="mt-3" aria-disabled={task.busy} onClick={() => setAsking(true)}>
        {person.accept}
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={<Isolate say={person.acceptAsk} names={[account.name]} />}
        text={person.acceptText}
        action={person.accept}
        onConfirm={accept}
      />
    </div>
  );
}
