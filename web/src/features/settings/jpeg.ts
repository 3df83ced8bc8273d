// What a canvas writes as JPEG, without what an encoder may add of its own:
// the server takes no Exif, comments or other extras.

/** Drops every segment that is no part of the picture; undefined when it is no JPEG. */
export function bareJpeg(file: Uint8Array<ArrayBuffer>): Blob | undefined {
  if (file[0] !== MARK || file[1] !== SOI) return undefined;
  const kept: Uint8Array<ArrayBuffer>[] = [file.subarray(0, 2)];
  for (let at = 2; file[at] === MARK; ) {
    const kind = file[at + 1] ?? 0;
    // The coded data begins, and it is one picture to the end.
    if (kind === SOS) return new Blob([...kept, file.subarray(at)], { type: "image/jpeg" });
    const length = ((file[at + 2] ?? 0) << 8) | (file[at + 3] ?? 0);
    if (length < 2) return undefined;
    const end = at + 2 + length;
    if (!isExtra(kind)) kept.push(file.subarray(at, end));
    at = end;
  }
  return undefined;
}

/** Application segments (Exif, thumbnails, an editor's notes) and comments; a canvas needs no colour profile. */
function isExtra(kind: number): boolean {
  return (kind >= APP0 && kind <= APP15) || kind === COM;
}

const MARK = 0xff;
const SOI = 0xd8;
const SOS = 0xda;
const APP0 = 0xe0;
const APP15 = 0xef;
const COM = 0xfe;
