import { useId } from "react";
import { Link } from "wouter";

import { RelativeTime } from "@/components/relative-time";
import { Badge } from "@/components/ui/badge";
import { cn } from "@/lib/cn";
import { conversationName } from "@/lib/conversation-name";
import { useWords } from "@/lib/i18n";
import { conversationPath } from "@/lib/paths";
import { useReadable } from "@/lib/use-readable";
import { type ConversationView, useSession } from "@/session";

import { callWords } from "./call-words";
import { ConversationAvatar } from "./conversation-avatar";
import { useNames } from "./people";
import { previewOf } from "./preview";
import { RoomChangeText } from "./room-change";

/** A conversation in the list. Named by its name and unread count; the preview only describes it. */
export function ConversationRow({ conversation, selected }: { conversation: ConversationView; selected: boolean }) {
  const words = useWords();
  const session = useSession();
  const accounts = useReadable(session.accounts);
  const online = useReadable(session.presence);
  const id = useId();
  const { peer, last, unread } = conversation;
  const name = conversationName(conversation, accounts, words);
  const isOnline = peer !== null && online.has(peer);
  return (
    <li>
      <Link
        href={conversationPath(conversation.id)}
        aria-current={selected ? "page" : undefined}
        aria-labelledby={`${id}-name ${id}-online ${id}-unread`}
        aria-describedby={`${id}-preview`}
        title={name}
        className={cn(
          "flex items-center gap-3 rounded-lg px-2.5 py-2 transition-colors hover:bg-muted @max-[9rem]:justify-center @max-[9rem]:px-1",
          selected && "bg-accent hover:bg-accent",
        )}
      >
        <span className="relative flex">
          <ConversationAvatar conversation={conversation} />
          {unread > 0 && (
            <span aria-hidden className="absolute -top-0.5 -right-0.5 hidden size-3 rounded-full bg-primary ring-2 ring-rail @max-[9rem]:block" />
          )}
        </span>
        <span className="min-w-0 flex-1 @max-[9rem]:sr-only">
          <span className="flex items-baseline gap-2">
            <bdi id={`${id}-name`} className={cn("min-w-0 flex-1 truncate", unread > 0 ? "font-semibold" : "font-medium")}>
              {name}
            </bdi>
            {isOnline && (
              <span id={`${id}-online`} className="sr-only">
                , {words.chat.online}
              </span>
            )}
            {last && <RelativeTime time={last.time} className="shrink-0 text-xs text-muted-foreground tabular-nums" />}
          </span>
          <span className="flex items-center gap-2">
            <span
              id={`${id}-preview`}
              className={cn("min-w-0 flex-1 truncate text-sm", unread > 0 ? "text-foreground" : "text-muted-foreground")}
            >
              <Preview conversation={conversation} />
            </span>
            {unread > 0 && (
              <Badge variant="primary">
                <span aria-hidden>{unread > 99 ? "99+" : unread}</span>
                <span id={`${id}-unread`} className="sr-only">
                  , {words.chat.unread(unread)}
                </span>
              </Badge>
            )}
          </span>
        </span>
      </Link>
    </li>
  );
}

/** The last thing that happened in a conversation. */
function Preview({ conversation }: { conversation: ConversationView }) {
  const words = useWords();
  const session = useSession();
  const nameOf = useNames();
  const pending = useReadable(session.outbox.of(conversation.id));
  const own = session.account;
  const unsent = pending.at(-1);
  if (unsent) return <Said who={words.chat.you} text={previewOf(unsent.text)} />;
  const content = conversation.last?.content;
  switch (content?.type) {
    case undefined:
      return words.chat.noMessages;
    case "room":
      return <RoomChangeText by={content.by} change={content.change} />;
    case "call":
      return callWords(content, own, words);
    case "message": {
      const text = content.content ? previewOf(content.content.text) : words.chat.unreadable;
      if (content.sender === own) return <Said who={words.chat.you} text={text} />;
      return conversation.kind === "direct" ? <bdi>{text}</bdi> : <Said who={nameOf(content.sender)} text={text} />;
    }
  }
}

function Said({ who, text }: { who: string; text: string }) {
  const words = useWords();
  return (
    <>
      <bdi>{words.chat.from(who)}</bdi> <bdi>{text}</bdi>
    </>
  );
}
