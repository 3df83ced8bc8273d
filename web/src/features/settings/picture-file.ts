// Pictures on their way to the server: read, cut square, made small. What
// leaves here was drawn anew, so nothing of the file but its colours goes out:
// no place, no camera, nothing hidden.

import { AVATAR_BYTES } from "@/protocol/wire";

import { bareJpeg } from "./jpeg";

/** Bytes of a file that is opened at all; decoding more could exhaust a phone. */
export const PICTURE_BYTES = 20_000_000;

/** Width and height of what is sent. */
export const SIDE = 512;

/** Which square of a picture is taken: its middle and side in the picture's own pixels. */
export interface Crop {
  x: number;
  y: number;
  side: number;
}

/** Decodes a file, scaled down while decoding where it is larger than needed. */
export async function openPicture(file: File): Promise<ImageBitmap> {
  const picture = await createImageBitmap(file);
  const longest = Math.max(picture.width, picture.height);
  if (longest <= LONGEST) return picture;
  const scale = LONGEST / longest;
  const smaller = await createImageBitmap(picture, {
    resizeWidth: Math.max(1, Math.round(picture.width * scale)),
    resizeHeight: Math.max(1, Math.round(picture.height * scale)),
    resizeQuality: "high",
  });
  picture.close();
  return smaller;
}

/** Keeps a crop inside the picture. */
export function clampCrop(crop: Crop, width: number, height: number): Crop {
  const side = Math.min(crop.side, width, height);
  const half = side / 2;
  return {
    side,
    x: Math.min(Math.max(crop.x, half), width - half),
    y: Math.min(Math.max(crop.y, half), height - half),
  };
}

/**
 * The cut-out as WebP, or as JPEG where the browser's canvas writes none (it
 * then silently gives PNG), as good as the limit allows; undefined when it can write neither.
 */
export async function encodeCrop(picture: ImageBitmap, crop: Crop): Promise<Blob | undefined> {
  const canvas = document.createElement("canvas");
  canvas.width = SIDE;
  canvas.height = SIDE;
  drawCrop(canvas, picture, crop);
  return (await encode(canvas, "image/webp")) ?? encodeJpeg(canvas);
}

async function encodeJpeg(canvas: HTMLCanvasElement): Promise<Blob | undefined> {
  const context = canvas.getContext("2d");
  if (!context) return undefined;
  // JPEG has no transparency, and black would come through.
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  const blob = await encode(canvas, "image/jpeg");
  return blob && bareJpeg(new Uint8Array(await blob.arrayBuffer()));
}

async function encode(canvas: HTMLCanvasElement, type: string): Promise<Blob | undefined> {
  for (const quality of [0.9, 0.75, 0.5]) {
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality));
    if (blob?.type !== type) return undefined;
    if (blob.size <= AVATAR_BYTES) return blob;
  }
  return undefined;
}

/** Paints the cut-out over the whole canvas. */
export function drawCrop(canvas: HTMLCanvasElement, picture: ImageBitmap, crop: Crop): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  context.imageSmoothingQuality = "high";
  context.clearRect(0, 0, canvas.width, canvas.height);
  const half = crop.side / 2;
  context.drawImage(
    picture,
    crop.x - half,
    crop.y - half,
    crop.side,
    crop.side,
    0,
    0,
    canvas.width,
    canvas.height,
  );
}

const LONGEST = 2048;
