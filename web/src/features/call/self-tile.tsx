import { PersonAvatar } from "@/components/person-avatar";
import { cn } from "@/lib/cn";
import { useWords } from "@/lib/i18n";

import { MutedMark } from "./face";
import type { Person } from "./person";
import { Picture } from "./track-view";
import { useCorner } from "./use-corner";

/** Oneself, in a corner that one likes. */
export function SelfTile({
  person,
  track,
  mirrored,
  muted,
}: {
  person: Person;
  track: MediaStreamTrack | null;
  mirrored: boolean;
  muted: boolean;
}) {
  const words = useWords();
  const { corner, dragging, onKeyDown, handlers } = useCorner({ top: false, left: false });
  return (
    <button
      type="button"
      aria-label={words.call.moveSelf}
      onKeyDown={onKeyDown}
      {...handlers}
      className={cn(
        "absolute z-10 flex aspect-3/4 w-24 cursor-grab touch-none items-center justify-center overflow-hidden rounded-xl bg-[oklch(0.27_0.008_70)] shadow-lift ring-1 ring-white/15 sm:aspect-video sm:w-[min(24%,15rem)]",
        corner.top ? "top-16" : "bottom-24",
        corner.left ? "left-4" : "right-4",
        dragging && "cursor-grabbing",
      )}
    >
      {track ? (
        <Picture track={track} mirrored={mirrored} aria-label={words.call.yourPicture} className="pointer-events-none object-cover" />
      ) : (
        <PersonAvatar account={person} size="lg" />
      )}
      {muted && <MutedMark />}
    </button>
  );
}
