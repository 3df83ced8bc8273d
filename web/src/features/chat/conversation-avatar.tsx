import { MessagesSquare, Users } from "lucide-react";

import { PersonAvatar } from "@/components/person-avatar";
import { cn } from "@/lib/cn";
import { useReadable } from "@/lib/use-readable";
import { type ConversationView, useSession } from "@/session";

/** A conversation's picture: the other person, or a sign for many. */
export function ConversationAvatar({
  conversation,
  size = "md",
}: {
  conversation: ConversationView;
  size?: "sm" | "md";
}) {
  const session = useSession();
  const accounts = useReadable(session.accounts);
  const online = useReadable(session.presence);
  const { peer } = conversation;
  const account = peer === null ? undefined : accounts.get(peer);
  if (account) return <PersonAvatar account={account} size={size} online={online.has(account.id)} />;
  const Icon = conversation.kind === "everyone" ? MessagesSquare : Users;
  return (
    <span
      aria-hidden
      className={cn(
        "flex shrink-0 items-center justify-center rounded-full bg-secondary text-muted-foreground",
        size === "md" ? "size-10" : "size-8",
      )}
    >
      <Icon className={size === "md" ? "size-4.5" : "size-4"} strokeWidth={1.75} />
    </span>
  );
}
