import { Circle, CircleAlert, CircleCheck, CircleDashed, CircleMinus, CircleX } from "lucide-react";

import { cn } from "@/lib/cn";
import { useLocale } from "@/lib/i18n";
import { useCheckWords } from "@/lib/words/check";

import { figuresOf } from "./figures";
import type { Verdict } from "./outcome";
import { titleOf } from "./report";
import type { Step } from "./steps";

/** One thing that is looked at: how it is, in words, and what to do. */
export function StepRow({ step }: { step: Step }) {
  const words = useCheckWords();
  const locale = useLocale();
  const { state, outcome } = step;
  const { Icon, color } = looks(step);
  const cure = outcome && words.cures[outcome.code];
  let verdict = state === "running" ? words.running : words.waiting;
  if (outcome) verdict = words.verdicts[outcome.verdict];
  return (
    <li className="flex gap-3 px-4 py-3.5" data-verdict={outcome?.verdict}>
      <Icon
        aria-hidden
        className={cn("mt-0.5 size-5 shrink-0", color, state === "running" && "animate-spin motion-reduce:animate-none")}
      />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline justify-between gap-x-3">
          <span className="font-medium">{titleOf(step, words)}</span>
          <span className={cn("text-sm", color)}>{verdict}</span>
        </p>
        {outcome && <p className="text-muted-foreground">{words.says[outcome.code](figuresOf(outcome, locale))}</p>}
        {cure && (
          <p className="mt-2 rounded-lg bg-attention px-3.5 py-2 text-sm text-attention-foreground">{cure}</p>
        )}
      </div>
    </li>
  );
}

function looks({ state, outcome }: Step): { Icon: typeof Circle; color: string } {
  if (!outcome) {
    const Icon = state === "running" ? CircleDashed : Circle;
    return { Icon, color: "text-muted-foreground" };
  }
  const table: Record<Verdict, { Icon: typeof Circle; color: string }> = {
    ok: { Icon: CircleCheck, color: "text-primary" },
    warn: { Icon: CircleAlert, color: "text-attention-foreground" },
    fail: { Icon: CircleX, color: "text-destructive" },
    skipped: { Icon: CircleMinus, color: "text-muted-foreground" },
  };
  return table[outcome.verdict];
}
