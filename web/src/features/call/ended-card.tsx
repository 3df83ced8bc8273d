import { useEffect, useId } from "react";
import { useLocation } from "wouter";

import { PersonAvatar } from "@/components/person-avatar";
import { Button } from "@/components/ui/button";
import { duration } from "@/lib/format";
import { useWords, type Words } from "@/lib/i18n";
import { checkNowPath } from "@/lib/paths";
import type { Calls, CurrentState, Stage } from "@/media";

import { Card } from "./card";
import { usePerson } from "./person";

type Ended = Extract<Stage, { type: "ended" }>;

/** How a call ended, for a moment, with the next thing to do. */
export function EndedCard({ calls, state, stage }: { calls: Calls; state: CurrentState; stage: Ended }) {
  const words = useWords();
  const other = usePerson(state.peer);
  const title = useId();
  const [, navigate] = useLocation();
  // Who hung up knows that it is over; the conversation keeps the rest.
  const plain = stage.own && (stage.reason === "completed" || stage.reason === "cancelled");
  useEffect(() => {
    if (plain) return calls.dismiss();
    const timer = setTimeout(() => calls.dismiss(), stage.reason === "completed" ? BRIEF_MS : LONG_MS);
    return () => clearTimeout(timer);
  }, [calls, plain, stage.reason]);
  if (plain) return null;
  const { head, text } = outcome(stage, state, other.name, words);
  const again = AGAIN.has(stage.reason);
  const check = BROKEN.has(stage.reason);
  return (
    <Card role="region" aria-labelledby={title}>
      <div className="flex items-center gap-4">
        <PersonAvatar account={other} size="md" />
        <div role="status" className="min-w-0 flex-1">
          <h2 id={title} className="font-semibold">
            {head}
          </h2>
          <p className="line-clamp-3 text-sm text-muted-foreground wrap-anywhere">{text}</p>
        </div>
      </div>
      <div className="mt-4 flex flex-row-reverse flex-wrap gap-2">
        {again && (
          <Button onClick={() => calls.start(state.conversation, state.peer, state.media)}>
            {words.call.ended.again}
          </Button>
        )}
        {check && (
          <Button
            variant="secondary"
            onClick={() => {
              calls.dismiss();
              navigate(checkNowPath);
            }}
          >
            {words.call.ended.check}
          </Button>
        )}
        <Button variant="ghost" onClick={() => calls.dismiss()}>
          {words.call.ended.close}
        </Button>
      </div>
    </Card>
  );
}

function outcome(
  { reason, duration: lasted }: Ended,
  { outgoing }: CurrentState,
  name: string,
  words: Words,
): { head: string; text: string } {
  const { ended } = words.call;
  switch (reason) {
    case "completed":
      return { head: ended.title, text: `${name}, ${duration(lasted)}` };
    case "declined":
      return { head: ended.declined, text: outgoing ? ended.declinedBy(name) : name };
    case "missed":
      return { head: ended.missed, text: outgoing ? ended.missedBy(name) : name };
    case "busy":
      return { head: ended.busy, text: ended.busyBy(name) };
    case "cancelled":
      return { head: ended.cancelled, text: name };
    case "elsewhere":
      return { head: ended.elsewhere, text: name };
    case "failed":
      return { head: ended.failed, text: ended.failedWhy };
    case "unreachable":
      return { head: ended.unreachable, text: ended.unreachableWhy };
    case "other_keys":
      return { head: ended.otherKeys, text: ended.otherKeysWhy(name) };
    case "insecure":
      return { head: ended.insecure, text: ended.insecureWhy };
  }
}

const AGAIN: ReadonlySet<string> = new Set(["declined", "missed", "busy", "failed", "unreachable"]);
/** Where the network may be to blame. */
const BROKEN: ReadonlySet<string> = new Set(["failed", "unreachable"]);
const BRIEF_MS = 4_000;
const LONG_MS = 20_000;
