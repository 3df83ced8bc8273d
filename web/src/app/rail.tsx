import { Search, UserPlus, Users } from "lucide-react";
import { type ComponentProps, lazy, type ReactNode, Suspense } from "react";
import { Link, matchRoute, useLocation, useRouter } from "wouter";

import { Mark } from "@/components/mark";
import { PersonAvatar } from "@/components/person-avatar";
import { Button, buttonVariants } from "@/components/ui/button";
import { ConversationList, NotificationOffer } from "@/features/chat";
import { NewConversationButton } from "@/features/rooms/new-conversation-button";
import { cn } from "@/lib/cn";
import { useWords } from "@/lib/i18n";
import { conversationRoute } from "@/lib/paths";
import { useMedia } from "@/lib/use-media";
import { useReadable } from "@/lib/use-readable";
import type { Account, ConversationId } from "@/protocol/wire";
import { useSession } from "@/session";

const SelfMenu = lazy(() => import("./self-menu").then((menu) => ({ default: menu.SelfMenu })));

/**
 * The left pane: conversations, people, oneself. It is a container, so that what
 * is inside can fold to pictures when it is narrow (below 9rem).
 */
export function Rail({ onInvite, className }: { /** None for guests, who ask nobody in. */ onInvite: (() => void) | null; className?: string }) {
  const words = useWords();
  const [path] = useLocation();
  const selected = useSelected(path);
  const home = path === "/";
  const alone = useMedia("(max-width: 47.999rem)") && home;
  const Title = home ? "h1" : "span";
  return (
    // One element in both roles, so that the list keeps its place when a phone turns to it. It has no
    // header or footer element: inside a role they would be the page's own.
    <div
      role={alone ? "main" : "complementary"}
      className={cn(
        "@container flex-col border-r bg-rail pt-[env(safe-area-inset-top)] pb-[env(safe-area-inset-bottom)]",
        className,
      )}
    >
      <div className="flex h-16 shrink-0 items-center gap-2.5 px-4 @max-[9rem]:justify-center">
        <Mark />
        <Title className="text-lg font-semibold tracking-tight @max-[9rem]:sr-only">
          {words.common.product}
        </Title>
      </div>
      <ConversationList selected={selected} action={onInvite && <NewConversationButton />} />
      <NotificationOffer />
      <div className="flex flex-col gap-0.5 border-t p-2">
        {onInvite && (
          <RailButton icon={<UserPlus aria-hidden />} text={words.people.invite.title} onClick={onInvite} />
        )}
        <Link
          href="/search"
          title={`${words.search.title} (${SEARCH_KEYS})`}
          aria-keyshortcuts="Control+K Meta+K"
          aria-current={path === "/search" ? "page" : undefined}
          className={railItem}
        >
          <Search aria-hidden />
          <span className="@max-[9rem]:sr-only">{words.search.title}</span>
        </Link>
        {onInvite && (
          <Link
            href="/people"
            title={words.people.title}
            aria-current={path === "/people" ? "page" : undefined}
            className={railItem}
          >
            <Users aria-hidden />
            <span className="@max-[9rem]:sr-only">{words.people.title}</span>
          </Link>
        )}
        <Self />
      </div>
    </div>
  );
}

const SEARCH_KEYS = /Mac|iP(?:hone|ad)/u.test(navigator.userAgent) ? "⌘K" : "Ctrl K";

const railItem = cn(
  buttonVariants({ variant: "ghost" }),
  "w-full justify-start gap-3 px-3 font-normal aria-[current=page]:bg-accent aria-[current=page]:text-accent-foreground @max-[9rem]:justify-center @max-[9rem]:px-0",
);

function RailButton({ icon, text, onClick }: { icon: ReactNode; text: string; onClick(): void }) {
  return (
    <button type="button" title={text} onClick={onClick} className={railItem}>
      {icon}
      <span className="@max-[9rem]:sr-only">{text}</span>
    </button>
  );
}

/** Oneself: the way to the settings and out. The menu comes after what can be read. */
function Self() {
  const session = useSession();
  const account = useReadable(session.accounts).get(session.account);
  if (!account) return null;
  return (
    <Suspense fallback={<SelfButton account={account} />}>
      <SelfMenu>
        <SelfButton account={account} />
      </SelfMenu>
    </Suspense>
  );
}

function SelfButton({ account, ...trigger }: { account: Account } & ComponentProps<typeof Button>) {
  return (
    <Button
      variant="ghost"
      title={account.name}
      className="h-12 w-full justify-start gap-2.5 px-2 text-foreground @max-[9rem]:justify-center @max-[9rem]:px-0"
      {...trigger}
    >
      <PersonAvatar account={account} size="sm" />
      <bdi className="truncate @max-[9rem]:sr-only">{account.name}</bdi>
    </Button>
  );
}

/** The conversation whose page is open. */
function useSelected(path: string): ConversationId | null {
  const { parser } = useRouter();
  const [matches, params] = matchRoute(parser, `${conversationRoute}/*?`, path);
  return matches ? (params.conversation as ConversationId) : null;
}
