import { UserPlus } from "lucide-react";
import { lazy, Suspense } from "react";
import { useLocation, useSearchParams } from "wouter";

import { Button } from "@/components/ui/button";
import { Conversation, type ConversationProps } from "@/features/chat";
import { AttachButton, FileMessage, FilesPlace, UploadList, ViewerPlace } from "@/features/files";
import { useWords } from "@/lib/i18n";
import { conversationPath } from "@/lib/paths";
import { useMedia } from "@/lib/use-media";
import type { ConversationId } from "@/protocol/wire";

import { CallBack, CallButtons, CallDock } from "./call-parts";

const RoomPanel = lazy(() => import("@/features/rooms").then((rooms) => ({ default: rooms.RoomPanel })));

export interface ConversationPaneProps {
  id: ConversationId;
  /** Whether the panel is open; the address says so, that "back" may close it. */
  details: boolean;
  onInvite(): void;
}

/** A conversation with what other features put into it. */
export function ConversationPane({ id, details, onInvite }: ConversationPaneProps) {
  const words = useWords();
  const [, navigate] = useLocation();
  const beside = useMedia("(min-width: 64rem)");
  const [params] = useSearchParams();
  const path = conversationPath(id);
  const close = () => navigate(path, { replace: true });
  const toggle = () => {
    if (details) close();
    else navigate(`${path}/details`, { replace: beside });
  };
  return (
    <div className="flex h-full">
      <div className="flex min-w-0 flex-1 flex-col xl:flex-row">
        <Suspense>
          <CallDock
            conversation={id}
            className="peer min-h-[55%] shrink-0 xl:min-h-0 xl:flex-1 xl:shrink"
          />
        </Suspense>
        <div className="min-h-0 min-w-0 flex-1 peer-data-dock:border-l xl:peer-data-dock:max-w-92">
          <FilesPlace conversation={id} className="h-full">
            <ViewerPlace conversation={id}>
              <Conversation
                id={id}
                back="/"
                attach={<AttachButton />}
                uploads={<UploadList conversation={id} />}
                fileView={viewOf}
                actions={
                  <Suspense>
                    <CallButtons conversation={id} />
                  </Suspense>
                }
                callBack={callBackIn(id)}
                target={Number(params.get("at")) || null}
                detailsOpen={details}
                onDetails={toggle}
                invite={
                  <Button onClick={onInvite}>
                    <UserPlus aria-hidden />
                    {words.people.invite.title}
                  </Button>
                }
              />
            </ViewerPlace>
          </FilesPlace>
        </div>
      </div>
      <Suspense>
        <RoomPanel key={id} id={id} open={details} onClose={close} />
      </Suspense>
    </div>
  );
}

const viewOf: NonNullable<ConversationProps["fileView"]> = (file, own) => <FileMessage file={file} own={own} />;

/** What stands beside a call that has ended. */
function callBackIn(conversation: ConversationId): NonNullable<ConversationProps["callBack"]> {
  return (call) => (
    <Suspense>
      <CallBack conversation={conversation} call={call} />
    </Suspense>
  );
}
