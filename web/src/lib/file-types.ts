/**
 * Which files are shown here, and as what. A blob of this page's origin could
 * be opened as a document, so nothing but these types ever becomes one with
 * its type; everything else is bytes to be saved.
 */

/** How a file is shown. */
export type FileKind = "picture" | "video" | "sound" | "other";

const kinds: Readonly<Record<string, FileKind>> = {
  "image/png": "picture",
  "image/jpeg": "picture",
  "image/webp": "picture",
  "image/gif": "picture",
  "image/avif": "picture",
  "video/mp4": "video",
  "video/webm": "video",
  "video/ogg": "video",
  "audio/mpeg": "sound",
  "audio/ogg": "sound",
  "audio/wav": "sound",
  "audio/mp4": "sound",
  "audio/webm": "sound",
};

/** Other names that browsers give to the same types. */
const aliases: Readonly<Record<string, string>> = {
  "image/jpg": "image/jpeg",
  "video/x-m4v": "video/mp4",
  "audio/mp3": "audio/mpeg",
  "audio/x-wav": "audio/wav",
  "audio/wave": "audio/wav",
  "audio/vnd.wave": "audio/wav",
  "audio/x-m4a": "audio/mp4",
  "audio/m4a": "audio/mp4",
  "audio/aac": "application/octet-stream",
};

/** Whether a type is on the list. */
export function isShownType(type: string): boolean {
  return Object.hasOwn(kinds, type);
}

/** How a file of this type is shown. */
export function kindOf(type: string): FileKind {
  return (Object.hasOwn(kinds, type) ? kinds[type] : undefined) ?? "other";
}

/** The listed type that a browser's word for a file means; bytes otherwise. */
export function shownType(type: string): string {
  const essence = type.split(";")[0]?.trim().toLowerCase() ?? "";
  const known = Object.hasOwn(aliases, essence) ? (aliases[essence] ?? essence) : essence;
  return isShownType(known) ? known : BYTES;
}

/** The type of whatever is not shown. */
export const BYTES = "application/octet-stream";
