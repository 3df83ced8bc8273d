import { useReadable } from "@/lib/use-readable";
import type { LineState } from "@/media";

import { devices } from "./center";
import { Sound } from "./track-view";

/** What is heard of the other side. */
export function SoundOut({
  tracks,
  onBlocked,
}: {
  tracks: LineState["tracks"];
  onBlocked: (play: () => void) => void;
}) {
  const { speaker } = useReadable(devices.list).chosen;
  return (
    <>
      <Sound track={tracks.microphone} speaker={speaker} onBlocked={onBlocked} />
      <Sound track={tracks.screenSound} speaker={speaker} onBlocked={onBlocked} />
    </>
  );
}
