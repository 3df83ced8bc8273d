import { fromBase64Url } from "@/lib/base64";
import type { Blob } from "@/protocol/wire";

/** By path, because a rendering that is thrown away has taken the fragment all the same. */
const taken = new Map<string, Blob>();

/**
 * The secret in the fragment of this page's link, which browsers never send;
 * from then on it stands in the address bar and the history no more.
 */
export function takeSecret(): Blob | null {
  const { hash, pathname, search } = location;
  const text = hash.replace(/^#/, "");
  if (text === "" || !fromBase64Url(text)) return taken.get(pathname) ?? null;
  taken.set(pathname, text as Blob);
  history.replaceState(history.state, "", pathname + search);
  return text as Blob;
}
