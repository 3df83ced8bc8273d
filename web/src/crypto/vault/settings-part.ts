// The account's settings in this browser: merged with what the server has, and
// sealed again when something here is newer.

import type { Millis, SealedSettings } from "@/protocol/wire";

import type { Json, Settings, SettingsSync } from "./api";
import { type Items, mergeItems, openSettings, sealSettings } from "../settings";
import { type VaultRoom, fail } from "./room";

export class SettingsPart implements Settings {
  readonly #room: VaultRoom;

  constructor(room: VaultRoom) {
    this.#room = room;
  }

  async settings(): Promise<{ version: number; items: Readonly<Record<string, Json>> }> {
    const { version, items } = (await this.#room.own()).settings;
    return { version, items: Object.fromEntries(Object.entries(items).map(([name, { value }]) => [name, value])) };
  }

  async learnSettings({ settings }: { settings: SealedSettings | null }): Promise<{ sync: SettingsSync | null }> {
    const own = await this.#room.own();
    if (settings && settings.version < own.settings.version) fail("rollback");
    const theirs = settings ? await openSettings(own.settingsKey, this.#room.account, settings) : {};
    if (!theirs) fail("format");
    const { settings: merged } = await this.#room.changeOwn((now) => ({
      ...now,
      settings: { version: settings?.version ?? 0, items: mergeItems(theirs, now.settings.items) },
    }));
    return { sync: isSame(merged.items, theirs) ? null : await this.#seal() };
  }

  async changeSettings({ items, now }: { items: Readonly<Record<string, Json>>; now: Millis }): Promise<{ sync: SettingsSync }> {
    await this.#room.changeOwn((own) => {
      const changed = Object.entries(items).map(([name, value]) => {
        // A clock that was set back must not undo what the person has just done.
        const at = Math.max(now, (own.settings.items[name]?.at ?? 0) + 1);
        return [name, { value, at }] as const;
      });
      return { ...own, settings: { ...own.settings, items: { ...own.settings.items, ...Object.fromEntries(changed) } } };
    });
    return { sync: await this.#seal() };
  }

  async #seal(): Promise<SettingsSync> {
    const { settingsKey, settings } = await this.#room.own();
    return sealSettings(settingsKey, this.#room.account, settings.version + 1, settings.items);
  }
}

function isSame(a: Items, b: Items): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => JSON.stringify(a[name]?.value) === JSON.stringify(b[name]?.value) && a[name]?.at === b[name]?.at)
  );
}
