import { expect, test } from "vitest";

import { isDecodable, pictureSize } from "./picture-size";

function ascii(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}

function bytes(...parts: (number | number[])[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array([...parts.flat(), ...Array.from({ length: 64 }, () => 0)]);
}

const png = (width: number[], height: number[]) =>
  bytes([0x89], ascii("PNG\r\n\u001a\n"), [0, 0, 0, 13], ascii("IHDR"), width, height);

test("the declared size of each kind of picture", () => {
  const app = [0xff, 0xe1, 0, 6, 1, 2, 3, 4];
  for (const [name, picture] of Object.entries({
    png: png([0, 0, 2, 128], [0, 0, 1, 224]),
    gif: bytes(ascii("GIF89a"), [128, 2, 224, 1]),
    jpeg: bytes([0xff, 0xd8], app, [0xff, 0xff, 0xc2, 0, 17, 8, 1, 224, 2, 128]),
    extended: bytes(ascii("RIFF"), [0, 0, 0, 0], ascii("WEBPVP8X"), [10, 0, 0, 0, 0, 0, 0, 0], [127, 2, 0, 223, 1, 0]),
    lossy: bytes(ascii("RIFF"), [0, 0, 0, 0], ascii("WEBPVP8 "), Array(10).fill(0) as number[], [128, 2, 224, 1]),
    lossless: bytes(ascii("RIFF"), [0, 0, 0, 0], ascii("WEBPVP8L"), [0, 0, 0, 0, 0x2f], [127, 194, 119, 0]),
    avif: bytes([0, 0, 0, 32], ascii("ftypavif"), Array(20).fill(0) as number[], ascii("ispe"), [0, 0, 0, 0], [0, 0, 2, 128], [0, 0, 1, 224]),
  })) {
    expect(pictureSize(picture), name).toEqual({ width: 640, height: 480 });
  }
});

test("H79: a picture that declares too much is not decoded, and other things have no size", () => {
  const bomb = pictureSize(png([0, 0, 0x75, 0x30], [0, 0, 0x75, 0x30]));
  expect(bomb).toEqual({ width: 30_000, height: 30_000 });
  expect(isDecodable(bomb!)).toBe(false);
  expect(isDecodable({ width: 0, height: 5 })).toBe(false);
  expect(isDecodable({ width: 12_000, height: 8_000 })).toBe(true);
  for (const other of ["<svg xmlns='http://www.w3.org/2000/svg'/>", "%PDF-1.7", "", "RIFF", "\xff\xd8"]) {
    expect(pictureSize(new Uint8Array(ascii(other)))).toBeNull();
  }
});
