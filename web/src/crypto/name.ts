// Names of rooms as control events carry them: cleaned before they are signed,
// so that what is hashed is what is shown. The rules are those of the server's names.

/** Whether cleaning would not change it. */
export function isCleanName(name: string): boolean {
  return clean(name) === name;
}

/** The name as it is signed; null when nothing visible is left or it is too long. */
export function clean(name: string): string | null {
  let cleaned = "";
  let marks = 0;
  for (const c of name.normalize("NFC")) {
    if (HIDDEN.test(c)) continue;
    if (/\s/u.test(c) || c === "\u0085") {
      if (cleaned !== "" && !cleaned.endsWith(" ")) cleaned += " ";
      continue;
    }
    marks = /\p{M}/u.test(c) ? marks + 1 : 0;
    if (marks <= 2) cleaned += c;
  }
  cleaned = cleaned.trimEnd();
  const visible = /[^\p{M}]/u.test(cleaned);
  const short = [...cleaned].length <= 64 && new TextEncoder().encode(cleaned).length <= 256;
  return visible && short && !LONE.test(cleaned) ? cleaned : null;
}

/** A half of a surrogate pair, which UTF-8 cannot write. */
const LONE = /\p{Cs}/u;

/** Controls that are no space, bidi overrides, zero-width and other invisible characters; the joiners stay. */
const HIDDEN = new RegExp(
  "[" +
    "\\u{0}-\\u{8}\\u{e}-\\u{1f}\\u{7f}-\\u{84}\\u{86}-\\u{9f}\\u{ad}\\u{34f}\\u{61c}\\u{115f}\\u{1160}\\u{17b4}\\u{17b5}" +
    "\\u{180b}-\\u{180f}\\u{200b}\\u{200e}\\u{200f}\\u{202a}-\\u{202e}\\u{2060}-\\u{206f}\\u{3164}\\u{feff}" +
    "\\u{ffa0}\\u{fff0}-\\u{fffb}\\u{e0000}-\\u{e0fff}]",
  "u",
);
