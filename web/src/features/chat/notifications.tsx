import { useEffect, useState } from "react";
import { useLocation } from "wouter";

import { Button } from "@/components/ui/button";
import { conversationName } from "@/lib/conversation-name";
import { useWords } from "@/lib/i18n";
import { conversationPath } from "@/lib/paths";
import { storedSetting } from "@/lib/stored";
import { useReadable } from "@/lib/use-readable";
import { type Arrival, useSession } from "@/session";

import { attention } from "./attention";
import { saidText } from "./said";

/** Whether this browser was asked, and what the person said. */
const choice = storedSetting("notify", ["unasked", "yes", "no"], "unasked");

/** Shows messages outside of the page while nobody looks at it, if the person wants that. */
export function useNotifications(): void {
  const words = useWords();
  const session = useSession();
  const accounts = useReadable(session.accounts);
  const wanted = useReadable(choice) === "yes";
  const [, go] = useLocation();
  useEffect(() => {
    if (!wanted) return undefined;
    const stopKnocks = session.keys.lobby.onKnock((id, knock) => {
      const conversation = session.conversations.snapshot().find((one) => one.id === id);
      if (attention.snapshot() || !conversation) return;
      const name = accounts.get(knock.account)?.name ?? words.chat.someone;
      show(conversationName(conversation, accounts, words), words.chat.knocks.ask(name), `${id} knock`, () => {
        go(conversationPath(id));
      });
    });
    const stopArrivals = session.onArrival(({ conversation, entry: { content } }: Arrival) => {
      if (content.type !== "message" || attention.snapshot()) return;
      const text = saidText(content, words);
      const sender = accounts.get(content.sender)?.name ?? words.chat.someone;
      const body = conversation.kind === "direct" ? text : words.chat.arrived(sender, text);
      show(conversationName(conversation, accounts, words), body, conversation.id, () => {
        go(conversationPath(conversation.id));
      });
    });
    return () => {
      stopKnocks();
      stopArrivals();
    };
  }, [wanted, session, accounts, words, go]);
}

function show(title: string, body: string, tag: string, open: () => void): void {
  if (Notification.permission !== "granted") return;
  try {
    const notification = new Notification(title, { body, tag, icon: "/icon.svg" });
    notification.addEventListener("click", () => {
      focus();
      open();
      notification.close();
    });
  } catch {
    // Browsers on phones show notifications of service workers only.
  }
}

/** Asks once, in the page, after something came while nobody looked. The browser asks only on the click. */
export function NotificationOffer() {
  const { notifications } = useWords().chat;
  const session = useSession();
  const asked = useReadable(choice) !== "unasked";
  const [missed, setMissed] = useState(false);
  useEffect(
    () =>
      session.onArrival(() => {
        if (!attention.snapshot()) setMissed(true);
      }),
    [session],
  );
  if (asked || !missed || !("Notification" in window) || Notification.permission === "denied") return null;
  const allow = async () => {
    const answer = await Notification.requestPermission();
    choice.set(answer === "granted" ? "yes" : "no");
  };
  return (
    <div className="mx-3 mb-3 animate-rise rounded-lg bg-muted p-3 text-sm @max-[9rem]:hidden">
      <p className="text-balance">{notifications.offer}</p>
      <div className="mt-2 flex gap-2">
        <Button size="sm" onClick={() => void allow()}>
          {notifications.allow}
        </Button>
        <Button size="sm" variant="ghost" onClick={() => choice.set("no")}>
          {notifications.later}
        </Button>
      </div>
    </div>
  );
}
