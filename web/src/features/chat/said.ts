// What a message says in words, or why it does not say it.

import { kindOf } from "@/lib/file-types";
import type { Words } from "@/lib/i18n";
import type { Closed, Content, Message } from "@/session";

import { previewOf } from "./preview";

/** In the place of a closed message: why it is closed, and what becomes of it. */
export function closedText(closed: Closed, words: Words): string {
  return words.chat.failures[closed.reason];
}

/** A message in one line, for lists and notices. */
export function saidText(message: Message, words: Words): string {
  return message.content ? contentText(message.content, words) : words.chat.closed;
}

/** A content in one line: a text's beginning, or what kind of file it is. */
export function contentText(content: Content, words: Words): string {
  if (content.kind === "text") return previewOf(content.text);
  if (content.kind === "file_deleted") return words.files.deleted;
  const { file, picture, video, sound } = words.files;
  const what = { picture, video, sound, other: `${file} ${content.file.name}` }[kindOf(content.file.type)];
  return content.text === "" ? what : `${what}: ${previewOf(content.text)}`;
}
