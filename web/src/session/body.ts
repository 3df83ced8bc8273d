// The only module that knows what is inside the body of a message. Format 0 is plain UTF-8
// JSON; other formats are other ways to get at the same content.
//
// What comes out of a body was written by another client and is hostile until
// it has passed the checks here: only known kinds, only known keys, copied
// into fresh objects, so that keys like `__proto__` end here.

import { fromBase64Url, toBase64Url } from "@/lib/base64";
import { BODY_BYTES, type Blob, type Body } from "@/protocol/wire";

/** What a message says. */
export type Content = { readonly kind: "text"; readonly text: string };

/** The body of a message. */
export function encodeContent(content: Content): Body {
  return encode({ k: "text", text: content.text });
}

/** What a message says, or null when this client cannot read it. */
export function decodeContent(body: Body): Content | null {
  const value = decode(body);
  if (value?.k !== "text" || typeof value.text !== "string") return null;
  return { kind: "text", text: value.text };
}

/** Whether a text can be sent as one message. */
export function fits(text: string): boolean {
  // A character is at least one byte: most texts need no counting.
  if (text.length * 6 + 32 <= BODY_BYTES) return true;
  return new TextEncoder().encode(JSON.stringify({ k: "text", text })).length <= BODY_BYTES;
}

function encode(value: unknown): Body {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return { format: PLAIN, data: toBase64Url(bytes) as Blob };
}

function decode(body: Body): Record<string, unknown> | null {
  if (body.format !== PLAIN) return null;
  const bytes = fromBase64Url(body.data);
  if (!bytes) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return record(JSON.parse(text));
  } catch {
    return null;
  }
}

/** The own keys of an object, in one without a prototype; null for anything else. */
function record(value: unknown): Record<string, unknown> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return Object.assign(Object.create(null) as Record<string, unknown>, value);
}

const PLAIN = 0;
