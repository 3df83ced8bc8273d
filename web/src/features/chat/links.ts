// Finds the links in a text. Only http and https; everything else stays text.
// One pass from left to right: hostile texts cost no more than friendly ones.

import { graphemes } from "@/lib/graphemes";

/** A stretch of text; with `href` it is a link. */
export interface Part {
  readonly text: string;
  readonly href?: string;
}

/** Cuts a text into plain parts and links; joined, the parts are the text. */
export function linkParts(text: string): Part[] {
  const parts: Part[] = [];
  const scheme = /https?:\/\//giu;
  let plainFrom = 0;
  let links = 0;
  while (links < MAX_LINKS) {
    const found = scheme.exec(text);
    if (!found) break;
    const begin = found.index;
    const runEnd = endOfRun(text, scheme.lastIndex);
    // Never look at the same letters twice, whatever becomes of this run.
    scheme.lastIndex = runEnd;
    if (begin > 0 && LETTER.test(text[begin - 1] ?? "")) continue;
    if (runEnd - begin > MAX_LENGTH) continue;
    const end = withoutTrailing(text, begin, runEnd);
    const href = address(text.slice(begin, end));
    if (href === null) continue;
    if (begin > plainFrom) parts.push({ text: text.slice(plainFrom, begin) });
    parts.push({ text: text.slice(begin, end), href });
    plainFrom = end;
    links += 1;
  }
  if (plainFrom < text.length) parts.push({ text: text.slice(plainFrom) });
  return parts;
}

/** Whether a text is nothing but a few emoji, which are shown larger. */
export function isEmojiOnly(text: string): boolean {
  if (text.length > 64 || !EMOJI.test(text) || !NOTHING_ELSE.test(text)) return false;
  return graphemes(text.trim()).filter((letter) => letter.trim() !== "").length <= 6;
}

/** Where the run of letters that an address may have ends. */
function endOfRun(text: string, from: number): number {
  let end = from;
  while (end < text.length && !STOP.test(text[end] ?? "")) end += 1;
  return end;
}

/** Leaves out punctuation at the end, and brackets that were opened before the link. */
function withoutTrailing(text: string, begin: number, end: number): number {
  let open = 0;
  for (let i = begin; i < end; i++) {
    if (text[i] === "(") open += 1;
    else if (text[i] === ")") open -= 1;
  }
  let last = end;
  while (last > begin) {
    const letter = text[last - 1] ?? "";
    if (letter === ")") {
      if (open >= 0) break;
      open += 1;
    } else if (!TRAILING.includes(letter)) break;
    last -= 1;
  }
  return last;
}

/** The address behind a link, or null when it is none to follow. */
function address(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  // `https://bank.example@evil.example/` says one thing and goes to another.
  if (url.username !== "" || url.password !== "" || url.hostname === "") return null;
  return url.href;
}

const MAX_LINKS = 200;
const MAX_LENGTH = 2_048;
const TRAILING = ".,;:!?'\"*_~]}…»”’";
const LETTER = /[\p{L}\p{N}_]/u;
/** Space, controls and direction marks, and what no address contains unescaped. */
const STOP = /[\s\p{Cc}<>"`{}|\\^\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;
const EMOJI = /[\p{Extended_Pictographic}\p{Regional_Indicator}]/u;
const NOTHING_ELSE =
  /^(?:[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\u{e0020}-\u{e007f}\s]|\u200d|\ufe0f)+$/u;
