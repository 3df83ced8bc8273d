/** Whether a text can be sent as one message. */
export function fits(text: string): boolean {
  // A character is at most six bytes, escaped: most texts need no counting.
  if (text.length * 6 + 32 <= CONTENT_BYTES) return true;
  return new TextEncoder().encode(JSON.stringify({ k: "text", text })).length <= CONTENT_BYTES;
}

/** What fits into an envelope beside its header, signature and padding. */
const CONTENT_BYTES = 36_000;
