// The shared screen: asked for anew each time, with its sound where the
// browser offers it, and ended by our button or by the browser's own.

import { Cell, type Readable } from "@/lib/readable";

import { type Problem, problemOf } from "./problem";

/** How sharing is doing. */
export type ScreenState =
  | { readonly type: "off" }
  | { readonly type: "choosing" }
  | {
      readonly type: "on";
      readonly picture: MediaStreamTrack;
      readonly sound: MediaStreamTrack | null;
    }
  | { readonly type: "problem"; readonly problem: Problem };

/** Whether this browser can share a screen: phones cannot. */
export function canShareScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}

/** The shared screen. */
export class Screen {
  readonly #state = new Cell<ScreenState>({ type: "off" });
  #wish = 0;

  get state(): Readable<ScreenState> {
    return this.#state;
  }

  /** Lets the person choose what to share. */
  async start(): Promise<void> {
    const { type } = this.#state.snapshot();
    if (type === "choosing" || type === "on") return;
    const wish = ++this.#wish;
    this.#state.set({ type: "choosing" });
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia(OPTIONS);
      if (wish !== this.#wish) return stream.getTracks().forEach((track) => track.stop());
      this.#take(stream);
    } catch (error) {
      if (wish !== this.#wish) return;
      const problem = problemOf(error);
      // Closing the browser's dialog is a change of mind, not a problem.
      this.#state.set(problem === "refused" ? { type: "off" } : { type: "problem", problem });
    }
  }

  /** Stops sharing. */
  stop(): void {
    this.#wish += 1;
    const state = this.#state.snapshot();
    if (state.type === "on") {
      state.picture.onended = null;
      state.picture.stop();
      state.sound?.stop();
    }
    this.#state.set({ type: "off" });
  }

  #take(stream: MediaStream): void {
    const picture = stream.getVideoTracks()[0];
    if (!picture) return this.#state.set({ type: "problem", problem: "failed" });
    // Text has to stay sharp; a few frames less do not matter.
    picture.contentHint = "detail";
    picture.onended = () => this.stop();
    this.#state.set({ type: "on", picture, sound: stream.getAudioTracks()[0] ?? null });
  }
}

/** Newer members of the options are ignored by browsers that do not know them. */
const OPTIONS: DisplayMediaStreamOptions & Record<string, unknown> = {
  video: { frameRate: { ideal: 15, max: 30 } },
  audio: true,
  systemAudio: "include",
  surfaceSwitching: "include",
  selfBrowserSurface: "exclude",
};
