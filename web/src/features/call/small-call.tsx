import { Maximize2 } from "lucide-react";
import { useCallback } from "react";

import { cn } from "@/lib/cn";
import { useWords } from "@/lib/i18n";
import type { CurrentCall, CurrentState } from "@/media";

import { HangUpButton, MuteButton, RoundButton } from "./bar";
import { AvatarFace, FullPicture } from "./face";
import { usePerson } from "./person";
import { connectionWords } from "./stage-header";
import { Timer } from "./timer";
import { Picture } from "./track-view";
import { useCorner } from "./use-corner";
import { useSpeaking } from "./use-call-effects";

/** The call while one is elsewhere: a card that stays out of the way. */
export function SmallCall({
  call,
  state,
  onEnlarge,
}: {
  call: CurrentCall;
  state: CurrentState;
  onEnlarge: () => void;
}) {
  const words = useWords();
  const other = usePerson(state.peer);
  const { corner, dragging, onKeyDown, handlers } = useCorner({ top: true, left: false }, onEnlarge);
  const loudness = useCallback(() => call.line?.peer?.loudness() ?? 0, [call]);
  const speaking = useSpeaking(loudness);
  const { stage, line } = state;
  return (
    <section
      aria-label={words.call.region}
      {...handlers}
      className={cn(
        "fixed z-40 aspect-4/3 w-56 animate-appear cursor-grab touch-none overflow-hidden rounded-2xl bg-stage text-stage-foreground shadow-lift ring-1 ring-white/15 sm:aspect-video sm:w-76",
        corner.top ? "top-[calc(4.25rem+env(safe-area-inset-top))]" : "bottom-[calc(6rem+env(safe-area-inset-bottom))]",
        corner.left ? "left-3 sm:left-5" : "right-3 sm:right-5",
        dragging && "cursor-grabbing",
      )}
    >
      <div className="pointer-events-none absolute inset-0 flex items-center justify-center">
        {line?.remote.screen ? (
          <Picture track={line.tracks.screen} aria-label={words.call.screenOf(other.name)} className="object-contain" />
        ) : line?.remote.camera ? (
          <FullPicture track={line.tracks.camera} label={words.call.pictureOf(other.name)} />
        ) : (
          <AvatarFace person={other} speaking={speaking} size="lg" />
        )}
      </div>
      <p className="pointer-events-none absolute inset-x-0 top-0 flex items-baseline gap-2 bg-linear-to-b from-black/65 to-transparent px-3 pt-2 pb-5 text-sm">
        <span className="truncate font-medium">{other.name}</span>
        {stage.type === "active" && <Timer since={stage.since} />}
        <span role="status" className="truncate text-white/80">
          {stage.type === "active" ? connectionWords(state, other.name, words) : words.call.ringing}
        </span>
      </p>
      <div className="absolute inset-x-0 bottom-0 flex items-center justify-end gap-1.5 bg-linear-to-t from-black/65 to-transparent p-2 pt-6">
        <RoundButton name={words.call.backToCall} tone="plain" small onKeyDown={onKeyDown} onClick={onEnlarge}>
          <Maximize2 aria-hidden />
        </RoundButton>
        <MuteButton call={call} small />
        <HangUpButton call={call} small />
      </div>
    </section>
  );
}
