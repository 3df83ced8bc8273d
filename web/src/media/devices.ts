// The cameras, microphones and speakers of this computer and which of them
// the person has chosen. The choice is remembered here, with id and label:
// browsers change ids when site data is cleared, labels stay.

import { Cell, Listeners, type Readable } from "@/lib/readable";

/** What a device is for. */
export type DeviceKind = "microphone" | "camera" | "speaker";

/** One device. Before the first permission browsers hide ids and labels. */
export interface MediaDevice {
  readonly id: string;
  readonly label: string;
}

/** What there is, and what is chosen; null stands for the system's own choice. */
export interface DeviceList {
  readonly microphones: readonly MediaDevice[];
  readonly cameras: readonly MediaDevice[];
  readonly speakers: readonly MediaDevice[];
  readonly chosen: Readonly<Record<DeviceKind, string | null>>;
  /** Whether sound can be sent to a chosen speaker. */
  readonly speakerChoice: boolean;
}

/** The devices of this computer. */
export class Devices {
  readonly #list: Cell<DeviceList>;
  readonly #storage: Pick<Storage, "getItem" | "setItem"> | null;
  readonly #plugged = new Listeners();
  #memory: Record<DeviceKind, MediaDevice | null>;

  constructor(storage: Pick<Storage, "getItem" | "setItem"> | null = localStore()) {
    this.#storage = storage;
    this.#memory = remembered(storage);
    this.#list = new Cell<DeviceList>({
      microphones: [],
      cameras: [],
      speakers: [],
      chosen: { microphone: null, camera: null, speaker: null },
      speakerChoice:
        typeof HTMLMediaElement !== "undefined" && "setSinkId" in HTMLMediaElement.prototype,
    });
    navigator.mediaDevices?.addEventListener?.("devicechange", () => {
      void this.refresh();
      this.#plugged.call();
    });
  }

  /** Tells that a device was plugged in or out. */
  readonly onPlugged = this.#plugged.add;

  get list(): Readable<DeviceList> {
    return this.#list;
  }

  /** Looks again. Call it after a permission was given, too: only then are there labels. */
  readonly refresh = async (): Promise<void> => {
    const all = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
    const microphones = ofKind(all, "audioinput");
    const cameras = ofKind(all, "videoinput");
    const speakers = ofKind(all, "audiooutput");
    this.#list.set({
      ...this.#list.snapshot(),
      microphones,
      cameras,
      speakers,
      chosen: {
        microphone: find(microphones, this.#memory.microphone),
        camera: find(cameras, this.#memory.camera),
        speaker: find(speakers, this.#memory.speaker),
      },
    });
  };

  /** Chooses a device, or with null the system's own choice, and remembers it. */
  readonly choose = (kind: DeviceKind, id: string | null): void => {
    const list = this.#list.snapshot();
    const devices =
      kind === "microphone" ? list.microphones : kind === "camera" ? list.cameras : list.speakers;
    const device = devices.find((known) => known.id === id) ?? null;
    this.#memory = { ...this.#memory, [kind]: device };
    try {
      this.#storage?.setItem(STORED, JSON.stringify(this.#memory));
    } catch {
      // A full or forbidden storage costs the memory, not the choice.
    }
    this.#list.set({ ...list, chosen: { ...list.chosen, [kind]: device?.id ?? null } });
  };

  /** The id to ask for, or null for any. */
  chosen(kind: DeviceKind): string | null {
    return this.#list.snapshot().chosen[kind] ?? this.#memory[kind]?.id ?? null;
  }
}

function ofKind(all: readonly MediaDeviceInfo[], kind: MediaDeviceKind): MediaDevice[] {
  // Chromium lists the system's choice once more under these names.
  return all
    .filter((info) => info.kind === kind && !["", "default", "communications"].includes(info.deviceId))
    .map((info) => ({ id: info.deviceId, label: info.label }));
}

function find(devices: readonly MediaDevice[], memory: MediaDevice | null): string | null {
  if (!memory) return null;
  const device =
    devices.find(({ id }) => id === memory.id) ??
    devices.find(({ label }) => label !== "" && label === memory.label);
  return device?.id ?? null;
}

function remembered(storage: Pick<Storage, "getItem"> | null): Record<DeviceKind, MediaDevice | null> {
  const none = { microphone: null, camera: null, speaker: null };
  try {
    const value: unknown = JSON.parse(storage?.getItem(STORED) ?? "null");
    if (typeof value !== "object" || value === null) return none;
    const fields = value as Record<string, unknown>;
    return {
      microphone: readDevice(fields.microphone),
      camera: readDevice(fields.camera),
      speaker: readDevice(fields.speaker),
    };
  } catch {
    return none;
  }
}

function readDevice(value: unknown): MediaDevice | null {
  if (typeof value !== "object" || value === null) return null;
  const { id, label } = value as Record<string, unknown>;
  return typeof id === "string" && typeof label === "string" ? { id, label } : null;
}

function localStore(): Storage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

const STORED = "callbox.devices";
