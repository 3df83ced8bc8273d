import { DoorOpen } from "lucide-react";
import { type ReactNode, useId } from "react";
import { Link } from "wouter";

import { RelativeTime } from "@/components/relative-time";
import { Badge } from "@/components/ui/badge";
import { cn } from "@/lib/cn";
import { conversationName } from "@/lib/conversation-name";
import { useWords } from "@/lib/i18n";
import { conversationPath } from "@/lib/paths";
import { useReadable } from "@/lib/use-readable";
import { contentOf, type ConversationView, useSession } from "@/session";

import { callWords } from "./call-words";
import { ConversationAvatar } from "./conversation-avatar";
import { useNames } from "./people";
import { contentText, saidText } from "./said";
import { ChangeText } from "./change-text";

/** A conversation in the list. Named by its name and unread count; the preview only describes it. */
export function ConversationRow({ conversation, selected }: { conversation: ConversationView; selected: boolean }) {
  const words = useWords();
  const session = useSession();
  const accounts = useReadable(session.accounts);
  const online = useReadable(session.presence);
  const id = useId();
  const { peer, last, unread } = conversation;
  const knocks = useReadable(session.keys.lobby.knocks).get(conversation.id)?.length ?? 0;
  const name = conversationName(conversation, accounts, words);
  const count = unread > 99 ? "99+" : unread;
  const isOnline = peer !== null && online.has(peer);
  return (
    <li
      className={cn(
        "relative flex items-center gap-3 rounded-lg px-2.5 py-2 transition-colors hover:bg-muted @max-[9rem]:justify-center @max-[9rem]:gap-0 @max-[9rem]:px-1",
        selected && "bg-accent hover:bg-accent",
      )}
    >
      <span className="relative flex">
        <ConversationAvatar conversation={conversation} />
        {knocks > 0 && (
          <span
            aria-hidden
            className="absolute -right-1.5 -bottom-1 hidden size-4.5 items-center justify-center rounded-full bg-attention text-attention-foreground ring-2 ring-rail @max-[9rem]:flex"
          >
            <DoorOpen className="size-3" />
          </span>
        )}
        {unread > 0 && (
          <span
            aria-hidden
            className="absolute -top-1 -right-1.5 hidden h-4.5 min-w-4.5 items-center justify-center rounded-full bg-primary px-1 text-[0.6875rem] font-medium text-primary-foreground ring-2 ring-rail @max-[9rem]:flex"
          >
            {count}
          </span>
        )}
      </span>
      <div className="min-w-0 flex-1 @max-[9rem]:flex-none">
        <div className="flex items-baseline gap-2">
          <Link
            href={conversationPath(conversation.id)}
            aria-current={selected ? "page" : undefined}
            aria-describedby={id}
            title={name}
            // The whole row is the target, though only the name is the link's text.
            className={cn(
              "min-w-0 flex-1 truncate outline-none after:absolute after:inset-0 after:rounded-lg focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ring",
              unread > 0 ? "font-semibold" : "font-medium",
            )}
          >
            <bdi className="@max-[9rem]:sr-only">{name}</bdi>
            {isOnline && <span className="sr-only">, {words.chat.online}</span>}
            {unread > 0 && <span className="sr-only">, {words.chat.unread(unread)}</span>}
            {knocks > 0 && <span className="sr-only">, {words.chat.knocks.count(knocks)}</span>}
          </Link>
          {last && (
            <RelativeTime
              time={last.time}
              className="shrink-0 text-xs text-muted-foreground tabular-nums @max-[9rem]:hidden"
            />
          )}
        </div>
        <div className="flex items-center gap-2 @max-[9rem]:hidden">
          <span
            id={id}
            className={cn(
              "min-w-0 flex-1 text-sm",
              unread > 0 ? "text-foreground" : "text-muted-foreground",
            )}
          >
            <Preview conversation={conversation} />
          </span>
          {knocks > 0 && (
            <Badge variant="attention" aria-hidden className="gap-1">
              <DoorOpen className="size-3.5" />
              {knocks}
            </Badge>
          )}
          {unread > 0 && (
            <Badge variant="primary" aria-hidden>
              {count}
            </Badge>
          )}
        </div>
      </div>
    </li>
  );
}

/** The last thing that happened in a conversation, in one line. */
function Preview({ conversation }: { conversation: ConversationView }) {
  const words = useWords();
  const session = useSession();
  const nameOf = useNames();
  const pending = useReadable(session.outbox.of(conversation.id));
  const own = session.account;
  const unsent = pending.at(-1);
  if (unsent) return <Said who={words.chat.you} text={contentText(contentOf(unsent), words)} />;
  const content = conversation.last?.content;
  switch (content?.type) {
    case undefined:
      return <Line>{words.chat.noMessages}</Line>;
    case "change":
      return (
        <Line>
          <ChangeText entry={content} />
        </Line>
      );
    case "call":
      return <Line>{callWords(content, own, words)}</Line>;
    case "message": {
      const text = saidText(content, words);
      if (content.sender === own) return <Said who={words.chat.you} text={text} />;
      if (conversation.kind !== "direct") return <Said who={nameOf(content.sender)} text={text} />;
      // The line takes the direction of the text, so that it is cut at its end.
      return <Line dir="auto">{text}</Line>;
    }
  }
}

function Said({ who, text }: { who: string; text: string }) {
  const words = useWords();
  return (
    <Line>
      <bdi>{words.chat.from(who)}</bdi> <bdi>{text}</bdi>
    </Line>
  );
}

function Line({ dir, children }: { dir?: "auto"; children: ReactNode }) {
  return (
    <span dir={dir} className="block truncate text-left">
      {children}
    </span>
  );
}
