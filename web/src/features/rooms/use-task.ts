import { useState } from "react";

import { errorText } from "@/lib/error-text";
import { useWords } from "@/lib/i18n";

/** Something asked of the server: whether it is under way, and why it failed. */
export function useTask() {
  const words = useWords();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (cause) {
      setError(errorText(cause, words));
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run };
}
