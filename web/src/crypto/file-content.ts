// What a message says of a file: enough to fetch, open and show it. Comes out
// of a message that another client wrote, so everything is checked here and
// copied into fresh objects; what is odd about looks is dropped, what is odd
// about the bytes themselves makes the whole thing unreadable.

import { fromBase64Url, toBase64Url } from "@/lib/base64";
import { cleanName } from "@/lib/file-name";
import { isShownType, kindOf } from "@/lib/file-types";
import type { FileId } from "@/protocol/wire";

import { type FileSecret, isFileSize } from "./file";

/** A sealed blob on the server and what opens it. */
export interface SealedFile {
  readonly id: FileId;
  /** Its true size in bytes. */
  readonly size: number;
  /** Both as base64url. */
  readonly key: string;
  readonly prefix: string;
}

/** A small picture of a file, in a blob of its own. */
export interface Thumbnail extends SealedFile {
  readonly type: string;
}

/** A file that was sent. */
export interface FileReference extends SealedFile {
  readonly name: string;
  /** A media type; nothing may be concluded from it without the allow-list. */
  readonly type: string;
  /** Pixels of a picture or video. */
  readonly width: number | null;
  readonly height: number | null;
  /** Milliseconds of a video or sound. */
  readonly duration: number | null;
  readonly thumbnail: Thumbnail | null;
}

/** The secret of a sealed blob as bytes. */
export function secretOf({ key, prefix }: SealedFile): FileSecret {
  return { key: bytes(key), prefix: bytes(prefix) };
}

/** A secret as it is written into a message. */
export function writtenSecret(secret: FileSecret): Pick<SealedFile, "key" | "prefix"> {
  return { key: toBase64Url(secret.key), prefix: toBase64Url(secret.prefix) };
}

/** The fields of a reference, for the JSON of a message. */
export function writeFile(file: FileReference): Record<string, unknown> {
  const { id, size, key, prefix, name, type, width, height, duration, thumbnail } = file;
  const fields: Record<string, unknown> = { id, size, key, prefix, name, type };
  if (width !== null && height !== null) Object.assign(fields, { width, height });
  if (duration !== null) fields.duration = duration;
  if (thumbnail) {
    const { id, size, key, prefix, type } = thumbnail;
    fields.thumbnail = { id, size, key, prefix, type };
  }
  return fields;
}

/** Reads the fields back; null when it is no file. */
export function readFile(value: unknown): FileReference | null {
  const fields = own(value);
  const sealed = readSealed(fields);
  if (!fields || !sealed) return null;
  const width = whole(fields.width, MOST_PIXELS);
  const height = whole(fields.height, MOST_PIXELS);
  return {
    ...sealed,
    name: cleanName(typeof fields.name === "string" ? fields.name : ""),
    type: readType(fields.type),
    width: height === null ? null : width,
    height: width === null ? null : height,
    duration: whole(fields.duration, MOST_MS),
    thumbnail: readThumbnail(fields.thumbnail),
  };
}

/** Reads the id of a file; null when it is none. */
export function readFileId(value: unknown): FileId | null {
  return isText(value, 16) ? (value as string as FileId) : null;
}

function readThumbnail(value: unknown): Thumbnail | null {
  const fields = own(value);
  const sealed = readSealed(fields);
  const type = readType(fields?.type);
  if (!sealed || sealed.size > THUMBNAIL_BYTES || kindOf(type) !== "picture") return null;
  return { ...sealed, type };
}

function readSealed(fields: Record<string, unknown> | null): SealedFile | null {
  if (!fields) return null;
  const { id, size, key, prefix } = fields;
  if (!isText(id, 16) || !isText(key, 32) || !isText(prefix, 7)) return null;
  if (typeof size !== "number" || !isFileSize(size)) return null;
  return { id: id as FileId, size, key, prefix };
}

/** Whether it is exactly so many bytes in base64url. */
function isText(value: unknown, length: number): value is string {
  if (typeof value !== "string" || value.length > 64) return false;
  const decoded = fromBase64Url(value);
  return decoded?.length === length && toBase64Url(decoded) === value;
}

function readType(value: unknown): string {
  return typeof value === "string" && isShownType(value) ? value : "application/octet-stream";
}

function whole(value: unknown, most: number): number | null {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value <= most
    ? value
    : null;
}

/** The own keys of an object, in one without a prototype. */
function own(value: unknown): Record<string, unknown> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return Object.assign(Object.create(null) as Record<string, unknown>, value);
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(fromBase64Url(text) ?? []);
}

/** A thumbnail that is larger is none. */
export const THUMBNAIL_BYTES = 128 * 1024;
const MOST_PIXELS = 1_000_000;
const MOST_MS = 7 * 24 * 3_600_000;
