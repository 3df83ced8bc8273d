// Other people as their keys show them: who was compared with, whose keys have
// changed. What a person has decided lies sealed at the server, so that it
// follows them to all their devices.

import { Cell, type Readable } from "@/lib/readable";
import type { AccountId, Blob, Keys, SealedSettings } from "@/protocol/wire";

import { ask } from "./ask";
import type { Environment } from "./environment";
import { Refused } from "./error";
import type { Contact, SafetyNumber, Vault } from "./vault";

/** Everybody whose keys are known here. */
export class Contacts {
  readonly #vault: Vault;
  readonly #env: Environment;
  readonly #all = new Cell<ReadonlyMap<AccountId, Contact>>(new Map());
  #looking: Promise<void> | null = null;
  #again = false;

  constructor(vault: Vault, env: Environment) {
    this.#vault = vault;
    this.#env = env;
  }

  get all(): Readable<ReadonlyMap<AccountId, Contact>> {
    return this.#all;
  }

  /** Records or decisions have changed; many at once are one look. */
  look(): Promise<void> {
    if (this.#looking) {
      this.#again = true;
      return this.#looking;
    }
    this.#looking = this.#read().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Takes over what was decided on other devices, and passes on what was decided here. */
  async sync(): Promise<void> {
    await this.#learn();
    await this.look();
  }

  safetyNumber(account: AccountId): Promise<SafetyNumber> {
    return this.#vault.safetyNumber(account);
  }

  /** Whether a code that the camera has read is of the two; if so, the person is verified. */
  async scan(account: AccountId, code: Blob): Promise<boolean> {
    const { match, sealed } = await this.#vault.scan(account, code);
    await this.#decided(sealed);
    return match;
  }

  async setVerified(account: AccountId, verified: boolean): Promise<void> {
    await this.#decided(await this.#vault.setVerified(account, verified));
  }

  /** Goes on with the new keys of somebody who was verified with others. */
  async acceptKeys(account: AccountId): Promise<void> {
    await this.#decided(await this.#vault.acceptKeys(account));
  }

  async #read(): Promise<void> {
    do {
      this.#again = false;
      const all = await this.#vault.contacts();
      this.#all.set(new Map(all.map((contact) => [contact.account, contact])));
    } while (this.#again);
  }

  /** It counts here at once; what cannot be passed on now is passed on at the next connection. */
  async #decided(sealed: SealedSettings | null): Promise<void> {
    await this.look();
    if (sealed) await this.#put(sealed).catch(() => undefined);
  }

  async #put(sealed: SealedSettings): Promise<void> {
    try {
      await ask(this.#env, "PUT", "/keys/settings", sealed);
      await this.#vault.learnSettings(sealed);
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "conflict") throw error;
      await this.#learn();
      await this.look();
    }
  }

  async #learn(): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { settings } = await ask<Keys>(this.#env, "GET", "/keys");
      const newer = await this.#vault.learnSettings(settings);
      if (!newer) return;
      try {
        await ask(this.#env, "PUT", "/keys/settings", newer);
        await this.#vault.learnSettings(newer);
        return;
      } catch (error) {
        // Another device was faster: its word is taken over first.
        if (!(error instanceof Refused) || error.code !== "conflict") throw error;
      }
    }
  }
}

const ATTEMPTS = 3;
