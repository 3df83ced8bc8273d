// Notices when a connection stays weak, and takes the own picture back before
// the sound suffers. Looks seldom; a single bad moment does not count.

import { Cell, type Readable } from "@/lib/readable";

import type { CurrentCall } from "./call";
import { type CallStats, StatsReader } from "./stats";

/** How the connection holds. */
export interface Quality {
  readonly weak: boolean;
  /** The own camera was switched off for the sake of the sound. */
  readonly pausedCamera: boolean;
}

/** Watches one call. */
export class QualityWatch {
  readonly #call: CurrentCall;
  readonly #reader = new StatsReader();
  readonly #state = new Cell<Quality>({ weak: false, pausedCamera: false });
  readonly #timer: ReturnType<typeof setInterval>;
  #badLooks = 0;
  #goodLooks = 0;
  /** The person wants the picture in spite of it. */
  #overruled = false;

  constructor(call: CurrentCall) {
    this.#call = call;
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  get state(): Readable<Quality> {
    return this.#state;
  }

  /** Switches the camera on again, and leaves it so. */
  overrule(): void {
    this.#overruled = true;
    this.#call.local.setCamera(true);
    this.#state.set({ ...this.#state.snapshot(), pausedCamera: false });
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#call.state.snapshot().line?.reach !== "connected") return;
    const stats = await this.#reader.read(this.#call.line?.peer ?? null);
    if (!stats) return;
    const bad = isBad(stats);
    this.#badLooks = bad ? this.#badLooks + 1 : 0;
    this.#goodLooks = bad ? 0 : this.#goodLooks + 1;
    const before = this.#state.snapshot();
    const weak = before.weak ? this.#goodLooks < 3 : this.#badLooks >= 2;
    const camera = this.#call.local.camera.track !== null;
    const pause = camera && !this.#overruled && this.#badLooks >= 4;
    if (pause) this.#call.local.setCamera(false);
    this.#state.set({ weak, pausedCamera: pause || (before.pausedCamera && !camera) });
  }
}

function isBad({ loss, roundTrip, capacity, sent }: CallStats): boolean {
  if ((loss ?? 0) > 0.08 || (roundTrip ?? 0) > 800) return true;
  // The guess is low while nothing but sound is sent.
  return sent !== null && capacity !== null && capacity < 100_000;
}

const LOOK_MS = 3_000;
