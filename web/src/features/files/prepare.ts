// What can be found out about a chosen file before it is sent: its pixels, its
// length, a small picture. Nothing is decoded that declares too much.

import { THUMBNAIL_BYTES } from "@/crypto/file-content";
import type { Chosen } from "@/files";
import { kindOf, shownType } from "@/lib/file-types";
import { isAffordable } from "@/lib/picture-cost";

/** Looks at a file; whatever cannot be found out is left out. */
export async function prepare(file: File): Promise<Chosen> {
  const type = shownType(file.type);
  const plain: Chosen = {
    content: file,
    name: file.name,
    type,
    width: null,
    height: null,
    duration: null,
    thumbnail: null,
  };
  try {
    switch (kindOf(type)) {
      case "picture":
        return { ...plain, ...(await lookAtPicture(file)) };
      case "video":
        return { ...plain, ...(await lookAtVideo(file, type)) };
      default:
        return plain;
    }
  } catch {
    // Not what it says it is: it can still be sent and saved.
    return plain;
  }
}

type Look = Pick<Chosen, "width" | "height"> & Partial<Chosen>;

async function lookAtPicture(file: File): Promise<Look> {
  if (!(await isAffordable(file, "whole"))) return { width: null, height: null };
  const picture = await createImageBitmap(file);
  // As it is shown: turned by what the camera noted.
  const { width, height } = picture;
  const thumbnail = await draw(picture, width, height);
  picture.close();
  return { width, height, thumbnail };
}

async function lookAtVideo(file: File, type: string): Promise<Look> {
  const address = URL.createObjectURL(file.slice(0, file.size, type));
  const video = document.createElement("video");
  video.muted = true;
  video.preload = "auto";
  try {
    video.src = address;
    await event(video, "loadeddata");
    const { videoWidth: width, videoHeight: height } = video;
    const duration = Number.isFinite(video.duration) ? Math.round(video.duration * 1000) : null;
    // The very first frame is often black.
    const found = event(video, "seeked");
    video.currentTime = Math.min(1, (duration ?? 0) / 3000);
    await found;
    return { width, height, duration, thumbnail: await draw(video, width, height) };
  } finally {
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(address);
  }
}

/** A picture small enough to be a thumbnail; none when the browser cannot write one. */
async function draw(source: CanvasImageSource, width: number, height: number): Promise<Blob | null> {
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  for (const quality of [0.8, 0.5]) {
    const blob = await new Promise<Blob | null>((resolve) => {
      canvas.toBlob(resolve, "image/webp", quality);
    });
    if (blob && blob.size <= THUMBNAIL_BYTES) return blob;
  }
  return null;
}

function event(video: HTMLVideoElement, name: "loadeddata" | "seeked"): Promise<void> {
  return new Promise((resolve, reject) => {
    video.addEventListener(name, () => resolve(), { once: true });
    video.addEventListener("error", () => reject(new Error("not a video")), { once: true });
    setTimeout(() => reject(new Error("too slow")), PATIENCE_MS);
  });
}

/** Pixels of a thumbnail's longer side: enough for a sharp screen. */
const SIDE = 720;
const PATIENCE_MS = 8_000;
