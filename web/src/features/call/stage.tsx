import { Info, Minimize2 } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";

import { cn } from "@/lib/cn";
import { useWords } from "@/lib/i18n";
import { type CurrentCall, type CurrentState, type Quality, QualityWatch } from "@/media";
import type { ConversationId } from "@/protocol/wire";

import { Bar, RoundButton } from "./bar";
import { DetailsPanel } from "./details-panel";
import { MorePanel } from "./more-panel";
import { AskedToVerify, Notices } from "./notices";
import { usePerson } from "./person";
import { SmallCall } from "./small-call";
import { StageHeader } from "./stage-header";
import { StageView } from "./stage-view";
import { VerifyPanel } from "./verify-panel";
import { useIdle } from "./use-call-effects";
import { useStageMode } from "./use-stage-mode";

type OpenPanel = "more" | "details" | "verify";

export interface StageProps {
  call: CurrentCall;
  state: CurrentState;
  shown: ConversationId | null;
  open: (conversation: ConversationId) => void;
  /** Plays the sound that the browser has held back. */
  blockedSound: (() => void) | null;
  onSound: () => void;
}

/** The call of this tab, from the first ring to the end. */
export function Stage({ call, state, shown, open, blockedSound, onSound }: StageProps) {
  const words = useWords();
  const ref = useRef<HTMLElement>(null);
  const [panel, setPanel] = useState<OpenPanel | null>(null);
  const { mode, setSmall } = useStageMode(state.conversation, shown);
  const fullScreen = useFullScreen(ref);
  const { quality, overrule } = useQuality(call);
  const active = state.stage.type === "active";
  const card = mode.type === "card" && !fullScreen.on;
  const comparison = state.line?.reach === "connected" ? (call.line?.comparison ?? null) : null;
  const idle = useIdle(ref, active && !card && panel === null);
  const dock = mode.type === "dock" && !fullScreen.on ? mode.box : null;
  const toggle = (which: OpenPanel) => setPanel(panel === which ? null : which);

  if (card) {
    const enlarge = () => {
      setSmall(false);
      open(state.conversation);
    };
    return <SmallCall call={call} state={state} onEnlarge={enlarge} />;
  }
  return (
    <section
      ref={ref}
      aria-label={words.call.region}
      className={cn(
        "fixed z-40 overflow-hidden bg-stage text-stage-foreground",
        !dock && "inset-0",
        idle && "cursor-none",
      )}
      style={dock ?? undefined}
    >
      <StageView call={call} state={state} />
      <div className={cn("transition-opacity", idle && "opacity-0")}>
        <StageHeader state={state}>
          {active && (
            <RoundButton
              name={words.call.details}
              aria-expanded={panel === "details"}
              tone="plain"
              small
              onClick={() => toggle("details")}
            >
              <Info aria-hidden />
            </RoundButton>
          )}
          {!fullScreen.on && (
            <RoundButton name={words.call.minimise} tone="plain" small onClick={() => setSmall(true)}>
              <Minimize2 aria-hidden />
            </RoundButton>
          )}
        </StageHeader>
        <div className="absolute inset-x-0 bottom-0 z-20 bg-linear-to-t from-black/65 to-transparent px-3 pt-10 pb-[max(1.25rem,env(safe-area-inset-bottom))]">
          <Bar call={call} active={active} more={panel === "more"} onMore={() => toggle("more")} />
        </div>
      </div>
      <div className="pointer-events-none absolute inset-x-3 top-16 z-20">
        <Notices call={call} quality={quality} onOverrule={overrule} blockedSound={blockedSound} onSound={onSound} />
        {comparison && panel !== "verify" && (
          <AskedToVerify comparison={comparison} peer={state.peer} onOpen={() => setPanel("verify")} />
        )}
        <WhoIsQuiet state={state} />
      </div>
      {panel === "details" && <DetailsPanel call={call} onClose={() => setPanel(null)} />}
      {panel === "verify" && comparison && (
        <VerifyPanel call={call} comparison={comparison} peer={state.peer} onClose={() => setPanel(null)} />
      )}
      {panel === "more" && (
        <MorePanel
          call={call}
          fullScreen={fullScreen.possible ? fullScreen.on : null}
          onFullScreen={() => {
            setPanel(null);
            fullScreen.toggle();
          }}
          onDetails={active ? () => setPanel("details") : null}
          onVerify={comparison ? () => setPanel("verify") : null}
          onClose={() => setPanel(null)}
        />
      )}
    </section>
  );
}

/** Says in words what the small signs of the other side mean, to everybody. */
function WhoIsQuiet({ state }: { state: CurrentState }) {
  const words = useWords();
  const other = usePerson(state.peer);
  if (state.stage.type !== "active" || state.line?.reach !== "connected" || state.line.remote.microphone) return null;
  return (
    <p className="mt-2 w-fit max-w-full rounded-xl bg-black/60 px-3 py-1 text-sm text-white wrap-anywhere">
      {words.call.microphoneOff(other.name)}
    </p>
  );
}

function useQuality(call: CurrentCall): { quality: Quality; overrule: () => void } {
  const current = useRef<QualityWatch | null>(null);
  const [quality, setQuality] = useState<Quality>({ weak: false, pausedCamera: false });
  useEffect(() => {
    const watch = new QualityWatch(call);
    current.current = watch;
    const unlisten = watch.state.subscribe(() => setQuality(watch.state.snapshot()));
    return () => {
      unlisten();
      watch.stop();
    };
  }, [call]);
  return { quality, overrule: () => current.current?.overrule() };
}

function useFullScreen(ref: RefObject<HTMLElement | null>): { on: boolean; possible: boolean; toggle: () => void } {
  const [on, setOn] = useState(false);
  useEffect(() => {
    const look = () => setOn(document.fullscreenElement !== null && document.fullscreenElement === ref.current);
    document.addEventListener("fullscreenchange", look);
    return () => document.removeEventListener("fullscreenchange", look);
  }, [ref]);
  const toggle = () => {
    // Refused without a click, or by a policy of the device: then it stays as it is.
    if (on) document.exitFullscreen().catch(() => undefined);
    else ref.current?.requestFullscreen({ navigationUI: "hide" }).catch(() => undefined);
  };
  return { on, possible: document.fullscreenEnabled === true, toggle };
}
