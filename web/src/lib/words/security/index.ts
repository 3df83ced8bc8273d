// Words about keys, apart from the others: the first screen does without them.

import { speech } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";

import type { Catalogue } from "../catalogue";
import { de } from "./de";
import { en } from "./en";

export type SecurityWords = Catalogue<typeof en>;

export const securityWords: { readonly [language: string]: SecurityWords } = { en, de };

/** The words about keys, in the language in use. */
export function useSecurityWords(): SecurityWords {
  return securityWords[useReadable(speech).language] ?? en;
}
