// What somebody can send to whoever looks after the server.

import { fullTime } from "@/lib/format";
import type { CheckWords } from "@/lib/words/check";

import { figuresOf } from "./figures";
import type { Step } from "./steps";

/** The result as lines of text, with the browser, and nothing about the person. */
export function reportOf(steps: readonly Step[], at: number, host: string, agent: string, words: CheckWords, locale: string): string {
  const lines = steps.flatMap((step) => {
    if (!step.outcome) return [];
    const { verdict, code } = step.outcome;
    const figures = figuresOf(step.outcome, locale);
    return [`[${words.verdicts[verdict]}] ${titleOf(step, words)}: ${words.says[code](figures)}`];
  });
  return [words.report(host, fullTime(at, locale)), "", ...lines, "", agent, ""].join("\n");
}

export function titleOf({ kind, transport, port }: Step, words: CheckWords): string {
  if (kind === "relay" && transport && port) return words.way(words.transports[transport], String(port));
  return words.steps[kind];
}
