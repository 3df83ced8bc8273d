import { toBase64Url } from "@/lib/base64";
import type { FileId } from "@/protocol/wire";

/** A fresh id for a sealed blob. */
export function newFileId(): FileId {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(16))) as FileId;
}
