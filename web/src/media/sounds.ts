// The sounds of Callbox: short, soft tones made here, never a file. Each kind
// can be switched off by itself. Browsers keep a page silent until it was
// touched; until then nothing is heard, and nothing fails.

import { Cell, type Readable } from "@/lib/readable";

/** What can be heard. */
export type SoundKind = "ring" | "ringBack" | "joined" | "left" | "message";

/** Which of them are switched on. */
export type SoundSettings = Readonly<Record<SoundKind, boolean>>;

/** One tone: when it begins and how long it lasts, in seconds, and its pitch in hertz. */
type Tone = readonly [at: number, length: number, pitch: number];

/** The sounds of this page. */
export class Sounds {
  readonly #settings = new Cell<SoundSettings>(stored());
  #context: AudioContext | null = null;
  #repeating: { kind: SoundKind; stop: () => void } | null = null;

  constructor() {
    this.#settings.subscribe(() => store(this.#settings.snapshot()));
    for (const gesture of ["pointerdown", "keydown"] as const) {
      addEventListener(gesture, () => this.#unlock(), { capture: true, passive: true });
    }
  }

  get settings(): Readable<SoundSettings> {
    return this.#settings;
  }

  readonly set = (kind: SoundKind, on: boolean): void => {
    this.#settings.set({ ...this.#settings.snapshot(), [kind]: on });
    if (!on && this.#repeating?.kind === kind) this.silence();
  };

  /** Whether this page may be heard now. */
  get unlocked(): boolean {
    return this.#context?.state === "running";
  }

  /** Plays a sound once, also when it is switched off but the person wants to hear it. */
  readonly play = (kind: SoundKind, options: { always: boolean } = { always: false }): void => {
    if (!options.always && !this.#settings.snapshot()[kind]) return;
    const context = this.#running();
    if (context) sound(context, PATTERNS[kind].tones, VOLUME);
  };

  /** Plays a sound over and over until `silence`. */
  readonly repeat = (kind: "ring" | "ringBack"): void => {
    if (this.#repeating?.kind === kind) return;
    this.silence();
    let last: (() => void) | undefined;
    const once = () => {
      const context = this.#running();
      if (context && this.#settings.snapshot()[kind]) last = sound(context, PATTERNS[kind].tones, VOLUME);
    };
    once();
    const timer = setInterval(once, PATTERNS[kind].every * 1000);
    this.#repeating = {
      kind,
      stop: () => {
        clearInterval(timer);
        last?.();
      },
    };
  };

  /** Ends what repeats, at once. */
  readonly silence = (): void => {
    this.#repeating?.stop();
    this.#repeating = null;
  };

  /** Sends all sounds to a speaker, where the browser lets it be chosen. */
  setSpeaker(id: string | null): void {
    const context = this.#context as (AudioContext & { setSinkId?(id: string): Promise<void> }) | null;
    context?.setSinkId?.(id ?? "").catch(() => undefined);
  }

  #unlock(): void {
    if (typeof AudioContext === "undefined") return;
    this.#context ??= new AudioContext();
    if (this.#context.state !== "running") this.#context.resume().catch(() => undefined);
  }

  #running(): AudioContext | null {
    if (!this.#context && typeof AudioContext !== "undefined") this.#unlock();
    return this.#context;
  }
}

/** Sounds tones; the returned function ends them. */
function sound(context: AudioContext, tones: readonly Tone[], volume: number): () => void {
  const out = context.createGain();
  out.gain.value = volume;
  out.connect(context.destination);
  const start = context.currentTime + 0.02;
  for (const [at, length, pitch] of tones) {
    for (const [harmonic, share] of HARMONICS) {
      const oscillator = context.createOscillator();
      const gain = context.createGain();
      oscillator.frequency.value = pitch * harmonic;
      gain.gain.setValueAtTime(0, start + at);
      gain.gain.linearRampToValueAtTime(share, start + at + ATTACK);
      gain.gain.exponentialRampToValueAtTime(0.0001, start + at + length);
      oscillator.connect(gain).connect(out);
      oscillator.start(start + at);
      oscillator.stop(start + at + length);
    }
  }
  const end = Math.max(...tones.map(([at, length]) => at + length));
  const timer = setTimeout(() => out.disconnect(), (end + 0.2) * 1000);
  return () => {
    clearTimeout(timer);
    // Faded, because a hard end clicks.
    out.gain.setTargetAtTime(0, context.currentTime, 0.03);
    setTimeout(() => out.disconnect(), 200);
  };
}

function stored(): SoundSettings {
  try {
    const value = JSON.parse(localStorage.getItem(STORED) ?? "{}") as Record<string, unknown>;
    const off = (kind: SoundKind) => value[kind] === false;
    return {
      ring: !off("ring"),
      ringBack: !off("ringBack"),
      joined: !off("joined"),
      left: !off("left"),
      message: !off("message"),
    };
  } catch {
    return { ring: true, ringBack: true, joined: true, left: true, message: true };
  }
}

function store(settings: SoundSettings): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(settings));
  } catch {
    // Storage is full or refused: the setting lasts as long as the page.
  }
}

const STORED = "callbox.sounds";
const VOLUME = 0.16;
const ATTACK = 0.012;
/** A round tone like a marimba's: mostly the ground tone, a little of the fourth. */
const HARMONICS = [[1, 0.8], [2, 0.12], [4, 0.16]] as const;
const PATTERNS: Readonly<Record<SoundKind, { tones: readonly Tone[]; every: number }>> = {
  ring: {
    every: 3.2,
    tones: [[0, 0.7, 587.33], [0.16, 0.7, 783.99], [0.32, 1, 987.77], [0.8, 0.7, 587.33], [0.96, 0.7, 783.99], [1.12, 1.2, 987.77]],
  },
  ringBack: { every: 4, tones: [[0, 1.1, 392], [0.22, 1.2, 493.88]] },
  joined: { every: 0, tones: [[0, 0.5, 523.25], [0.11, 0.7, 783.99]] },
  left: { every: 0, tones: [[0, 0.5, 587.33], [0.12, 0.8, 392]] },
  message: { every: 0, tones: [[0, 0.4, 880]] },
};
