import { MicOff } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";

import { PersonAvatar } from "@/components/person-avatar";
import { cn } from "@/lib/cn";

import type { Person } from "./person";
import { Picture } from "./track-view";

/** The camera of the other side, filling what it is given unless that would cut most of it away. */
export function FullPicture({ track, label }: { track: MediaStreamTrack | null; label: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const [ratio, setRatio] = useState(1);
  const [picture, setPicture] = useState(16 / 9);
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setRatio(element.clientWidth / Math.max(1, element.clientHeight)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const cut = Math.max(picture / ratio, ratio / picture);
  return (
    <div ref={frame} className="absolute inset-0">
      <Picture
        track={track}
        aria-label={label}
        onResize={({ currentTarget: { videoWidth, videoHeight } }) => {
          if (videoWidth > 0 && videoHeight > 0) setPicture(videoWidth / videoHeight);
        }}
        className={cn("object-cover", cut > MOST_CUT && "sm:object-contain")}
      />
    </div>
  );
}

/** Somebody without a picture: the avatar, with a ring while speaking. */
export function AvatarFace({
  person,
  speaking,
  size = "xl",
  children,
}: {
  person: Person;
  speaking: boolean;
  size?: "md" | "lg" | "xl";
  children?: ReactNode;
}) {
  return (
    <div className="flex max-w-full flex-col items-center gap-4 px-6 text-center">
      <span
        className={cn(
          "my-3 rounded-full ring-3 ring-transparent ring-offset-4 ring-offset-transparent transition-shadow",
          speaking && "ring-[oklch(0.78_0.105_172)]",
          size === "xl" && "sm:my-6 sm:scale-130",
        )}
      >
        <PersonAvatar account={person} size={size} />
      </span>
      {children}
    </div>
  );
}

/** A face in the strip beside a shared screen. */
export function StripTile({
  person,
  track,
  mirrored,
  muted,
  speaking,
  label,
}: {
  person: Person;
  track: MediaStreamTrack | null;
  mirrored: boolean;
  muted: boolean;
  speaking: boolean;
  label: string;
}) {
  return (
    <div
      className={cn(
        "relative flex aspect-video w-28 shrink-0 items-center justify-center overflow-hidden rounded-lg bg-white/8 ring-2 ring-transparent transition-shadow lg:w-44",
        speaking && "ring-[oklch(0.78_0.105_172)]",
      )}
    >
      {track ? (
        <Picture track={track} mirrored={mirrored} aria-label={label} className="object-cover" />
      ) : (
        <PersonAvatar account={person} size="md" />
      )}
      {muted && <MutedMark />}
    </div>
  );
}

/** A small sign that somebody is not heard; the words stand elsewhere. */
export function MutedMark() {
  return (
    <span aria-hidden className="absolute bottom-1.5 left-1.5 rounded-full bg-black/60 p-1 text-white">
      <MicOff className="size-3.5" />
    </span>
  );
}

/** Beyond this the picture is shown whole; a phone held upright always fills. */
const MOST_CUT = 1.9;
