import { ArrowLeft, PanelRight } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { MixedLetters } from "@/components/mixed-letters";
import { Verified } from "@/components/verified";
import { Button } from "@/components/ui/button";
import { Tooltip } from "@/components/ui/tooltip";
import { conversationName } from "@/lib/conversation-name";
import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { type ConversationView, useContact, useSession } from "@/session";

import { ConversationAvatar } from "./conversation-avatar";

/** Who one is talking to. */
export function ConversationHeader({
  conversation,
  back,
  actions,
  detailsOpen,
  onDetails,
}: {
  conversation: ConversationView;
  /** Where the list is, on a phone. */
  back: string;
  actions?: ReactNode;
  detailsOpen: boolean;
  onDetails: () => void;
}) {
  const words = useWords();
  const session = useSession();
  const accounts = useReadable(session.accounts);
  const online = useReadable(session.presence);
  const { peer, members } = conversation;
  const contact = useContact(peer);
  const name = conversationName(conversation, accounts, words);
  const presence =
    peer === null
      ? words.chat.members(members.length)
      : online.has(peer)
        ? words.chat.online
        : words.chat.away;
  return (
    <header className="flex h-16 shrink-0 items-center gap-3 border-b px-3 md:px-4">
      <Button asChild variant="ghost" size="icon" className="-ml-1 md:hidden">
        <Link href={back} aria-label={words.common.back}>
          <ArrowLeft aria-hidden />
        </Link>
      </Button>
      <span className="max-md:hidden">
        <ConversationAvatar conversation={conversation} />
      </span>
      <div className="min-w-0 flex-1">
        <div className="flex items-center gap-2">
          <h1 className="truncate text-base leading-5.5 font-semibold">
            <bdi>{name}</bdi>
          </h1>
          {contact?.verified && <Verified />}
          <MixedLetters name={name} />
        </div>
        <p className="truncate text-xs text-muted-foreground">{presence}</p>
      </div>
      {actions}
      <Tooltip text={words.chat.details} side="bottom">
        <Button
          variant="ghost"
          size="icon"
          aria-label={words.chat.details}
          aria-expanded={detailsOpen}
          onClick={onDetails}
        >
          <PanelRight aria-hidden />
        </Button>
      </Tooltip>
    </header>
  );
}
