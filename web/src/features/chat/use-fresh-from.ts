import { useCallback, useEffect, useRef, useState } from "react";

import type { Readable } from "@/lib/readable";
import type { Seq } from "@/protocol/wire";
import type { ConversationView } from "@/session";

import { attention } from "./attention";

/**
 * Where the "new" line is: before what was unread when the conversation was
 * opened, or came while nobody looked. It stays until something is answered,
 * so that it does not vanish under the eyes of who reads.
 */
export function useFreshFrom(
  conversation: ConversationView,
  following: Readable<boolean>,
): [Seq | null, () => void] {
  const { head, read, unread } = conversation;
  const [freshFrom, setFreshFrom] = useState<Seq | null>(unread > 0 ? read + 1 : null);
  const lastHead = useRef(head);
  useEffect(() => {
    const grown = head > lastHead.current;
    lastHead.current = head;
    if (!grown || unread === 0 || (attention.snapshot() && following.snapshot())) return;
    setFreshFrom((from) => (from === null || from <= read ? read + 1 : from));
  }, [head, read, unread, following]);
  const clear = useCallback(() => setFreshFrom(null), []);
  return [freshFrom, clear];
}
