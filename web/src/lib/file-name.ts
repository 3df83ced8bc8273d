/**
 * Names of files from other people: cleaned so that they mean the same on the
 * screen and on a disk, whatever system it belongs to.
 */

/**
 * A name that is safe to show and to save under: one line, no way out of a
 * folder, nothing that turns its ending around, at most 120 characters.
 */
export function cleanName(name: string): string {
  const base = name
    // Long before anything looks at it closely.
    .slice(-LOOKED_AT)
    .normalize("NFC")
    .replaceAll(INVISIBLE, "")
    .split(/[/\\]/u)
    .at(-1);
  let clean = (base ?? "").replaceAll(/[<>:"|?*]/gu, "_").replaceAll(/\s+/gu, " ");
  clean = clean.replace(/^[. ]+/u, "").replace(/[. ]+$/u, "");
  // A device on Windows, whatever its ending.
  if (DEVICES.test(clean)) clean = `_${clean}`;
  return shortened(clean) || "file";
}

/** Keeps the ending, which says what it is. */
function shortened(name: string): string {
  const letters = Array.from(name);
  if (letters.length <= LONGEST) return name;
  const dot = letters.lastIndexOf(".");
  const ending = dot > 0 && letters.length - dot <= 12 ? letters.slice(dot) : [];
  return [...letters.slice(0, LONGEST - ending.length), ...ending].join("").trim();
}

/** Controls, marks of direction, zero-width characters, lone surrogates, private use. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/gu;
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(?:\.|$)/iu;
const LOOKED_AT = 4096;
const LONGEST = 120;
