// What the service worker asks of a page: which sealed file stands behind an address.

import type { SealedFile } from "@/crypto/file-content";

/** Addresses below this are answered by the service worker from opened chunks. */
export const MEDIA = "/media/";

/** To the page, with a port for the answer. */
export interface MediaQuestion {
  readonly type: "media";
  readonly token: string;
}

/** Null when the page knows no such address. */
export type MediaAnswer = { readonly file: SealedFile; readonly type: string } | null;
