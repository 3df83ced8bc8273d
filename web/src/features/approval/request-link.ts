import { approvePath } from "@/lib/paths";
import type { Blob } from "@/protocol/wire";

/** What the QR code of a new device holds: a page here, so that any phone's camera leads to it. */
export function requestLink(request: Blob): string {
  return `${location.origin}${approvePath}#${request}`;
}

/** The key in such a link, or null when it is no link of this place. */
export function requestOf(text: string): Blob | null {
  const start = requestLink("" as Blob);
  return text.startsWith(start) ? (text.slice(start.length) as Blob) : null;
}
