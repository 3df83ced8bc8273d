import { fromBase64Url } from "@/lib/base64";
import type { Blob } from "@/protocol/wire";

/**
 * The secret in the fragment of this page's link, which browsers never send;
 * from then on it stands in the address bar and the history no more.
 */
export function takeSecret(): Blob | null {
  const text = location.hash.replace(/^#/, "");
  if (text === "" || !fromBase64Url(text)) return null;
  history.replaceState(history.state, "", location.pathname + location.search);
  return text as Blob;
}
