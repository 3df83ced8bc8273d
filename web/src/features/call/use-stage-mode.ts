// How much of the screen a call takes: its place in the conversation on wide
// screens, all of it on a phone, a small card while one is elsewhere.

import { useCallback, useEffect, useState, useSyncExternalStore } from "react";

import type { ConversationId } from "@/protocol/wire";

import { type Box, usePlace, wantPlace } from "./dock";

/** Where the call is shown. */
export type StageMode = { readonly type: "full" } | { readonly type: "card" } | { readonly type: "dock"; readonly box: Box };

/** Decides where the call of a conversation is shown. */
export function useStageMode(
  conversation: ConversationId,
  shown: ConversationId | null,
): { mode: StageMode; setSmall: (small: boolean) => void } {
  const [small, setSmall] = useState(false);
  const wide = useWide();
  const box = usePlace(conversation);
  const here = shown === conversation;
  const wanted = here && !small && wide ? conversation : null;
  useEffect(() => {
    wantPlace(wanted);
    return () => wantPlace(null);
  }, [wanted]);
  let mode: StageMode = { type: "full" };
  if (small || !here) mode = { type: "card" };
  else if (wide && box) mode = { type: "dock", box };
  return { mode, setSmall };
}

/** Whether there is room for a call and its conversation side by side. */
function useWide(): boolean {
  const query = "(min-width: 1024px)";
  const subscribe = useCallback((listener: () => void) => {
    const media = matchMedia(query);
    media.addEventListener("change", listener);
    return () => media.removeEventListener("change", listener);
  }, []);
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}
