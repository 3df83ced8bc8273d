import { Phone, Video } from "lucide-react";
import type { ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { Tooltip } from "@/components/ui/tooltip";
import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { type Calls, callObstacle } from "@/media";
import type { AccountId, Call, CallMedia, ConversationId } from "@/protocol/wire";
import { useSession } from "@/session";

import { useCalls } from "./center";
import { usePerson } from "./person";

/** Begins a call in a conversation of two; nothing in others. */
export function CallButtons({ conversation }: { conversation: ConversationId }) {
  const calls = useCalls();
  const session = useSession();
  const known = useReadable(session.conversations).find(({ id }) => id === conversation);
  const accounts = useReadable(session.accounts);
  if (!calls || !known || known.callee === null || accounts.get(known.callee)?.disabled) return null;
  return <Buttons calls={calls} id={known.id} peer={known.callee} />;
}

/** Calls again, beside a call that has ended. */
export function CallBack({ conversation, call }: { conversation: ConversationId; call: { media: CallMedia } }) {
  const words = useWords();
  const calls = useCalls();
  const session = useSession();
  const peer = useReadable(session.conversations).find(({ id }) => id === conversation)?.callee ?? null;
  if (!calls || peer === null) return null;
  return (
    <Button variant="link" size="sm" onClick={() => calls.start(conversation, peer, call.media)}>
      {words.call.callBack}
    </Button>
  );
}

function Buttons({ calls, id, peer }: { calls: Calls; id: ConversationId; peer: AccountId }) {
  const words = useWords();
  const session = useSession();
  const { current, elsewhere, ringing } = useReadable(calls.state);
  const offline = useReadable(session.status).type !== "online";
  const other = usePerson(elsewhere ? otherOf(elsewhere, session.account) : peer);
  const obstacle = callObstacle();
  let why: string | null = null;
  if (obstacle === "insecure") why = words.call.problems.cures.insecure;
  else if (obstacle) why = words.call.problems.noCalls;
  else if (offline) why = words.call.offline;
  else if (elsewhere) why = words.call.elsewhere(other.name);
  else if ((current && !current.ended) || ringing.length > 0) why = words.call.inCall;
  const start = (media: CallMedia) => {
    if (why === null) calls.start(id, peer, media);
  };
  return (
    <>
      <StartButton name={words.call.startAudio} why={why} onStart={() => start("audio")}>
        <Phone aria-hidden />
      </StartButton>
      <StartButton name={words.call.startVideo} why={why} onStart={() => start("video")}>
        <Video aria-hidden />
      </StartButton>
    </>
  );
}

/** Stays reachable when it cannot be used, to say why. */
function StartButton({
  name,
  why,
  onStart,
  children,
}: {
  name: string;
  why: string | null;
  onStart: () => void;
  children: ReactNode;
}) {
  return (
    <Tooltip text={why ?? name} side="bottom">
      <Button variant="ghost" size="icon" aria-label={name} aria-disabled={why !== null} onClick={onStart}>
        {children}
      </Button>
    </Tooltip>
  );
}

function otherOf(call: Call, own: AccountId): AccountId {
  return call.caller === own ? call.callee : call.caller;
}
