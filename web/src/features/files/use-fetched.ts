import { useCallback, useEffect, useRef, useState } from "react";

import type { SealedFile } from "@/crypto/file-content";
import { NotFetched } from "@/files";
import { BYTES, kindOf } from "@/lib/file-types";
import type { Words } from "@/lib/i18n";
import { isAffordable, type PictureUse } from "@/lib/picture-cost";
import { useSession } from "@/session";

/** A file on its way to the screen. */
export type Fetched =
  | { readonly type: "idle" }
  | { readonly type: "loading"; readonly progress: number }
  | { readonly type: "here"; readonly content: Blob }
  | { readonly type: "failed"; readonly reason: "gone" | "damaged" | "offline" }
  /** A picture that would cost too much to show; it can be saved. */
  | { readonly type: "failed"; readonly reason: "pixels"; readonly content: Blob };

/** Fetches a file when asked to, or at once. Pictures that declare too much come through as bytes to be saved. */
export function useFetched(file: SealedFile | null, as: string, atOnce: boolean, use: PictureUse = "whole") {
  const { files } = useSession();
  const [state, setState] = useState<Fetched>({ type: "idle" });
  const abort = useRef<AbortController>(null);

  const stop = useCallback(() => {
    abort.current?.abort();
    abort.current = null;
    setState({ type: "idle" });
  }, []);

  const start = useCallback(async (): Promise<Blob | null> => {
    if (!file) return null;
    // What was affordable for itself need not be so as one of many.
    const name = `${use} ${file.id}`;
    const kept = cache.get(name);
    if (kept?.type === as) {
      setState({ type: "here", content: kept });
      return kept;
    }
    abort.current?.abort();
    const { signal } = (abort.current = new AbortController());
    setState({ type: "loading", progress: 0 });
    try {
      const progress = (part: number) => setState({ type: "loading", progress: part });
      const content = await files.fetch(file, as, signal, progress);
      if (kindOf(as) === "picture" && !(await isAffordable(content, use))) {
        setState({ type: "failed", reason: "pixels", content: new Blob([content], { type: BYTES }) });
        return null;
      }
      keep(name, content);
      setState({ type: "here", content });
      return content;
    } catch (error) {
      if (signal.aborted) return null;
      setState({ type: "failed", reason: error instanceof NotFetched ? error.reason : "offline" });
      return null;
    }
  }, [files, file, as, use]);

  useEffect(() => {
    let over = false;
    queueMicrotask(() => {
      if (atOnce && !over) void start();
    });
    return () => {
      over = true;
      abort.current?.abort();
    };
  }, [atOnce, start]);

  return { state, start, stop };
}

/** Why a file is not shown. */
export function failureText(reason: (Fetched & { type: "failed" })["reason"], words: Words): string {
  return reason === "pixels" ? words.files.tooManyPixels : words.files[reason];
}

/** Small things are kept for a while: rows of the log come and go as it scrolls. */
function keep(name: string, content: Blob): void {
  if (content.size > KEPT_BYTES) return;
  cache.delete(name);
  cache.set(name, content);
  for (const oldest of cache.keys()) {
    if (cache.size <= KEPT) return;
    cache.delete(oldest);
  }
}

const cache = new Map<string, Blob>();
const KEPT = 200;
const KEPT_BYTES = 256 * 1024;
