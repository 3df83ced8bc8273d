// New sign-ins to this account, as this device notices them: what the list of
// devices holds that it did not hold when somebody looked last.

import { Cell, type Readable } from "@/lib/readable";
import type { Device, DeviceId, Devices } from "@/protocol/wire";

import { ask } from "./ask";
import type { Environment } from "./environment";
import type { Storage } from "./storage";

/** The devices that nobody here has seen yet. */
export class SignIns {
  readonly #env: Environment;
  readonly #storage: Storage;
  readonly #fresh = new Cell<readonly Device[]>([]);

  constructor(env: Environment, storage: Storage) {
    this.#env = env;
    this.#storage = storage;
  }

  get fresh(): Readable<readonly Device[]> {
    return this.#fresh;
  }

  /** Looks whether there are new ones; a failure means that it is looked again next time. */
  async look(): Promise<void> {
    const list = await ask<Devices>(this.#env, "GET", "/devices").catch(() => null);
    if (!list) return;
    const known = await this.#known();
    // A new device has not been there to miss anything.
    if (!known) return this.#keep(list.devices.map(({ id }) => id));
    this.#fresh.set(list.devices.filter(({ id, current }) => !current && !known.includes(id)));
  }

  /** Somebody has seen it. */
  async dismiss(id: DeviceId): Promise<void> {
    this.#fresh.set(this.#fresh.snapshot().filter((device) => device.id !== id));
    await this.#keep([...((await this.#known()) ?? []), id]);
  }

  async #known(): Promise<DeviceId[] | null> {
    const text = await this.#storage.note(NOTE);
    return text === "" ? null : (JSON.parse(text) as DeviceId[]);
  }

  async #keep(ids: readonly DeviceId[]): Promise<void> {
    await this.#storage.putNote(NOTE, JSON.stringify(ids));
  }
}

const NOTE = "devices";
