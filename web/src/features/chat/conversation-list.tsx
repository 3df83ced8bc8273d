import { Search } from "lucide-react";
import { type ReactNode, useDeferredValue, useState } from "react";

import { Input } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/skeleton";
import { conversationName } from "@/lib/conversation-name";
import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import type { ConversationId } from "@/protocol/wire";
import { useSession } from "@/session";

import { ConversationRow } from "./conversation-row";

/** The conversations of this account, the last active first. In a narrow rail only their pictures. */
export function ConversationList({
  selected,
  action,
}: {
  selected: ConversationId | null;
  /** Beside the search: what begins a new conversation. */
  action?: ReactNode;
}) {
  const words = useWords();
  const session = useSession();
  const ready = useReadable(session.ready);
  const conversations = useReadable(session.conversations);
  const accounts = useReadable(session.accounts);
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search.trim().toLocaleLowerCase());
  const found = wanted
    ? conversations.filter((c) => conversationName(c, accounts, words).toLocaleLowerCase().includes(wanted))
    : conversations;
  return (
    <nav aria-label={words.chat.conversations} className="@container flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-13 items-center gap-2 px-3 pt-1 pb-2 @max-[9rem]:justify-center">
        {conversations.length >= SEARCH_FROM ? (
          <SearchField value={search} onChange={setSearch} />
        ) : (
          <h2 className="flex-1 px-1 text-sm font-medium text-muted-foreground @max-[9rem]:hidden">
            {words.chat.conversations}
          </h2>
        )}
        {action}
      </div>
      <ul className="min-h-0 flex-1 space-y-0.5 overflow-y-auto overscroll-contain px-2 pb-3">
        {found.map((conversation) => (
          <ConversationRow key={conversation.id} conversation={conversation} selected={conversation.id === selected} />
        ))}
        {!ready && <Waiting />}
        {ready && found.length === 0 && (
          <li className="px-3 py-6 text-center text-sm text-muted-foreground @max-[9rem]:hidden">{words.chat.noneFound}</li>
        )}
      </ul>
    </nav>
  );
}

function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { chat } = useWords();
  return (
    <div className="relative min-w-0 flex-1 @max-[9rem]:hidden">
      <Search
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted-foreground"
      />
      <Input
        type="search"
        value={value}
        aria-label={chat.search}
        placeholder={chat.search}
        className="h-10 bg-background pl-9 text-sm"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onChange("");
        }}
      />
    </div>
  );
}

/** Where conversations will be in a moment. */
function Waiting() {
  return [0.6, 0.45, 0.55].map((width) => (
    <li key={width} aria-hidden className="flex items-center gap-3 px-2.5 py-2">
      <Skeleton className="size-10 rounded-full" />
      <span className="flex-1 space-y-2 @max-[9rem]:hidden">
        <Skeleton className="h-3.5" style={{ width: `${width * 100}%` }} />
        <Skeleton className="h-3 w-4/5" />
      </span>
    </li>
  ));
}

/** Fewer conversations are found by looking. */
const SEARCH_FROM = 6;
