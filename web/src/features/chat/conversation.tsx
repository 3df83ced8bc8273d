import { MessagesSquare } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";

import { EmptyState } from "@/components/empty-state";
import { Isolate } from "@/components/isolate";
import { Button } from "@/components/ui/button";
import { conversationName } from "@/lib/conversation-name";
import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import type { ConversationId, Seq } from "@/protocol/wire";
import { type ConversationView, type Room, useSession } from "@/session";

import { Announcer } from "./announcer";
import { Composer } from "./composer";
import { ConversationHeader } from "./conversation-header";
import { KeyNotices } from "./key-notices";
import { KnockNotices } from "./knock-notices";
import { FileViews, type FileView } from "./file-views";
import { type CallBack, MessageLog } from "./message-log";
import { TypingLine } from "./typing-line";

export interface ConversationProps {
  id: ConversationId;
  /** Where the list of conversations is, on a phone. */
  back: string;
  /** In the header: what begins a call. */
  actions?: ReactNode;
  /** Above the log: a call that is running. */
  stage?: ReactNode;
  detailsOpen: boolean;
  onDetails: () => void;
  /** The message to open at. */
  target?: Seq | null;
  /** Beside a finished call. */
  callBack?: CallBack;
  /** What someone who is alone here does next. */
  invite?: ReactNode;
  /** Beside the text that is written: what adds files to send. */
  attach?: ReactNode;
  /** Above it: files on their way. */
  uploads?: ReactNode;
  /** How a file in a message looks. */
  fileView?: FileView;
}

/** One conversation: who, what was said, and where to write. */
export function Conversation(props: ConversationProps) {
  const { common } = useWords();
  const session = useSession();
  const ready = useReadable(session.ready);
  const conversation = useReadable(session.conversations).find(({ id }) => id === props.id);
  const room = session.room(props.id);
  if (conversation && room) {
    return <OpenConversation key={props.id} {...props} conversation={conversation} room={room} />;
  }
  if (!ready) return null;
  return (
    <EmptyState
      className="h-full"
      title={common.notFound.title}
      text={common.notFound.text}
      action={
        <Button asChild>
          <Link href={props.back}>{common.notFound.action}</Link>
        </Button>
      }
    />
  );
}

function OpenConversation({
  conversation,
  room,
  back,
  actions,
  stage,
  detailsOpen,
  onDetails,
  target,
  callBack,
  invite,
  attach,
  uploads,
  fileView,
}: ConversationProps & { conversation: ConversationView; room: Room }) {
  const words = useWords();
  const accounts = useReadable(useSession().accounts);
  const [sent, setSent] = useState(0);
  const name = conversationName(conversation, accounts, words);
  return (
    <div className="@container flex h-full min-w-0 flex-col">
      <ConversationHeader
        conversation={conversation}
        back={back}
        actions={actions}
        detailsOpen={detailsOpen}
        onDetails={onDetails}
      />
      {stage}
      <KnockNotices conversation={conversation.id} />
      <KeyNotices conversation={conversation} />
      <FileViews value={fileView ?? null}>
        <MessageLog
          // Another room under the same id: left and added again. Another message: open there.
          key={`${generation(room)} ${target ?? ""}`}
          target={target ?? null}
          room={room}
          conversation={conversation}
          sent={sent}
          begin={<Begin conversation={conversation} name={name} invite={invite} />}
          empty={<Nothing conversation={conversation} name={name} invite={invite} />}
          callBack={callBack}
        />
      </FileViews>
      <div className="mx-auto w-full max-w-[52rem] @xl:px-1">
        <TypingLine room={room} />
      </div>
      {uploads}
      <Composer
        conversation={conversation.id}
        attach={attach}
        // A name that would be cut off says less than none.
        placeholder={name.length > 28 ? words.chat.message : words.chat.messageTo(name)}
        onSent={() => setSent((count) => count + 1)}
      />
      <Announcer conversation={conversation.id} />
    </div>
  );
}

/** Above the first entry: what this place is for. */
function Begin({ conversation, name, invite }: { conversation: ConversationView; name: string; invite: ReactNode }) {
  const { begin, empty } = useWords().chat;
  const alone = conversation.kind === "everyone" && conversation.members.length <= 1;
  return (
    <div className="px-2 pt-10 pb-2 text-center text-muted-foreground">
      {alone ? (
        <>
          <p className="text-lg font-semibold text-foreground">{empty.alone.title}</p>
          <p className="mt-1 text-balance">{empty.alone.text}</p>
          {invite && <div className="mt-4">{invite}</div>}
        </>
      ) : (
        <p className="text-sm text-balance">
          {conversation.kind === "everyone" ? (
            begin.everyone
          ) : (
            <Isolate say={begin[conversation.kind]} names={[name]} />
          )}
        </p>
      )}
    </div>
  );
}

/** Instead of entries. */
function Nothing({ conversation, name, invite }: { conversation: ConversationView; name: string; invite: ReactNode }) {
  const { empty } = useWords().chat;
  if (conversation.kind === "direct") {
    return (
      <EmptyState
        icon={MessagesSquare}
        title={<Isolate say={empty.direct.title} names={[name]} />}
        text={empty.direct.text}
      />
    );
  }
  const alone = conversation.members.length <= 1;
  const { title, text } = alone ? empty.alone : empty[conversation.kind];
  return <EmptyState icon={MessagesSquare} title={title} text={text} action={alone ? invite : null} />;
}

/** A key that is the same for the same room object. */
function generation(room: Room): number {
  const known = generations.get(room);
  if (known !== undefined) return known;
  generations.set(room, ++last);
  return last;
}

const generations = new WeakMap<Room, number>();
let last = 0;
