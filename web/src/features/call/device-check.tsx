import { Volume2 } from "lucide-react";
import { useEffect, useState } from "react";

import { Button } from "@/components/ui/button";
import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { LocalMedia, meter, type SourceState } from "@/media";

import { devices, sounds } from "./center";
import { DeviceFields } from "./device-fields";
import { type Kind, problemWords } from "./problem-words";
import { Picture } from "./track-view";

/** Lets somebody see and hear themselves before a call, and says what is wrong and what to do. */
export function DeviceCheck() {
  const words = useWords();
  const [local, setLocal] = useState<LocalMedia | null>(null);
  useEffect(() => () => local?.stop(), [local]);
  const start = () => {
    const media = new LocalMedia(devices);
    void media.microphone.start();
    void media.camera.start();
    setLocal(media);
  };
  return (
    <section aria-label={words.call.check.title} className="flex flex-col gap-4">
      {local ? (
        <Running local={local} onStop={() => setLocal(null)} />
      ) : (
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="text-muted-foreground">{words.call.check.text}</p>
          <Button variant="secondary" onClick={start}>
            {words.call.check.start}
          </Button>
        </div>
      )}
    </section>
  );
}

function Running({ local, onStop }: { local: LocalMedia; onStop: () => void }) {
  const words = useWords();
  const { check } = words.call;
  const { camera, microphone } = useReadable(local.state);
  return (
    <>
      <div className="relative flex aspect-video w-full items-center justify-center overflow-hidden rounded-xl bg-stage text-stage-foreground">
        {camera.type === "on" && (
          <Picture track={camera.track} mirrored={local.camera.facing === "user"} aria-label={check.preview} className="object-cover" />
        )}
        {camera.type === "problem" && <ProblemText kind="camera" state={camera} />}
      </div>
      {camera.type === "on" && <p className="text-sm text-muted-foreground">{check.cameraGood}</p>}
      {microphone.type === "on" ? (
        <Level track={microphone.track} />
      ) : (
        <ProblemText kind="microphone" state={microphone} />
      )}
      <DeviceFields
        onChange={(kind) => {
          if (kind === "speaker") sounds.play("message", { always: true });
          else void local[kind].change();
        }}
      />
      <div className="flex flex-wrap items-center gap-3">
        <Button variant="secondary" onClick={() => sounds.play("joined", { always: true })}>
          <Volume2 aria-hidden />
          {check.speakerTest}
        </Button>
        <p className="text-sm text-muted-foreground">{check.speakerText}</p>
        <Button variant="ghost" className="ml-auto" onClick={onStop}>
          {check.stop}
        </Button>
      </div>
    </>
  );
}

function Level({ track }: { track: MediaStreamTrack }) {
  const words = useWords();
  const { check } = words.call;
  const [level, setLevel] = useState(0);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    return meter(track, (level) => {
      setLevel(level);
      if (level > SPEECH) setHeard(true);
    });
  }, [track]);
  return (
    <div>
      <div
        role="meter"
        aria-label={check.level}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(level * 100)}
        className="h-2 overflow-hidden rounded-full bg-muted"
      >
        <div className="h-full origin-left rounded-full bg-primary" style={{ transform: `scaleX(${level})` }} />
      </div>
      <p role="status" className="mt-1.5 text-sm text-muted-foreground">
        {heard ? check.levelGood : check.levelSilent}
      </p>
    </div>
  );
}

function ProblemText({ kind, state }: { kind: Kind; state: SourceState }) {
  const words = useWords();
  if (state.type !== "problem") return null;
  const { what, cure } = problemWords(kind, state.problem, words);
  return (
    <p role="status" className="rounded-lg bg-attention px-4 py-2.5 text-sm text-attention-foreground">
      <strong className="font-medium">{what}</strong> {cure}
    </p>
  );
}

const SPEECH = 0.45;
