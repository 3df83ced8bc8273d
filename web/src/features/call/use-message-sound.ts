import { useEffect } from "react";

import type { ConversationId } from "@/protocol/wire";
import { useSession } from "@/session";

import { sounds } from "./center";

/** How long the one tab that sounds keeps the others quiet, in milliseconds; a burst is heard once. */
const QUIET = 1_000;

/** Lets messages be heard, except those that are read on the screen as they come. */
export function useMessageSound(shown: ConversationId | null): void {
  const session = useSession();
  useEffect(
    () =>
      session.onArrival(({ conversation, entry }) => {
        const seen = conversation.id === shown && document.hasFocus();
        if (entry.content.type === "message" && !seen) void soundOnce();
      }),
    [session, shown],
  );
}

/** Of all tabs of this browser, the first to take the lock sounds. */
async function soundOnce(): Promise<void> {
  await navigator.locks.request("callbox-message-sound", { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    sounds.play("message");
    await new Promise((done) => setTimeout(done, QUIET));
  });
}
