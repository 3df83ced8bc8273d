import { UserPlus } from "lucide-react";
import { Suspense } from "react";
import { useLocation } from "wouter";

import { Button } from "@/components/ui/button";
import { Conversation, type ConversationProps } from "@/features/chat";
import { useWords } from "@/lib/i18n";
import { conversationPath } from "@/lib/paths";
import type { ConversationId } from "@/protocol/wire";

import { CallBack, CallButtons, CallDock } from "./call-parts";

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
    <div className="relative flex h-full flex-col xl:flex-row">
      <Suspense>
        <CallDock
          conversation={id}
          className="peer min-h-[55%] shrink-0 xl:min-h-0 xl:flex-1 xl:shrink"
        />
      </Suspense>
      <div className="min-h-0 min-w-0 flex-1 peer-data-dock:border-l xl:peer-data-dock:max-w-92">
        <Conversation
          id={id}
          back="/"
          actions={
            <Suspense>
              <CallButtons conversation={id} />
            </Suspense>
          }
          callBack={callBackIn(id)}
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

/** What stands beside a call that has ended. */
function callBackIn(conversation: ConversationId): NonNullable<ConversationProps["callBack"]> {
  return (call) => (
    <Suspense>
      <CallBack conversation={conversation} call={call} />
    </Suspense>
  );
}
