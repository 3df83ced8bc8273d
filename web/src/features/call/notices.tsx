import { X } from "lucide-react";
import { type ReactNode, useState } from "react";

import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { useSecurityWords } from "@/lib/words/security";
import type { Comparison, CurrentCall, LocalState, Problem, Quality } from "@/media";
import type { AccountId } from "@/protocol/wire";

import { usePerson } from "./person";
import { type Kind, problemWords } from "./problem-words";

/** What a person in a call should know now: devices that do not work, a weak connection, sound held back. */
export function Notices({
  call,
  quality,
  onOverrule,
  blockedSound,
  onSound,
}: {
  call: CurrentCall;
  quality: Quality;
  onOverrule: () => void;
  blockedSound: (() => void) | null;
  onSound: () => void;
}) {
  const words = useWords();
  const local = useReadable(call.local.state);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  return (
    <div role="status" className="flex flex-col items-center gap-2">
      {blockedSound && (
        <Notice
          what={words.call.soundBlocked}
          action={words.call.sound}
          onAction={() => {
            blockedSound();
            onSound();
          }}
        />
      )}
      {problemsOf(local).map(({ kind, problem }) => {
        const key = `${kind} ${problem}`;
        if (closed.has(key)) return null;
        const { what, cure } = problemWords(kind, problem, words);
        const goesOn = kind === "screen" ? "" : words.call.problems.goesOn[kind];
        return (
          <Notice
            key={key}
            what={what}
            cure={`${cure} ${goesOn}`}
            action={words.call.problems.tryAgain}
            onAction={() => void call.local[kind].start()}
            onClose={() => setClosed(new Set([...closed, key]))}
          />
        );
      })}
      {quality.pausedCamera ? (
        <Notice what={words.call.weakPaused} action={words.call.undo} onAction={onOverrule} />
      ) : (
        quality.weak && <Notice what={words.call.weak} />
      )}
    </div>
  );
}

/** The other side has begun to compare the keys of the call. */
export function AskedToVerify({
  comparison,
  peer,
  onOpen,
}: {
  comparison: Comparison;
  peer: AccountId;
  onOpen: () => void;
}) {
  const words = useSecurityWords().call;
  const { name } = usePerson(peer);
  const { type } = useReadable(comparison.state);
  return (
    <div role="status" className="mt-2 flex flex-col items-center">
      {type === "asked" && <Notice what={words.asked(name)} action={words.verify} onAction={onOpen} />}
      {type === "broken" && <Notice what={words.broken} action={words.verify} onAction={onOpen} />}
    </div>
  );
}

function Notice({
  what,
  cure,
  action,
  onAction,
  onClose,
}: {
  what: string;
  cure?: ReactNode;
  action?: string;
  onAction?: () => void;
  onClose?: () => void;
}) {
  const words = useWords();
  return (
    <div className="pointer-events-auto flex max-w-lg animate-appear items-start gap-3 rounded-xl bg-attention px-4 py-2.5 text-sm text-attention-foreground shadow-lift">
      <p className="min-w-0">
        <strong className="font-medium">{what}</strong> {cure}
      </p>
      {action && (
        <button
          type="button"
          onClick={onAction}
          className="-my-1 shrink-0 rounded-md px-2 py-1 font-medium underline underline-offset-4 hover:bg-attention-foreground/10"
        >
          {action}
        </button>
      )}
      {onClose && (
        <button
          type="button"
          aria-label={words.call.problems.dismiss}
          onClick={onClose}
          className="-my-0.5 -mr-1.5 shrink-0 rounded-md p-1 hover:bg-attention-foreground/10"
        >
          <X aria-hidden className="size-4" />
        </button>
      )}
    </div>
  );
}

function problemsOf(local: LocalState): { kind: Kind; problem: Problem }[] {
  return (["microphone", "camera", "screen"] as const).flatMap((kind) => {
    const state = local[kind];
    return state.type === "problem" ? [{ kind, problem: state.problem }] : [];
  });
}
