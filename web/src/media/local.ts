// What this side puts into a call: microphone, camera and screen. Each is
// asked for by itself, so that one that is missing does not cost the others.

import { Cell, Computed, type Readable } from "@/lib/readable";

import type { Devices } from "./devices";
import type { Tracks } from "./peer";
import { Screen, type ScreenState } from "./screen";
import { Source, type SourceState } from "./source";

/** How the own devices are doing. */
export interface LocalState {
  readonly microphone: SourceState;
  /** Nothing is sent of what the microphone hears. */
  readonly muted: boolean;
  readonly camera: SourceState;
  readonly screen: ScreenState;
}

/** The own side of a call. */
export class LocalMedia {
  readonly microphone: Source;
  readonly camera: Source;
  readonly screen = new Screen();
  readonly #muted = new Cell(false);
  readonly #unlisten: () => void;
  readonly #state = new Computed<LocalState>(() => ({
    microphone: this.microphone.state.snapshot(),
    muted: this.#muted.snapshot(),
    camera: this.camera.state.snapshot(),
    screen: this.screen.state.snapshot(),
  }));

  constructor(devices: Devices) {
    this.microphone = new Source("microphone", devices);
    this.camera = new Source("camera", devices);
    this.microphone.state.subscribe(() => this.#changed());
    this.camera.state.subscribe(() => this.#changed());
    this.screen.state.subscribe(() => this.#changed());
    this.#unlisten = devices.onPlugged(() => this.#plugged());
  }

  get state(): Readable<LocalState> {
    return this.#state;
  }

  /** What goes out now. */
  get tracks(): Tracks {
    const screen = this.screen.state.snapshot();
    return {
      microphone: this.microphone.track,
      camera: this.camera.track,
      screen: screen.type === "on" ? screen.picture : null,
      screenSound: screen.type === "on" ? screen.sound : null,
    };
  }

  setMuted(muted: boolean): void {
    this.#muted.set(muted);
    // Somebody who wants to be heard now and could not before gets another try.
    if (!muted && this.microphone.state.snapshot().type === "problem") void this.microphone.start();
    this.#changed();
  }

  setCamera(on: boolean): void {
    if (on) void this.camera.start();
    else this.camera.stop();
  }

  setScreen(on: boolean): void {
    if (on) void this.screen.start();
    else this.screen.stop();
  }

  /** Frees every device, for good. */
  stop(): void {
    this.#unlisten();
    this.microphone.stop();
    this.camera.stop();
    this.screen.stop();
  }

  /** What was wanted and not there may be there now. */
  #plugged(): void {
    for (const source of [this.microphone, this.camera]) {
      const state = source.state.snapshot();
      if (state.type === "problem" && state.problem === "missing") void source.start();
    }
  }

  #changed(): void {
    const { track } = this.microphone;
    if (track) track.enabled = !this.#muted.snapshot();
    this.#state.changed();
  }
}
