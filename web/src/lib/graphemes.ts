let segmenter: Intl.Segmenter | undefined;

/** The letters of a text as people count them. */
export function graphemes(text: string): string[] {
  // Making one takes longer than all else that showing a row of the log does.
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
