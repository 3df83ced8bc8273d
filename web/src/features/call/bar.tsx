import { Ellipsis, Mic, MicOff, PhoneOff, ScreenShare, ScreenShareOff, Video, VideoOff } from "lucide-react";
import type { ComponentProps } from "react";

import { Tooltip } from "@/components/ui/tooltip";
import { cn } from "@/lib/cn";
import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { canShareScreen, type CurrentCall } from "@/media";

/** The controls of a call, hanging up apart from the rest. */
export function Bar({
  call,
  active,
  more,
  onMore,
}: {
  call: CurrentCall;
  /** Both sides are in it. */
  active: boolean;
  /** Whether the panel of "More" is open. */
  more: boolean;
  onMore: () => void;
}) {
  const words = useWords();
  const { camera, screen } = useReadable(call.local.state);
  const cameraOn = camera.type === "on" || camera.type === "starting";
  const sharing = screen.type === "on";
  return (
    <div className="flex items-center justify-center gap-2.5 sm:gap-3">
      <MuteButton call={call} />
      <RoundButton
        name={cameraOn ? words.call.cameraOff : words.call.cameraOn}
        aria-pressed={cameraOn}
        tone={cameraOn ? "plain" : "off"}
        onClick={() => call.local.setCamera(!cameraOn)}
      >
        {cameraOn ? <Video aria-hidden /> : <VideoOff aria-hidden />}
      </RoundButton>
      {active && canShareScreen() && (
        <RoundButton
          name={sharing ? words.call.stopSharing : words.call.share}
          aria-pressed={sharing}
          tone={sharing ? "on" : "plain"}
          onClick={() => call.local.setScreen(!sharing)}
        >
          {sharing ? <ScreenShareOff aria-hidden /> : <ScreenShare aria-hidden />}
        </RoundButton>
      )}
      <RoundButton name={words.call.more} aria-expanded={more} tone="plain" onClick={onMore}>
        <Ellipsis aria-hidden />
      </RoundButton>
      <span aria-hidden className="w-2 sm:w-4" />
      <HangUpButton call={call} />
    </div>
  );
}

/** Turns the own microphone off and on. */
export function MuteButton({ call, small = false }: { call: CurrentCall; small?: boolean }) {
  const words = useWords();
  const { muted, microphone } = useReadable(call.local.state);
  // A microphone that does not work is as good as muted; asking for it again is the way out.
  const silent = muted || microphone.type === "problem";
  return (
    <RoundButton
      name={silent ? words.call.unmute : words.call.mute}
      aria-pressed={silent}
      tone={silent ? "off" : "plain"}
      small={small}
      onClick={() => call.local.setMuted(!silent)}
    >
      {silent ? <MicOff aria-hidden /> : <Mic aria-hidden />}
    </RoundButton>
  );
}

/** Leaves the call. */
export function HangUpButton({ call, small = false }: { call: CurrentCall; small?: boolean }) {
  const words = useWords();
  return (
    <RoundButton name={words.call.hangUp} tone="end" small={small} onClick={() => call.hangUp()}>
      <PhoneOff aria-hidden />
    </RoundButton>
  );
}

export interface RoundButtonProps extends Omit<ComponentProps<"button">, "name"> {
  name: string;
  tone: "plain" | "off" | "on" | "end";
  small?: boolean;
}

/** A round control on the dark of the stage. */
export function RoundButton({ name, tone, small = false, className, ...props }: RoundButtonProps) {
  return (
    <Tooltip text={name}>
      <button
        type="button"
        aria-label={name}
        className={cn(
          "inline-flex shrink-0 items-center justify-center rounded-full transition-colors focus-visible:outline-white [&_svg]:size-5",
          small ? "size-9 [&_svg]:size-4.5" : "size-12",
          tone === "plain" && "bg-white/14 text-white backdrop-blur-md hover:bg-white/24",
          tone === "off" && "bg-white text-[oklch(0.25_0.01_60)] hover:bg-white/88",
          tone === "on" && "bg-[oklch(0.78_0.105_172)] text-[oklch(0.2_0.03_175)] hover:bg-[oklch(0.83_0.1_172)]",
          tone === "end" && "w-16 bg-[oklch(0.56_0.2_27)] text-white hover:bg-[oklch(0.62_0.2_27)]",
          tone === "end" && small && "w-11",
          className,
        )}
        {...props}
      />
    </Tooltip>
  );
}
