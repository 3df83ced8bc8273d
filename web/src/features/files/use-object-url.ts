import { useEffect, useState } from "react";

import { isShownType } from "@/lib/file-types";

/** An address of a blob for as long as it is shown; only ever of a listed type. */
export function useObjectUrl(blob: Blob | null): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (!blob || !isShownType(blob.type)) return;
    const made = URL.createObjectURL(blob);
    queueMicrotask(() => setAddress(made));
    return () => {
      URL.revokeObjectURL(made);
      setAddress(null);
    };
  }, [blob]);
  return address;
}
