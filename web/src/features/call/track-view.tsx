import { type ComponentProps, useEffect, useRef } from "react";

import { cn } from "@/lib/cn";

export interface PictureProps extends Omit<ComponentProps<"video">, "src"> {
  track: MediaStreamTrack | null;
  /** As in a mirror, for the own camera. */
  mirrored?: boolean;
}

/** A picture as it comes from a track; its sound is played elsewhere. */
export function Picture({ track, mirrored = false, className, ...props }: PictureProps) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    video.srcObject = track ? new MediaStream([track]) : null;
    // Interrupted by the next track, or held back: a silent video starts by itself when it may.
    if (track) video.play().catch(() => undefined);
  }, [track]);
  return (
    <video
      ref={ref}
      autoPlay
      muted
      playsInline
      disablePictureInPicture
      className={cn("size-full", mirrored && "-scale-x-100", className)}
      {...props}
    />
  );
}

/** A sound as it comes from a track, out of the chosen speaker. */
export function Sound({
  track,
  speaker,
  onBlocked,
}: {
  track: MediaStreamTrack | null;
  speaker: string | null;
  /** The browser wants a click first; the given function plays it then. */
  onBlocked: (play: () => void) => void;
}) {
  const ref = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const audio = ref.current;
    if (!audio || !track) return;
    audio.srcObject = new MediaStream([track]);
    audio.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") {
        onBlocked(() => void audio.play().catch(() => undefined));
      }
    });
  }, [track, onBlocked]);
  useEffect(() => {
    // A speaker that is gone by now leaves the sound where it was.
    if (ref.current && "setSinkId" in ref.current) ref.current.setSinkId(speaker ?? "").catch(() => undefined);
  }, [speaker]);
  return <audio ref={ref} autoPlay className="hidden" />;
}
