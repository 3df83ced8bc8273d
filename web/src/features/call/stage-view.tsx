import { useCallback } from "react";

import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import type { CurrentCall, CurrentState } from "@/media";
import { useSession } from "@/session";

import { AvatarFace, FullPicture, StripTile } from "./face";
import { usePerson } from "./person";
import { SelfTile } from "./self-tile";
import { connectionWords } from "./stage-header";
import { Picture } from "./track-view";
import { useSpeaking } from "./use-call-effects";

/** Who and what is seen: the other side, a shared screen, oneself. */
export function StageView({ call, state }: { call: CurrentCall; state: CurrentState }) {
  return state.stage.type === "active" ? <Talk call={call} state={state} /> : <Waiting call={call} state={state} />;
}

/** Before the other side is there: oneself, and who is called. */
function Waiting({ call, state }: { call: CurrentCall; state: CurrentState }) {
  const words = useWords();
  const other = usePerson(state.peer);
  const { camera } = useReadable(call.local.state);
  const waiting = { starting: words.call.starting(other.name), ringing: words.call.ringing };
  const text = state.stage.type === "starting" || state.stage.type === "ringing" ? waiting[state.stage.type] : words.call.connecting;
  return (
    <>
      {camera.type === "on" && (
        <>
          <Picture track={camera.track} mirrored={call.local.camera.facing === "user"} aria-label={words.call.yourPicture} className="object-cover" />
          <div className="absolute inset-0 bg-black/45" />
        </>
      )}
      <div className="absolute inset-0 flex items-center justify-center">
        <AvatarFace person={other} speaking={false}>
          <div className="max-w-full">
            <p className="line-clamp-2 text-xl font-semibold wrap-anywhere">{other.name}</p>
            <p role="status" className="mt-1 animate-breathe text-white/85">
              {text}
            </p>
          </div>
        </AvatarFace>
      </div>
    </>
  );
}

function Talk({ call, state }: { call: CurrentCall; state: CurrentState }) {
  const words = useWords();
  const other = usePerson(state.peer);
  const self = usePerson(useSession().account);
  const local = useReadable(call.local.state);
  const loudness = useCallback(() => call.line?.peer?.loudness() ?? 0, [call]);
  const { line } = state;
  const speaking = useSpeaking(loudness);
  if (!line) return null;
  const { remote, tracks } = line;
  const own = local.camera.type === "on" ? local.camera.track : null;
  const mirrored = call.local.camera.facing === "user";
  const muted = local.muted || local.microphone.type === "problem";
  const theirs = remote.camera ? tracks.camera : null;
  const trouble = line.reach === "connected" ? "" : connectionWords(state, other.name, words);
  const veil = trouble !== "" && (
    <div className="absolute inset-0 flex items-center justify-center bg-black/60" aria-hidden>
      <p className="animate-breathe px-6 text-center text-lg font-medium">{trouble}</p>
    </div>
  );

  if (remote.screen) {
    return (
      <div className="absolute inset-0 pt-14 pb-24 [container-type:size]">
        <p role="status" className="sr-only">
          {words.call.sharing(other.name)}
        </p>
        <div className="flex h-full flex-col-reverse justify-end [@container_(min-aspect-ratio:1.3)]:flex-row">
          <div className="relative min-h-0 min-w-0 flex-1">
            <Picture
              track={tracks.screen}
              aria-label={words.call.screenOf(other.name)}
              className="absolute inset-0 object-contain"
            />
            {veil}
          </div>
          <div className="flex shrink-0 justify-center gap-2 p-2 [@container_(min-aspect-ratio:1.3)]:flex-col [@container_(min-aspect-ratio:1.3)]:justify-start">
            <StripTile
              person={other}
              track={theirs}
              mirrored={false}
              muted={!remote.microphone}
              speaking={speaking}
              label={words.call.pictureOf(other.name)}
            />
            <StripTile
              person={self}
              track={own}
              mirrored={mirrored}
              muted={muted}
              speaking={false}
              label={words.call.yourPicture}
            />
          </div>
        </div>
      </div>
    );
  }
  return (
    <>
      {theirs ? (
        <FullPicture track={theirs} label={words.call.pictureOf(other.name)} />
      ) : (
        <div className="absolute inset-0 flex items-center justify-center">
          <AvatarFace person={other} speaking={speaking}>
            <p className="text-white/75">{state.media === "video" && trouble === "" ? words.call.cameraIsOff(other.name) : ""}</p>
          </AvatarFace>
        </div>
      )}
      {veil}
      {(own || theirs) && <SelfTile person={self} track={own} mirrored={mirrored} muted={muted} />}
      {local.screen.type === "on" && (
        <p className="absolute bottom-24 left-1/2 z-10 -translate-x-1/2 rounded-full bg-black/60 px-3 py-1 text-sm whitespace-nowrap">
          {words.call.yourScreen}
        </p>
      )}
    </>
  );
}
