// One device at work: a microphone or a camera that is wanted or not, there
// or not. Turning it off frees the device; turning it on again asks for it
// anew. Whatever goes wrong becomes a problem, never an exception: a call goes
// on with what there is.

import { Cell, type Readable } from "@/lib/readable";

import type { DeviceKind, Devices } from "./devices";
import { obstacle, type Problem, problemOf } from "./problem";

/** How a device is doing. */
export type SourceState =
  | { readonly type: "off" }
  | { readonly type: "starting" }
  | { readonly type: "on"; readonly track: MediaStreamTrack }
  | { readonly type: "problem"; readonly problem: Problem };

/** A microphone or camera. */
export class Source {
  readonly kind: "microphone" | "camera";
  readonly #devices: Devices;
  readonly #state = new Cell<SourceState>({ type: "off" });
  /** Grows with each wish, so that the answer to an older one is thrown away. */
  #wish = 0;
  #facing: "user" | "environment" = "user";

  constructor(kind: "microphone" | "camera", devices: Devices) {
    this.kind = kind;
    this.#devices = devices;
  }

  get state(): Readable<SourceState> {
    return this.#state;
  }

  get track(): MediaStreamTrack | null {
    const state = this.#state.snapshot();
    return state.type === "on" ? state.track : null;
  }

  /** Asks for the device, or for another one when one is at work already. */
  async start(): Promise<void> {
    const wish = ++this.#wish;
    const before = this.track;
    if (!before) this.#state.set({ type: "starting" });
    const problem = obstacle();
    if (problem) return this.#state.set({ type: "problem", problem });
    try {
      const track = await this.#acquire(before);
      if (wish !== this.#wish) return track.stop();
      if (before) release(before);
      this.#take(track);
    } catch (error) {
      if (wish !== this.#wish) return;
      if (before) release(before);
      this.#state.set({ type: "problem", problem: problemOf(error) });
    }
    await this.#devices.refresh();
  }

  /** Lets the device go: its light goes off. */
  stop(): void {
    this.#wish += 1;
    if (this.track) release(this.track);
    this.#state.set({ type: "off" });
  }

  /** Goes over to what is chosen now. */
  async change(): Promise<void> {
    if (this.#state.snapshot().type !== "off") await this.start();
  }

  /** Looks the other way, on phones with two cameras. */
  async flip(): Promise<void> {
    this.#facing = this.#facing === "user" ? "environment" : "user";
    this.#devices.choose("camera", null);
    await this.change();
  }

  get facing(): "user" | "environment" {
    return this.#facing;
  }

  async #acquire(before: MediaStreamTrack | null): Promise<MediaStreamTrack> {
    const kind: DeviceKind = this.kind;
    const id = this.#devices.chosen(kind);
    try {
      return await this.#open(id);
    } catch (error) {
      const problem = problemOf(error);
      if (problem === "busy" && before) {
        // Phones open one camera at a time: let the old one go first.
        release(before);
        return this.#open(id);
      }
      // The remembered device is not plugged in today: take what there is.
      if (problem === "missing" && id !== null) return this.#open(null);
      throw error;
    }
  }

  async #open(id: string | null): Promise<MediaStreamTrack> {
    const device = id === null ? {} : { deviceId: { exact: id } };
    const constraints: MediaStreamConstraints =
      this.kind === "microphone"
        ? { audio: { ...SOUND, ...device } }
        : { video: { ...PICTURE, ...(id === null ? { facingMode: this.#facing } : {}), ...device } };
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    const track = stream.getTracks()[0];
    if (!track) throw new DOMException("no track", "NotFoundError");
    if (this.kind === "camera") track.contentHint = "motion";
    return track;
  }

  #take(track: MediaStreamTrack): void {
    track.onended = () => {
      // Pulled out, or the permission was taken back: try what else there is.
      if (this.track === track) void this.start();
    };
    this.#state.set({ type: "on", track });
  }
}

function release(track: MediaStreamTrack): void {
  track.onended = null;
  track.stop();
}

const SOUND: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

const PICTURE: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30, max: 30 },
};
