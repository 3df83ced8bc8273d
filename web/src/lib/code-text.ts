// A recovery code as people type it: with or without dashes, in any case, and
// with the letters that Crockford's alphabet leaves out because they look like digits.

/** Whether two codes, or the same parts of them, are the same to a reader. */
export function sameCode(a: string, b: string): boolean {
  return plain(a) === plain(b);
}

/** Whether a text has as many letters as a code, all of its alphabet. */
export function looksLikeCode(code: string): boolean {
  return /^[0-9A-HJKMNP-TV-Z]{28}$/.test(plain(code));
}

function plain(code: string): string {
  return code
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
}
