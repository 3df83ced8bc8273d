// Words of the owner's page, apart from the others: few people ever read them.

import { speech } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";

import type { Catalogue } from "../catalogue";
import { de } from "./de";
import { en } from "./en";

export type OwnerWords = Catalogue<typeof en>;

export const ownerWords: { readonly [language: string]: OwnerWords } = { en, de };

/** The words of the owner's page, in the language in use. */
export function useOwnerWords(): OwnerWords {
  return ownerWords[useReadable(speech).language] ?? en;
}
