// Words about guests and links of rooms, apart from the others: the first screen does without them.

import { speech } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";

import type { Catalogue } from "../catalogue";
import { de } from "./de";
import { en } from "./en";

export type GuestWords = Catalogue<typeof en>;

export const guestWords: { readonly [language: string]: GuestWords } = { en, de };

/** The words about guests, in the language in use. */
export function useGuestWords(): GuestWords {
  return guestWords[useReadable(speech).language] ?? en;
}
