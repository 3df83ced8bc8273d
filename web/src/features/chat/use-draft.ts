import { useCallback, useEffect, useRef, useState } from "react";

import type { ConversationId } from "@/protocol/wire";
import { useSession } from "@/session";

/** What is being written in a conversation; kept on this device while it is not sent. */
export function useDraft(conversation: ConversationId): [string, (text: string) => void] {
  const { drafts } = useSession();
  const [text, setText] = useState("");
  const unsaved = useRef<string | null>(null);
  const touched = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const save = useCallback(() => {
    if (unsaved.current === null) return;
    void drafts.putDraft(conversation, unsaved.current);
    unsaved.current = null;
  }, [drafts, conversation]);

  useEffect(() => {
    let here = true;
    void drafts.draft(conversation).then((draft) => {
      // Who is faster than the storage keeps what they typed.
      if (here && !touched.current) setText(draft);
    });
    addEventListener("pagehide", save);
    return () => {
      here = false;
      removeEventListener("pagehide", save);
      save();
    };
  }, [drafts, conversation, save]);

  const change = useCallback(
    (next: string) => {
      touched.current = true;
      unsaved.current = next;
      setText(next);
      clearTimeout(timer.current);
      timer.current = setTimeout(save, SAVE_MS);
    },
    [save],
  );
  return [text, change];
}

const SAVE_MS = 300;
