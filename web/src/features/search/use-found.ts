// What is found for a query, once the typing rests; found anew as the index grows.

import { useEffect, useState } from "react";

import { useReadable } from "@/lib/use-readable";
import type { ConversationId } from "@/protocol/wire";
import type { Found } from "@/search";
import { useSession } from "@/session";

/** The newest messages with these words; null before the first answer, and without a query. */
export function useFound(text: string, conversation: ConversationId | null, limit: number): Found | null {
  const { search } = useSession();
  const { indexed, state } = useReadable(search.progress);
  // While it is being filled, not every page of history is worth a new answer.
  const filled = state === "indexing" ? Math.floor(indexed / STEP) : indexed;
  const [found, setFound] = useState<{ filled: number; found: Found } | null>(null);
  const wanted = text.trim();

  useEffect(() => {
    if (!wanted) return undefined;
    let current = true;
    const timer = setTimeout(() => {
      const query = conversation ? { text, conversation } : { text };
      search.find(query, limit).then(
        (found) => current && setFound({ filled, found }),
        () => current && setFound({ filled, found: { hits: [], total: 0 } }),
      );
    }, REST_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [search, text, wanted, conversation, limit, filled]);

  return wanted ? (found?.found ?? null) : null;
}

const REST_MS = 120;
const STEP = 500;
