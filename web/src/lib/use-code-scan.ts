import { type RefObject, useEffect, useRef, useState } from "react";

/** Whether the camera looks for a code. */
export type Scanning = "starting" | "looking" | "failed";

/** Shows the camera in a video and tells of each QR code that it sees, until `found` wants no more. */
export function useCodeScan(
  video: RefObject<HTMLVideoElement | null>,
  found: (text: string) => void,
  wanted: boolean,
): Scanning {
  const [state, setState] = useState<Scanning>("starting");
  const tell = useRef(found);
  useEffect(() => {
    tell.current = found;
  }, [found]);
  useEffect(() => {
    if (!wanted) return undefined;
    const scan = new Scan(video, (text) => tell.current(text), setState);
    return () => scan.stop();
  }, [video, wanted]);
  return state;
}

/** The camera at work, from its start to its end. */
class Scan {
  readonly #canvas = document.createElement("canvas");
  #stream: MediaStream | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(video: RefObject<HTMLVideoElement | null>, found: (text: string) => void, state: (now: Scanning) => void) {
    state("starting");
    this.#run(video, found, state).catch(() => {
      if (!this.#stopped) state("failed");
      this.stop();
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
  }

  async #run(place: RefObject<HTMLVideoElement | null>, found: (text: string) => void, state: (now: Scanning) => void): Promise<void> {
    const [{ decodeQR }, stream] = await Promise.all([
      import("qr/decode.js"),
      navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } }),
    ]);
    this.#stream = stream;
    // A dialog is in the page only after the effects of what is in it.
    const video = place.current;
    if (this.#stopped || !video) return this.stop();
    video.srcObject = stream;
    await video.play();
    state("looking");
    const look = () => {
      const frame = this.#frame(video);
      const text = frame && read(frame, decodeQR);
      if (text) found(text);
      if (!this.#stopped) this.#timer = setTimeout(look, PAUSE_MS);
    };
    look();
  }

  #frame(video: HTMLVideoElement): ImageData | null {
    const { videoWidth, videoHeight, readyState } = video;
    if (readyState < HTMLMediaElement.HAVE_CURRENT_DATA || videoWidth === 0) return null;
    this.#canvas.width = videoWidth;
    this.#canvas.height = videoHeight;
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    context?.drawImage(video, 0, 0);
    return context?.getImageData(0, 0, videoWidth, videoHeight) ?? null;
  }
}

/** The text of the code in a picture; null when there is none. */
function read({ data, width, height }: ImageData, decode: (image: { data: Uint8ClampedArray; width: number; height: number }) => string): string | null {
  try {
    return decode({ data, width, height });
  } catch {
    // Most pictures hold no code.
    return null;
  }
}

const PAUSE_MS = 150;
