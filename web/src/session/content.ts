// What a message says, as the JSON that is sealed: `{k, …}`. What comes out of
// an envelope was written by another client: only known kinds, only known
// fields, copied into fresh objects, so that keys like `__proto__` end here.

import { readFile, readFileId, writeFile } from "@/crypto/file-content";

import type { Content } from "./vault";

/** The JSON of a content. */
export function writeContent(content: Content): { readonly k: string; readonly [field: string]: unknown } {
  if (content.kind === "text") return { k: "text", text: content.text };
  if (content.kind === "file_deleted") return { k: "file_deleted", target: content.target };
  return { k: "file", text: content.text, ...writeFile(content.file) };
}

/** Reads it back; null when this client cannot. */
export function readContent(json: Readonly<Record<string, unknown>>): Content | null {
  const field = (name: string) => (Object.hasOwn(json, name) ? json[name] : undefined);
  if (field("k") === "file_deleted") {
    const target = readFileId(field("target"));
    return target && { kind: "file_deleted", text: "", target };
  }
  const text = field("text");
  if (typeof text !== "string") return null;
  if (field("k") === "text") return { kind: "text", text };
  const file = field("k") === "file" ? readFile(json) : null;
  return file && { kind: "file", text, file };
}

/** Whether a text can be sent as one message. */
export function fits(text: string): boolean {
  // A character is at most six bytes, escaped: most texts need no counting.
  if (text.length * 6 + 32 <= CONTENT_BYTES) return true;
  return new TextEncoder().encode(JSON.stringify({ k: "text", text })).length <= CONTENT_BYTES;
}

/** What fits into an envelope beside its header, signature and padding. */
const CONTENT_BYTES = 36_000;
