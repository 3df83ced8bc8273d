/**
 * The language of the client: which one is in use, and its words.
 * English is always there; others are loaded when chosen.
 */
import { Cell, type Readable } from "./readable";
import { storedSetting } from "./stored";
import { useReadable } from "./use-readable";
import type { Catalogue } from "./words/catalogue";
import { en } from "./words/en";

export type Words = Catalogue<typeof en>;

export const languages = ["en", "de"] as const;
export type Language = (typeof languages)[number];

/** What each language calls itself. */
export const languageNames: Record<Language, string> = { en: "English", de: "Deutsch" };

/** The chosen language of this browser; `system` follows the browser's own. */
export const languageSetting = storedSetting<Language | "system">(
  "language",
  ["system", ...languages],
  "system",
);

interface Speech {
  language: Language;
  /** For dates and numbers: the browser's variant of the language where it has one. */
  locale: string;
  words: Words;
}

const loaders: Record<Language, () => Promise<Words>> = {
  en: async () => en,
  de: async () => (await import("./words/de")).de,
};

const current = new Cell<Speech>({ language: "en", locale: localeOf("en"), words: en });

/** The language in use with its words. */
export const speech: Readable<Speech> = current;

/** The words in use now, for code outside React. */
export function words(): Words {
  return current.snapshot().words;
}

/** The words in use, in a component. */
export function useWords(): Words {
  return useReadable(current).words;
}

/** The locale for dates and numbers, in a component. */
export function useLocale(): string {
  return useReadable(current).locale;
}

/** Loads the chosen language, and again whenever the choice changes. */
export async function startLanguage(): Promise<void> {
  languageSetting.subscribe(() => void speak());
  await speak();
}

/** The first of the wanted languages that we have. */
export function matchLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split("-")[0];
    const match = languages.find((language) => language === base);
    if (match) return match;
  }
  return "en";
}

async function speak(): Promise<void> {
  const setting = languageSetting.snapshot();
  const language = setting === "system" ? matchLanguage(navigator.languages) : setting;
  // A language that cannot be fetched right now must not stop the client.
  const words = await loaders[language]().catch(() => undefined);
  const spoken = words ? language : "en";
  current.set({ language: spoken, locale: localeOf(spoken), words: words ?? en });
  document.documentElement.lang = spoken;
}

function localeOf(language: Language): string {
  return (
    navigator.languages.find((tag) => tag.toLowerCase().split("-")[0] === language) ?? language
  );
}
