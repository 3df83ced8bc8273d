import { expect, test } from "vitest";

import { bareJpeg } from "./jpeg";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const segment = (kind: number, payload: string) =>
  `\xff${String.fromCharCode(kind, 0, payload.length + 2)}${payload}`;

const PICTURE = segment(0xdb, "table") + segment(0xc0, "frame") + segment(0xc4, "table");
const SCAN = `${segment(0xda, "scan")}coded\xff\xe1\xff\xd9`;

test("what an encoder adds stays behind, the picture is untouched", async () => {
  const extras = [segment(0xe0, "JFIF\0"), segment(0xe1, "Exif\0\0a place"), segment(0xed, "notes"), segment(0xfe, "words")];
  const bare = bareJpeg(bytes(`\xff\xd8${extras.join("")}${PICTURE}${SCAN}`));
  expect(bare?.type).toBe("image/jpeg");
  expect(new Uint8Array(await bare!.arrayBuffer())).toEqual(bytes(`\xff\xd8${PICTURE}${SCAN}`));
});

test("what is no JPEG, or breaks off, gives nothing", () => {
  for (const file of ["", "\x89PNG", "\xff\xd8", `\xff\xd8${PICTURE}`, "\xff\xd8\xff\xe1\0\0", `\xff\xd8${PICTURE}x`]) {
    expect(bareJpeg(bytes(file)), file).toBeUndefined();
  }
});
