// Words of the check of the connection, apart from the others: few people need them.

import { speech } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";

import type { Catalogue } from "../catalogue";
import { de } from "./de";
import { en } from "./en";

export type CheckWords = Catalogue<typeof en>;

export const checkWords: { readonly [language: string]: CheckWords } = { en, de };

/** The words of the check, in the language in use. */
export function useCheckWords(): CheckWords {
  return checkWords[useReadable(speech).language] ?? en;
}
