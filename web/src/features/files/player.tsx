import { useEffect, useState } from "react";

import type { FileReference } from "@/crypto/file-content";
import { lendAddress, returnAddress } from "@/files";
import { cn } from "@/lib/cn";
import { kindOf } from "@/lib/file-types";
import { useWords } from "@/lib/i18n";

import { failureText, useFetched } from "./use-fetched";
import { useObjectUrl } from "./use-object-url";

/**
 * Plays a video or sound. Through the service worker it begins at once and
 * seeks without the rest; where there is none, the file is fetched whole first.
 */
export function Player({ file, className }: { file: FileReference; className?: string }) {
  const words = useWords();
  const [lent, setLent] = useState<string | null>(null);
  const [whole, setWhole] = useState(false);
  const [unplayable, setUnplayable] = useState(false);
  const { state } = useFetched(file, file.type, whole);
  const blob = useObjectUrl(state.type === "here" ? state.content : null);
  const address = lent ?? blob;

  useEffect(() => {
    let borrowed: string | null = null;
    let over = false;
    void lendAddress(file, file.type).then((address) => {
      if (over) {
        if (address !== null) returnAddress(address);
        return;
      }
      borrowed = address;
      if (address === null) setWhole(true);
      else setLent(address);
    });
    return () => {
      over = true;
      if (borrowed !== null) returnAddress(borrowed);
      setLent(null);
    };
  }, [file]);

  const failed = () => {
    // The service worker may have been refused something that the page is not.
    if (lent !== null && !whole) {
      setLent(null);
      setWhole(true);
    } else setUnplayable(true);
  };

  if (unplayable || state.type === "failed") {
    return (
      <p role="alert" className={cn("text-sm text-destructive", className)}>
        {state.type === "failed" ? failureText(state.reason, words) : words.files.cannotPlay}
      </p>
    );
  }
  if (address === null) {
    return (
      <p role="status" className={cn("text-sm text-muted-foreground tabular-nums", className)}>
        {words.files.loading(state.type === "loading" ? Math.floor(state.progress * 100) : 0)}
      </p>
    );
  }
  const common = { src: address, controls: true, autoPlay: true, onError: failed, "aria-label": file.name };
  if (kindOf(file.type) === "sound") return <audio {...common} className={className} />;
  return (
    <video
      {...common}
      playsInline
      className={cn("max-h-[70dvh] rounded-xl bg-black", className)}
      style={file.width !== null ? { aspectRatio: `${file.width} / ${file.height}` } : undefined}
    />
  );
}
