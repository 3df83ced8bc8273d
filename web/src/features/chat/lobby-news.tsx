import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";

import { useWords } from "@/lib/i18n";
import { conversationPath } from "@/lib/paths";
import { toast } from "@/lib/toasts";
import { useReadable } from "@/lib/use-readable";
import { useSession } from "@/session";

/** Tells, wherever one is, that somebody asks to join, and whether one is let in oneself. */
export function LobbyNews() {
  const { chat } = useWords();
  const session = useSession();
  const accounts = useReadable(session.accounts);
  const [path, navigate] = useLocation();
  const place = useRef(path);
  const [said, setSaid] = useState("");
  useEffect(() => {
    place.current = path;
  }, [path]);
  useEffect(
    () =>
      session.keys.lobby.onKnock((conversation, { account }) => {
        const target = conversationPath(conversation);
        const text = chat.knocks.ask(accounts.get(account)?.name ?? chat.someone);
        // There the notice itself is on the screen.
        if (place.current.startsWith(target)) setSaid(text);
        else toast(text, { action: { label: chat.knocks.look, run: () => navigate(target) } });
      }),
    [session, accounts, chat, navigate],
  );
  useEffect(
    () =>
      session.keys.lobby.onLetIn((conversation) => {
        toast(chat.knocks.inNow, { action: { label: chat.knocks.look, run: () => navigate(conversationPath(conversation)) } });
      }),
    [session, chat, navigate],
  );
  useEffect(() => session.keys.lobby.onTurnedAway(() => toast(chat.knocks.notLetIn)), [session, chat]);
  return (
    <div aria-live="assertive" className="sr-only">
      {said}
    </div>
  );
}
