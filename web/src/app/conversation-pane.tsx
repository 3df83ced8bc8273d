import { UserPlus } from "lucide-react";
import { useLocation } from "wouter";

import { Button } from "@/components/ui/button";
import { Conversation } from "@/features/chat";
import { useWords } from "@/lib/i18n";
import { conversationPath } from "@/lib/paths";
import type { ConversationId } from "@/protocol/wire";

/** A conversation with what other features put into it. */
export function ConversationPane({
  id,
  panel,
  onInvite,
}: {
  id: ConversationId;
  /** What is open beside it, as the address says, so that "back" closes it. */
  panel: string | undefined;
  onInvite(): void;
}) {
  const words = useWords();
  const [, navigate] = useLocation();
  const details = panel === "details";
  const toggleDetails = () => {
    if (details) navigate(conversationPath(id), { replace: true });
    else navigate(`${conversationPath(id)}/details`);
  };
  return (
    <div className="relative flex h-full">
      <div className="min-w-0 flex-1">
        <Conversation
          id={id}
          back="/"
          detailsOpen={details}
          onDetails={toggleDetails}
          invite={
            <Button onClick={onInvite}>
              <UserPlus aria-hidden />
              {words.people.invite.title}
            </Button>
          }
        />
      </div>
    </div>
  );
}
