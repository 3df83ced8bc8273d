// Cuts a message to what was found in it, and marks the words that were looked for.

import { fold, terms } from "@/search";

/** A stretch of text; `hit` says whether it was looked for. */
export interface Piece {
  readonly text: string;
  readonly hit: boolean;
}

/** The part of a text around the first word found, with all found words marked. */
export function excerpt(text: string, query: string): Piece[] {
  const line = text.replace(/\s+/gu, " ").trim();
  const wanted = terms(query);
  const words = [...line.matchAll(WORDS)].filter(([word]) => matches(word, wanted));
  const first = words[0]?.index ?? 0;
  const from = first <= LEAD ? 0 : wordStart(line, first - LEAD);
  const to = line.length - from <= LENGTH ? line.length : from + LENGTH;
  const pieces: Piece[] = [];
  let at = from;
  if (from > 0) pieces.push({ text: "… ", hit: false });
  for (const word of words) {
    const begin = word.index;
    const end = Math.min(begin + word[0].length, to);
    if (begin < at || begin >= to) continue;
    if (begin > at) pieces.push({ text: line.slice(at, begin), hit: false });
    pieces.push({ text: line.slice(begin, end), hit: true });
    at = end;
  }
  if (at < to) pieces.push({ text: line.slice(at, to), hit: false });
  if (to < line.length) pieces.push({ text: " …", hit: false });
  return pieces;
}

/** A word is marked when it begins with one that was asked for, or holds it where no spaces are written. */
function matches(word: string, wanted: readonly string[]): boolean {
  const folded = fold(word);
  const own = terms(word);
  return wanted.some((term) => folded.startsWith(term) || (own.length > 1 && own.includes(term)));
}

function wordStart(line: string, at: number): number {
  const space = line.indexOf(" ", at);
  return space < 0 || space > at + LEAD ? at : space + 1;
}

const WORDS = /[\p{L}\p{N}\p{M}]+/gu;
const LEAD = 40;
const LENGTH = 240;
