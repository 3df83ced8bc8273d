/** The beginning of a text in one line, for lists and notices. */
export function previewOf(text: string): string {
  // Cut before looking at spaces, so that a long text costs no more than a short one.
  return text.slice(0, 4 * LETTERS).trim().replaceAll(/\s+/gu, " ").slice(0, LETTERS);
}

const LETTERS = 160;
