import { MessagesSquare } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { Redirect, Route, Switch, useLocation, useRoute } from "wouter";

import { EmptyState } from "@/components/empty-state";
import { OfflineBar, SignInNotice, useNotifications, usePageTitle } from "@/features/chat";
import { cn } from "@/lib/cn";
import { useWords } from "@/lib/i18n";
import { approvePath, conversationPath, conversationRoute, personRoute } from "@/lib/paths";
import { useReadable } from "@/lib/use-readable";
import type { AccountId, ConversationId } from "@/protocol/wire";
import { useSession } from "@/session";

import { CallLayer, CallSettings } from "./call-parts";
import { ConversationPane } from "./conversation-pane";
import { Rail } from "./rail";
import { signOut } from "./sign-out";

const ApprovePage = lazy(() => import("@/features/approval").then((approval) => ({ default: approval.ApprovePage })));
const InvitePeople = lazy(() =>
  import("@/features/people").then((people) => ({ default: people.InvitePeople })),
);
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

/** Rail and pane. On a phone one of them at a time: the rail is the page "/". */
export function Frame() {
  const [path] = useLocation();
  const [inviting, setInviting] = useState(false);
  const invite = () => setInviting(true);
  const home = path === "/";
  usePageTitle();
  useSearchKeys();
  useNotifications();
  return (
    <div className="flex h-full flex-col">
      <OfflineBar />
      <SignInNotice />
      <div className="flex min-h-0 flex-1">
        <Rail
          onInvite={invite}
          className={cn("md:flex md:w-19 lg:w-76", home ? "flex w-full" : "hidden")}
        />
        <main className={cn("min-w-0 flex-1 md:block", home ? "hidden" : "block")}>
          <Suspense>
            <Panes onInvite={invite} />
          </Suspense>
        </main>
      </div>
      <Suspense>
        <CallPlace />
      </Suspense>
      <Suspense>{inviting && <InvitePeople open onOpenChange={setInviting} />}</Suspense>
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

function Panes({ onInvite }: { onInvite(): void }) {
  const session = useSession();
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
      <Route path="/people">
        <PeoplePage onInvite={onInvite} />
      </Route>
      <Route path={personRoute}>
        {({ account }) => <PersonPage key={account} id={account as AccountId} />}
      </Route>
      <Route path={approvePath}>
        <ApprovePage />
      </Route>
      <Route path="/search">
        <SearchPage />
      </Route>
      <Route path="/settings/:page?">
        {({ page }) => (
          <Settings
            page={page}
            callSettings={<CallSettings />}
            privacy={<Privacy />}
            onSignOut={() => void signOut(session)}
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
  const everyone = useReadable(session.conversations).find(({ kind }) => kind === "everyone");
  return everyone ? <Redirect to={conversationPath(everyone.id)} replace /> : null;
}
