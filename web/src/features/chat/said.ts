// What a message says in words, or why it does not say it.

import type { Words } from "@/lib/i18n";
import type { Closed, Message } from "@/session";

import { previewOf } from "./preview";

/** In the place of a closed message: why it is closed, and what becomes of it. */
export function closedText(closed: Closed, words: Words): string {
  return words.chat.failures[closed.reason];
}

/** A message in one line, for lists and notices. */
export function saidText(message: Message, words: Words): string {
  return message.content?.kind === "text" ? previewOf(message.content.text) : words.chat.closed;
}
