// How texts become search terms, the same for what is stored and what is asked.
//
// Letters and digits of any script, in one form whatever case or accents they
// were written with. Scripts that put no spaces between words are cut into
// pairs of characters, so that any part of a sentence can be found.

const WORDS = /[\p{L}\p{N}\p{M}]+/gu;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;
const MARKS = /\p{M}+/gu;

/** A longer word is found by its beginning. */
const LONGEST = 40;

/** The terms of a text in its order, with repetitions. */
export function terms(text: string): string[] {
  const found: string[] = [];
  for (const [word] of fold(text).matchAll(WORDS)) {
    if (UNSPACED.test(word)) found.push(...pairs(word));
    else found.push(word.slice(0, LONGEST));
  }
  return found;
}

/** A text without case, accents and compatibility forms. */
export function fold(text: string): string {
  return text.normalize("NFKD").replace(MARKS, "").toLowerCase().normalize("NFC");
}

function pairs(word: string): string[] {
  const characters = [...word];
  if (characters.length < 2) return characters;
  return characters.slice(1).map((character, before) => (characters[before] ?? "") + character);
}
