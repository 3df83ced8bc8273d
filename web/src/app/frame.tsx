import { MessagesSquare } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { Redirect, Route, Switch, useLocation, useRoute } from "wouter";

import { EmptyState } from "@/components/empty-state";
import { LobbyNews, OfflineBar, SignInNotice, useNotifications, usePageTitle } from "@/features/chat";
import { cn } from "@/lib/cn";
import { useWords } from "@/lib/i18n";
import { approvePath, checkPath, conversationPath, conversationRoute, ownerPath, personRoute } from "@/lib/paths";
import { useReadable } from "@/lib/use-readable";
import type { AccountId, ConversationId } from "@/protocol/wire";
import { useSession, useVisiting } from "@/session";

import { CallLayer, CallSettings } from "./call-parts";
import { ConversationPane } from "./conversation-pane";
import { Rail } from "./rail";
import { endVisit, signOut } from "./sign-out";

const ApprovePage = lazy(() => import("@/features/approval").then((approval) => ({ default: approval.ApprovePage })));
const CheckPage = lazy(() => import("@/features/check").then((check) => ({ default: check.CheckPage })));
const guests = () => import("@/features/guests");
const KeepAccount = lazy(async () => ({ default: (await guests()).KeepAccount }));
const KeepBanner = lazy(async () => ({ default: (await guests()).KeepBanner }));
const NoRoomLeft = lazy(async () => ({ default: (await guests()).NoRoomLeft }));
const Visit = lazy(async () => ({ default: (await guests()).Visit }));
const WaitingRoom = lazy(async () => ({ default: (await guests()).WaitingRoom }));
const CallLink = lazy(() => import("@/features/rooms").then((rooms) => ({ default: rooms.CallLink })));
const InvitePeople = lazy(() =>
  import("@/features/people").then((people) => ({ default: people.InvitePeople })),
);
const OwnerPage = lazy(() => import("@/features/owner").then((owner) => ({ default: owner.OwnerPage })));
const PersonPage = lazy(() => import("@/features/security").then((security) => ({ default: security.PersonPage })));
const PeoplePage = lazy(() =>
  import("@/features/people").then((people) => ({ default: people.PeoplePage })),
);
const Privacy = lazy(() => import("@/features/security").then((security) => ({ default: security.Privacy })));
const SearchPage = lazy(() =>
  import("@/features/search").then((search) => ({ default: search.SearchPage })),
);
const Settings = lazy(() =>
  import("@/features/settings").then((settings) => ({ default: settings.Settings })),
);

/** The rooms; or, for a guest who is in none, the way into one. */
export function Frame() {
  const session = useSession();
  const visiting = useVisiting();
  const ready = useReadable(session.ready);
  const waiting = useReadable(session.keys.lobby.waiting).length > 0;
  const inside = useReadable(session.conversations).length > 0;
  if (!visiting || !ready || inside) return <Rooms visiting={visiting} />;
  const leave = () => endVisit(session);
  return <Suspense>{waiting ? <WaitingRoom onLeave={leave} /> : <NoRoomLeft onLeave={() => void leave()} />}</Suspense>;
}

/** Rail and pane. On a phone one of them at a time: the rail is the page "/". */
function Rooms({ visiting }: { visiting: boolean }) {
  const [path] = useLocation();
  const [inviting, setInviting] = useState(false);
  const [calling, setCalling] = useState(false);
  const [keeping, setKeeping] = useState(false);
  const invite = () => setInviting(true);
  const home = path === "/";
  usePageTitle();
  useSearchKeys();
  useNotifications();
  return (
    <div className="flex h-full flex-col">
      <OfflineBar />
      <SignInNotice />
      <LobbyNews />
      <Suspense>{visiting && <KeepBanner onKeep={() => setKeeping(true)} />}</Suspense>
      <div className="flex min-h-0 flex-1">
        <Rail
          onInvite={visiting ? null : invite}
          className={cn("md:flex md:w-19 lg:w-76", home ? "flex w-full" : "hidden")}
        />
        <main className={cn("min-w-0 flex-1 md:block", home ? "hidden" : "block")}>
          <Suspense>
            <Panes visiting={visiting} onInvite={invite} onCallLink={() => setCalling(true)} onKeep={() => setKeeping(true)} />
          </Suspense>
        </main>
      </div>
      <Suspense>
        <CallPlace />
      </Suspense>
      <Suspense>
        {inviting && <InvitePeople open onOpenChange={setInviting} />}
        {/* Here, because the guest is none any more before the recovery code is kept. */}
        {keeping && <KeepAccount open onOpenChange={setKeeping} />}
        {calling && <CallLink open onOpenChange={setCalling} />}
      </Suspense>
    </div>
  );
}

/** Control or command and K open the search, from anywhere. */
function useSearchKeys(): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      navigate("/search");
    };
    addEventListener("keydown", open);
    return () => removeEventListener("keydown", open);
  }, [navigate]);
}

/** The calls, above everything; they go along from page to page. */
function CallPlace() {
  const [, navigate] = useLocation();
  const [, params] = useRoute(`${conversationRoute}/*?`);
  const shown = (params?.conversation ?? null) as ConversationId | null;
  const open = (conversation: ConversationId) => {
    if (conversation !== shown) navigate(conversationPath(conversation));
  };
  return <CallLayer shown={shown} open={open} />;
}

function Panes({
  visiting,
  onInvite,
  onCallLink,
  onKeep,
}: {
  visiting: boolean;
  onInvite(): void;
  onCallLink(): void;
  onKeep(): void;
}) {
  const session = useSession();
  const leave = () => void (visiting ? endVisit(session) : signOut(session));
  return (
    <Switch>
      <Route path="/">
        <NothingOpen />
      </Route>
      <Route path="/welcome">
        <Welcome />
      </Route>
      <Route path={`${conversationRoute}/:panel?`}>
        {({ conversation, panel }) => (
          <ConversationPane
            id={conversation as ConversationId}
            details={panel === "details"}
            onInvite={onInvite}
          />
        )}
      </Route>
      {!visiting && (
        <Route path="/people">
          <PeoplePage onInvite={onInvite} onCallLink={onCallLink} />
        </Route>
      )}
      <Route path={personRoute}>
        {({ account }) => <PersonPage key={account} id={account as AccountId} />}
      </Route>
      <Route path={approvePath}>
        <ApprovePage />
      </Route>
      <Route path={checkPath}>
        <CheckPage account />
      </Route>
      <Route path="/search">
        <SearchPage />
      </Route>
      <Route path={`${ownerPath}/:section?`}>{({ section }) => <OwnerPage section={section} />}</Route>
      <Route path="/settings/:page?">
        {({ page }) => (
          <Settings
            page={page}
            callSettings={<CallSettings />}
            privacy={<Privacy />}
            visit={visiting ? <Visit onKeep={onKeep} onLeave={leave} /> : null}
            onSignOut={leave}
          />
        )}
      </Route>
      <Route>
        <Redirect to="/" replace />
      </Route>
    </Switch>
  );
}

/** Beside the list, while no conversation is open. */
function NothingOpen() {
  const { common } = useWords();
  return (
    <EmptyState
      className="h-full"
      icon={MessagesSquare}
      title={common.nothingOpen.title}
      text={common.nothingOpen.text}
    />
  );
}

/** Somebody has just come in: leads them to where everybody is. */
function Welcome() {
  const session = useSession();
  const visiting = useVisiting();
  const first = useReadable(session.conversations).find(({ kind }) => visiting || kind === "everyone");
  return first ? <Redirect to={conversationPath(first.id)} replace /> : null;
}
