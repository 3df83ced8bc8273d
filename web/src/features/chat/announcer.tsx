import { useEffect, useState } from "react";

import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import type { ConversationId } from "@/protocol/wire";
import { useSession } from "@/session";

import { saidText } from "./said";

/** Tells screen readers what others write in the open conversation. */
export function Announcer({ conversation }: { conversation: ConversationId }) {
  const words = useWords();
  const session = useSession();
  const accounts = useReadable(session.accounts);
  const [said, setSaid] = useState("");
  useEffect(
    () =>
      session.onArrival(({ conversation: { id }, entry: { content } }) => {
        if (id !== conversation || content.type !== "message") return;
        const name = accounts.get(content.sender)?.name ?? words.chat.someone;
        setSaid(words.chat.arrived(name, saidText(content, words)));
      }),
    [session, conversation, accounts, words],
  );
  return (
    <div aria-live="polite" className="sr-only">
      {said}
    </div>
  );
}
