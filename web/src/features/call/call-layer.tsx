import { useCallback, useEffect, useState } from "react";
import { createPortal } from "react-dom";

import { useReadable } from "@/lib/use-readable";
import type { Calls, CurrentCall } from "@/media";
import type { ConversationId } from "@/protocol/wire";
import { useSession } from "@/session";

import { devices, sounds, takeCalls, useCalls } from "./center";
import { EndedCard } from "./ended-card";
import { IncomingCard } from "./incoming-card";
import { RejoinCard } from "./rejoin-card";
import { SoundOut } from "./sound-out";
import { Stage } from "./stage";
import { useShortcuts, useWakeLock } from "./use-call-effects";
import { useMessageSound } from "./use-message-sound";

export interface CallLayerProps {
  /** The conversation on the screen. */
  shown: ConversationId | null;
  /** Goes to a conversation, to write in it. */
  open: (conversation: ConversationId) => void;
}

/** Everything there is to see and hear of calls, above the page. Mounted once while somebody is signed in. */
export function CallLayer(props: CallLayerProps) {
  const session = useSession();
  useEffect(() => takeCalls(session), [session]);
  useMessageSound(props.shown);
  useEffect(() => {
    void devices.refresh();
    const follow = () => sounds.setSpeaker(devices.list.snapshot().chosen.speaker);
    return devices.list.subscribe(follow);
  }, []);
  const calls = useCalls();
  // Outside of the page's root, so that a dialog there does not take the call away.
  return calls && createPortal(<Layer calls={calls} {...props} />, document.body);
}

function Layer({ calls, shown, open }: CallLayerProps & { calls: Calls }) {
  const { current, ringing, left } = useReadable(calls.state);
  const ring = ringing[0];
  const inCall = current !== null && !current.ended;
  return (
    <>
      {current && <Current key={current.state.snapshot().id} calls={calls} call={current} shown={shown} open={open} />}
      {ring && !inCall && <IncomingCard key={ring.id} calls={calls} call={ring} open={open} />}
      {left && !inCall && !ring && <RejoinCard key={left.id} calls={calls} call={left} open={open} />}
    </>
  );
}

function Current({ calls, call, shown, open }: CallLayerProps & { calls: Calls; call: CurrentCall }) {
  const state = useReadable(call.state);
  const ended = state.stage.type === "ended";
  const [blocked, setBlocked] = useState<(() => void) | null>(null);
  const onBlocked = useCallback((play: () => void) => setBlocked(() => play), []);
  useShortcuts(ended ? null : call);
  useWakeLock(!ended);
  if (state.stage.type === "ended") return <EndedCard calls={calls} state={state} stage={state.stage} />;
  return (
    <>
      <Stage call={call} state={state} shown={shown} open={open} blockedSound={blocked} onSound={() => setBlocked(null)} />
      {state.line && <SoundOut tracks={state.line.tracks} onBlocked={onBlocked} />}
    </>
  );
}
