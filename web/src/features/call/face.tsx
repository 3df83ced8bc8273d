import { MicOff } from "lucide-react";
import { type ReactNode, useState } from "react";

import { PersonAvatar } from "@/components/person-avatar";
import { cn } from "@/lib/cn";

import type { Person } from "./person";
import { Picture } from "./track-view";

/** The camera of the other side, filling what it is given without cutting a portrait to a strip. */
export function FullPicture({ track, label }: { track: MediaStreamTrack | null; label: string }) {
  const [portrait, setPortrait] = useState(false);
  return (
    <Picture
      track={track}
      aria-label={label}
      onResize={({ currentTarget: { videoWidth, videoHeight } }) => setPortrait(videoHeight > videoWidth)}
      className={cn("object-cover", portrait && "sm:object-contain")}
    />
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
          "rounded-full ring-3 ring-transparent ring-offset-4 ring-offset-transparent transition-shadow",
          speaking && "ring-[oklch(0.78_0.105_172)]",
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
