import { ChevronRight, LogOut } from "lucide-react";
import type { ReactNode } from "react";
import { Link, Redirect } from "wouter";

import { Page } from "@/components/page";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { useWords } from "@/lib/i18n";
import { ownerPath } from "@/lib/paths";
import { useReadable } from "@/lib/use-readable";
import { useMedia } from "@/lib/use-media";
import type { Role } from "@/protocol/wire";
import { useSession } from "@/session";

import { AdministrationPage } from "./administration-page";
import { AppearancePage } from "./appearance-page";
import { CallsPage } from "./calls-page";
import { DevicesPage } from "./devices-page";
import { PasswordPage } from "./password-page";
import { ProfilePage } from "./profile-page";

const pages = ["profile", "visit", "devices", "password", "privacy", "calls", "appearance", "administration"] as const;
type PageName = (typeof pages)[number];

export interface SettingsProps {
  /** The name of the page in the address; none for the list of pages. */
  page: string | undefined;
  /** What the call feature has to try and to set. */
  callSettings: ReactNode;
  /** What is protected, and what is not. */
  privacy: ReactNode;
  /** For guests, whose stay has an end: keeping the account, and going. */
  visit: ReactNode;
  onSignOut(): void;
}

/** All settings. Wide screens show the list of pages beside the page, phones one of the two. */
export function Settings({ page, callSettings, privacy, visit, onSignOut }: SettingsProps) {
  const words = useWords();
  const wide = useMedia("(min-width: 48rem)");
  const role = useRole();
  const shown = pages.filter((name) => {
    if (visit) return GUESTS.has(name);
    return name !== "visit" && (name !== "administration" || role === "admin");
  });
  // The owner has more to look after than the accounts.
  if (role === "owner" && page === "administration") return <Redirect to={`${ownerPath}/people`} replace />;
  const current = shown.find((name) => name === page);
  if (current === undefined && (page !== undefined || wide)) {
    return <Redirect to={page === undefined ? "/settings/profile" : "/settings"} replace />;
  }
  const list = <PageList pages={shown} current={current} onSignOut={visit ? null : onSignOut} />;
  if (current === undefined) {
    return (
      <Page title={words.settings.title} back="/">
        {list}
      </Page>
    );
  }
  return (
    <div className="flex h-full">
      {wide && (
        <div className="w-60 shrink-0 overflow-y-auto border-r px-3">
          <h1 className="flex h-16 items-center px-3 text-lg font-semibold">
            {words.settings.title}
          </h1>
          {list}
        </div>
      )}
      <div className="min-w-0 flex-1">
        <Page title={words.settings.pages[current]} level={wide ? 2 : 1} back="/settings">
          <Content page={current} callSettings={callSettings} privacy={privacy} visit={visit} />
        </Page>
      </div>
    </div>
  );
}

function Content({
  page,
  callSettings,
  privacy,
  visit,
}: Pick<SettingsProps, "callSettings" | "privacy" | "visit"> & { page: PageName }) {
  switch (page) {
    case "profile":
      return <ProfilePage />;
    case "visit":
      return visit;
    case "devices":
      return <DevicesPage />;
    case "password":
      return <PasswordPage />;
    case "privacy":
      return privacy;
    case "calls":
      return <CallsPage callSettings={callSettings} />;
    case "appearance":
      return <AppearancePage />;
    case "administration":
      return <AdministrationPage />;
  }
}

function PageList({
  pages: shown,
  current,
  onSignOut,
}: {
  pages: readonly PageName[];
  current: PageName | undefined;
  /** None for guests, who leave for good. */
  onSignOut: (() => void) | null;
}) {
  const words = useWords();
  const session = useSession();
  const owner = useRole() === "owner";
  return (
    <nav aria-label={words.settings.title}>
      <ul className="flex flex-col gap-0.5">
        {shown.map((name) => (
          <li key={name}>
            <Link
              href={`/settings/${name}`}
              replace={current !== undefined}
              aria-current={name === current ? "page" : undefined}
              className={cn(
                "flex h-12 items-center justify-between rounded-lg px-3 transition-colors hover:bg-muted md:h-10",
                name === current && "bg-accent font-medium text-accent-foreground hover:bg-accent",
              )}
            >
              {words.settings.pages[name]}
              <ChevronRight aria-hidden className="size-4 text-muted-foreground md:hidden" />
            </Link>
          </li>
        ))}
        {owner && (
          <li className="mt-2 border-t pt-2">
            <Link href={ownerPath} className="flex h-12 items-center justify-between rounded-lg px-3 transition-colors hover:bg-muted md:h-10">
              {words.settings.pages.server}
              <ChevronRight aria-hidden className="size-4 text-muted-foreground" />
            </Link>
          </li>
        )}
        {onSignOut && (
          <li className="mt-2 border-t pt-2">
            <Button
              variant="ghost"
              onClick={onSignOut}
              className="h-12 w-full justify-start gap-3 px-3 font-normal md:h-10"
            >
              <LogOut aria-hidden />
              {words.settings.signOut}
            </Button>
          </li>
        )}
      </ul>
      {session.version !== "" && (
        <p className="px-3 pt-4 text-xs text-muted-foreground">
          {words.settings.version(session.version)}
        </p>
      )}
    </nav>
  );
}

/** What this account may do here. */
function useRole(): Role | undefined {
  const session = useSession();
  return useReadable(session.accounts).get(session.account)?.role;
}

/** What there is to set for a guest. */
const GUESTS: ReadonlySet<PageName> = new Set(["profile", "visit", "privacy", "calls", "appearance"]);
