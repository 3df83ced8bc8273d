import { Search as SearchIcon, X } from "lucide-react";
import { useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";

import { EmptyState } from "@/components/empty-state";
import { LongList } from "@/components/long-list";
import { Page } from "@/components/page";
import { PersonAvatar } from "@/components/person-avatar";
import { RelativeTime } from "@/components/relative-time";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { conversationName } from "@/lib/conversation-name";
import { useWords } from "@/lib/i18n";
import { messagePath } from "@/lib/paths";
import { useReadable } from "@/lib/use-readable";
import type { ConversationId } from "@/protocol/wire";
import type { Document } from "@/search";
import { useSession } from "@/session";

import { excerpt } from "./highlight";
import { useFound } from "./use-found";

/** Looks for messages in all conversations, or in the one that the address names. */
export function SearchPage() {
  const { search: words } = useWords();
  const [params, setParams] = useSearchParams();
  const [text, setText] = useState(params.get("q") ?? "");
  const within = params.get("in") as ConversationId | null;
  const [limit, setLimit] = useState(FIRST);
  const found = useFound(text, within, limit);

  const change = (text: string) => {
    setText(text);
    setLimit(FIRST);
    // In the address, so that "back" from a message comes to the same results.
    setParams(
      (params) => {
        if (text) params.set("q", text);
        else params.delete("q");
        return params;
      },
      { replace: true },
    );
  };

  return (
    <Page title={words.title} back="/">
      <div className="relative">
        <SearchIcon
          aria-hidden
          className="pointer-events-none absolute top-1/2 left-3.5 size-4 -translate-y-1/2 text-muted-foreground"
        />
        <Input
          type="search"
          autoFocus
          aria-label={words.field}
          placeholder={words.field}
          value={text}
          maxLength={200}
          onChange={(event) => change(event.target.value)}
          className="pl-10"
        />
      </div>
      <Within id={within} />
      <Progress />
      {found && found.total > 0 && (
        <>
          <p role="status" className="mt-5 text-sm text-muted-foreground">
            {words.found(found.total)}
          </p>
          <LongList items={found.hits} keyOf={keyOf} className="-mx-3 mt-2">
            {(hit) => <Hit hit={hit} query={text} />}
          </LongList>
          {found.hits.length < found.total && (
            <Button variant="secondary" className="mt-4" onClick={() => setLimit(limit * 4)}>
              {words.more}
            </Button>
          )}
        </>
      )}
      {found?.total === 0 && (
        <p role="status" className="mt-6 text-muted-foreground">
          {words.nothing(text.trim())}
        </p>
      )}
      {!text.trim() && <EmptyState icon={SearchIcon} title={words.empty.title} text={words.empty.text} />}
    </Page>
  );
}

/** One message that was found: the way to it. */
function Hit({ hit, query }: { hit: Document; query: string }) {
  const words = useWords();
  const session = useSession();
  const accounts = useReadable(session.accounts);
  const conversation = useReadable(session.conversations).find(({ id }) => id === hit.conversation);
  const account = accounts.get(hit.sender);
  return (
    <Link
      href={messagePath(hit.conversation, hit.seq)}
      className="flex gap-3 rounded-lg px-3 py-2.5 hover:bg-muted focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-ring"
    >
      {account && <PersonAvatar account={account} size="sm" className="mt-0.5" />}
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline gap-2">
          <bdi className="truncate font-medium">{account?.name ?? words.chat.someone}</bdi>
          {conversation && conversation.kind !== "direct" && (
            <bdi className="truncate text-sm text-muted-foreground">
              {conversationName(conversation, accounts, words)}
            </bdi>
          )}
          <RelativeTime time={hit.time} className="ms-auto shrink-0 text-xs text-muted-foreground tabular-nums" />
        </span>
        <span dir="auto" className="line-clamp-3 text-muted-foreground [overflow-wrap:anywhere]">
          {excerpt(hit.text, query).map(({ text, hit }, i) =>
            hit ? (
              <mark key={i} className="rounded-xs bg-primary/15 text-foreground">
                {text}
              </mark>
            ) : (
              text
            ),
          )}
        </span>
      </span>
    </Link>
  );
}

/** The conversation that is searched, when it is only one; and the way to all. */
function Within({ id }: { id: ConversationId | null }) {
  const words = useWords();
  const session = useSession();
  const accounts = useReadable(session.accounts);
  const conversation = useReadable(session.conversations).find((conversation) => conversation.id === id);
  const [, navigate] = useLocation();
  const [params] = useSearchParams();
  if (!conversation) return null;
  const query = params.get("q");
  return (
    <div className="mt-3 flex">
      <Button
        variant="secondary"
        size="sm"
        onClick={() => navigate(query ? `/search?q=${encodeURIComponent(query)}` : "/search", { replace: true })}
      >
        <bdi className="max-w-60 truncate">{words.search.within(conversationName(conversation, accounts, words))}</bdi>
        <X aria-hidden />
        <span className="sr-only">{words.search.everywhere}</span>
      </Button>
    </div>
  );
}

/** While older messages cannot be found yet. */
function Progress() {
  const { search: words } = useWords();
  const { progress } = useSession().search;
  const { indexed, entries, state } = useReadable(progress);
  if (state === "complete" || entries === 0) return null;
  return (
    <div className="mt-4 text-sm text-muted-foreground">
      <p id="search-progress">{state === "failed" ? words.paused : words.indexing(indexed, entries)}</p>
      <progress
        aria-labelledby="search-progress"
        value={indexed}
        max={entries}
        className="mt-1.5 h-1 w-full overflow-hidden rounded-full [&::-moz-progress-bar]:bg-primary [&::-webkit-progress-bar]:bg-muted [&::-webkit-progress-value]:bg-primary"
      />
    </div>
  );
}

function keyOf({ conversation, seq }: Document): string {
  return `${conversation}/${seq}`;
}

const FIRST = 50;
