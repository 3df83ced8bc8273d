// Addresses under which players find sealed files: the service worker answers
// them and asks back here what they stand for. Where there is none (a private
// window, a certificate the browser does not know), there is no address, and
// the file has to be fetched whole.

import type { SealedFile } from "@/crypto/file-content";
import { isShownType } from "@/lib/file-types";
import { scriptUrl } from "@/lib/trusted";
import { MEDIA, type MediaAnswer, type MediaQuestion } from "@/sw/messages";

const known = new Map<string, NonNullable<MediaAnswer>>();
let ready: Promise<boolean> | undefined;

/** An address for a player, until it is taken back; null when there cannot be one. */
export async function lendAddress(file: SealedFile, type: string): Promise<string | null> {
  if (!isShownType(type)) return null;
  ready ??= start();
  if (!(await ready)) {
    ready = undefined;
    return null;
  }
  const token = crypto.randomUUID();
  known.set(token, { file, type });
  return MEDIA + token;
}

/** Takes an address back. */
export function returnAddress(address: string): void {
  known.delete(address.slice(MEDIA.length));
}

/** Whether the service worker has this page; waits a little for one that is new. */
async function start(): Promise<boolean> {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return false;
  serviceWorker.addEventListener("message", answer);
  serviceWorker.startMessages();
  try {
    await serviceWorker.register(scriptUrl("/sw.js"), { scope: "/", updateViaCache: "none" });
  } catch {
    return false;
  }
  if (serviceWorker.controller) return true;
  return new Promise((resolve) => {
    serviceWorker.addEventListener("controllerchange", () => resolve(true), { once: true });
    setTimeout(() => resolve(serviceWorker.controller !== null), PATIENCE_MS);
  });
}

function answer({ data, ports }: MessageEvent<MediaQuestion | undefined>): void {
  if (data?.type === "media") ports[0]?.postMessage(known.get(data.token) ?? null);
}

const PATIENCE_MS = 4_000;
