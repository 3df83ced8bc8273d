// What showing a picture costs, told from its own bytes without decoding them.
// A few kilobytes can declare more pixels, or more frames, than there is memory
// and time for; what costs too much is offered as a file instead.

import { HEADER_BYTES, isDecodable, pictureSize } from "./picture-size";

/** How a picture is shown: for itself, or as one of many small ones that do not move. */
export type PictureUse = "whole" | "small";

/** Whether a picture may be decoded. */
export async function isAffordable(content: Blob, use: PictureUse): Promise<boolean> {
  if (content.size > BYTES) return false;
  const size = pictureSize(new Uint8Array(await content.slice(0, HEADER_BYTES).arrayBuffer()));
  if (!size || !isDecodable(size)) return false;
  const { width, height } = size;
  if (use === "small") return Math.max(width, height) <= SMALL_SIDE && (await frames(content, 1)) <= 1;
  const most = Math.floor(ANIMATED_PIXELS / (width * height));
  const count = await frames(content, Math.max(1, Math.min(most, FRAMES)));
  return count <= 1 || (count <= most && count <= FRAMES);
}

/** Frames of a picture; counts no further than one more than `most`. */
async function frames(content: Blob, most: number): Promise<number> {
  const bytes = new Walk(content);
  await bytes.to(0, 16);
  if (bytes.text(0, 3) === "GIF") return gifFrames(bytes, most);
  if (bytes.text(1, 3) === "PNG") return pngFrames(bytes);
  if (bytes.text(0, 4) === "RIFF") return webpFrames(bytes, most);
  if (bytes.text(4, 4) === "ftyp") return avifFrames(bytes);
  return 1;
}

async function gifFrames(bytes: Walk, most: number): Promise<number> {
  await bytes.to(0, 13);
  let at = 13 + tableBytes(bytes.byte(10));
  for (let count = 0; count <= most; ) {
    await bytes.to(at, 10);
    const kind = bytes.byte(at);
    if (kind === EXTENSION) at += 2;
    else if (kind === IMAGE) {
      count += 1;
      at += 11 + tableBytes(bytes.byte(at + 9));
    } else return count;
    for (;;) {
      await bytes.to(at, 1);
      const length = bytes.byte(at);
      at += length + 1;
      if (length === 0) break;
    }
  }
  return most + 1;
}

/** Bytes of a colour table that flags announce. */
function tableBytes(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

/** What the header of the animation announces, which has to come before the first picture. */
async function pngFrames(bytes: Walk): Promise<number> {
  for (let at = 8; ; ) {
    await bytes.to(at, 12);
    const kind = bytes.text(at + 4, 4);
    if (kind === "acTL") return bytes.uint32(at + 8);
    if (kind === "" || kind === "IDAT" || kind === "IEND") return 1;
    at += 12 + bytes.uint32(at);
  }
}

async function webpFrames(bytes: Walk, most: number): Promise<number> {
  let count = 0;
  for (let at = 12; count <= most; ) {
    await bytes.to(at, 8);
    const kind = bytes.text(at, 4);
    if (kind === "") return Math.max(1, count);
    if (kind === "ANMF") count += 1;
    const length = bytes.uint32(at + 4, true);
    at += 8 + length + (length & 1);
  }
  return count;
}

/** Sequences of the format are rare, and their frames nowhere near their beginning: none is shown. */
async function avifFrames(bytes: Walk): Promise<number> {
  const length = bytes.uint32(0);
  await bytes.to(0, Math.min(length, 256));
  for (let at = 8; at < Math.min(length, 256); at += 4) if (bytes.text(at, 4) === "avis") return Infinity;
  return 1;
}

/** Reads here and there in a blob, a piece at a time. Beyond the end there are zeros and no text. */
class Walk {
  readonly #blob: Blob;
  #from = 0;
  #view = new DataView(new ArrayBuffer(0));

  constructor(blob: Blob) {
    this.#blob = blob;
  }

  /** Makes sure that so many bytes from a place on can be read. */
  to(at: number, length: number): Promise<void> | undefined {
    const end = Math.min(at + length, this.#blob.size);
    return at >= this.#from && end <= this.#from + this.#view.byteLength ? undefined : this.#fill(at);
  }

  async #fill(at: number): Promise<void> {
    this.#from = at;
    this.#view = new DataView(await this.#blob.slice(at, at + PIECE).arrayBuffer());
  }

  byte(at: number): number {
    return this.#has(at, 1) ? this.#view.getUint8(at - this.#from) : 0;
  }

  uint32(at: number, little = false): number {
    return this.#has(at, 4) ? this.#view.getUint32(at - this.#from, little) : 0;
  }

  text(at: number, length: number): string {
    if (!this.#has(at, length)) return "";
    return Array.from({ length }, (_, i) => String.fromCharCode(this.byte(at + i))).join("");
  }

  #has(at: number, length: number): boolean {
    return at >= this.#from && at + length <= this.#from + this.#view.byteLength;
  }
}

/** A larger file is no picture to look at here. */
const BYTES = 64 * 1024 * 1024;
const SMALL_SIDE = 2_048;
/** Of all frames together: a gigabyte, should a browser keep them all. */
const ANIMATED_PIXELS = 256 * 1024 * 1024;
const FRAMES = 5_000;
const PIECE = 64 * 1024;
const EXTENSION = 0x21;
const IMAGE = 0x2c;
