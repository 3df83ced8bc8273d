/**
 * The size that a picture's own header declares, read without decoding it: a
 * few kilobytes can declare more pixels than a computer has memory for.
 */

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Bytes from a file's beginning that are enough to find the size. */
export const HEADER_BYTES = 256 * 1024;

/** Reads the declared size; null when it is none of the pictures we show. */
export function pictureSize(bytes: Uint8Array<ArrayBuffer>): PictureSize | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return png(view) ?? gif(view) ?? webp(view) ?? jpeg(view) ?? avif(view);
  } catch (error) {
    // The header says that more follows than there is.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Whether it may be decoded: not larger than what any camera makes. */
export function isDecodable({ width, height }: PictureSize): boolean {
  return width > 0 && height > 0 && width <= SIDE && height <= SIDE && width * height <= PIXELS;
}

function text(view: DataView, at: number, length: number): string {
  let found = "";
  for (let i = at; i < at + length; i += 1) found += String.fromCharCode(view.getUint8(i));
  return found;
}

function png(view: DataView): PictureSize | null {
  if (view.getUint32(0) !== 0x89504e47 || text(view, 12, 4) !== "IHDR") return null;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

function gif(view: DataView): PictureSize | null {
  if (text(view, 0, 4) !== "GIF8") return null;
  return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

function webp(view: DataView): PictureSize | null {
  if (text(view, 0, 4) !== "RIFF" || text(view, 8, 4) !== "WEBP") return null;
  const uint24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  switch (text(view, 12, 4)) {
    case "VP8X":
      return { width: uint24(24) + 1, height: uint24(27) + 1 };
    case "VP8L": {
      const bits = view.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8 ":
      return {
        width: view.getUint16(26, true) & 0x3fff,
        height: view.getUint16(28, true) & 0x3fff,
      };
    default:
      return null;
  }
}

/** Walks from segment to segment up to the frame header. */
function jpeg(view: DataView): PictureSize | null {
  if (view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  for (;;) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at += 1;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    } else at += 2 + view.getUint16(at + 2);
  }
}

/** The largest of the image spatial extents (`ispe`) that the file declares. */
function avif(view: DataView): PictureSize | null {
  if (text(view, 4, 4) !== "ftyp") return null;
  let found: PictureSize | null = null;
  const end = Math.min(view.byteLength - 20, BOXES);
  for (let at = 8; at < end; at += 1) {
    if (view.getUint32(at) !== 0x69737065) continue;
    const size = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    if (!found || size.width * size.height > found.width * found.height) found = size;
  }
  return found;
}

const SIDE = 16_384;
const PIXELS = 100_000_000;
const BOXES = 64 * 1024;
