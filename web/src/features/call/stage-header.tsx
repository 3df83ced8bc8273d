import type { ReactNode } from "react";

import { GuestBadge } from "@/components/guest-badge";
import { useWords, type Words } from "@/lib/i18n";
import type { CurrentState } from "@/media";

import { useGuest, usePerson } from "./person";
import { Timer } from "./timer";

/** With whom, for how long, and how the connection is when that matters. */
export function StageHeader({ state, children }: { state: CurrentState; children: ReactNode }) {
  const words = useWords();
  const other = usePerson(state.peer);
  const guest = useGuest(state.peer, state.conversation);
  const { stage } = state;
  const trouble = connectionWords(state, other.name, words);
  return (
    <header className="absolute inset-x-0 top-0 z-20 flex items-center gap-3 bg-linear-to-b from-black/55 to-transparent pt-[max(0.75rem,env(safe-area-inset-top))] pr-3 pb-6 pl-4">
      <p className="flex min-w-0 flex-1 items-baseline gap-2.5">
        <span className="truncate font-semibold">{other.name}</span>
        {guest && <GuestBadge className="self-center" />}
        {stage.type === "active" && (
          <span className="shrink-0 text-sm text-white/80">
            <Timer since={stage.since} />
          </span>
        )}
        <span role="status" className="sr-only">
          {stage.type === "active" ? trouble : ""}
        </span>
      </p>
      {children}
    </header>
  );
}

/** What there is to say of the connection; empty when all is well. */
export function connectionWords({ line, away }: CurrentState, name: string, words: Words): string {
  switch (line?.reach) {
    case undefined:
    case "connecting":
      return words.call.connecting;
    case "reconnecting":
      return away ? words.call.away(name) : words.call.reconnecting;
    case "connected":
      return "";
  }
}
