// The last result, kept on this device alone.

import { Cell } from "@/lib/readable";

import type { Step } from "./steps";

export interface Kept {
  at: number;
  steps: Step[];
}

// Before it is needed: the last result is read as soon as this module is.
const NAME = "callbox.check";

/** The last whole check of this browser. */
export const lastCheck = new Cell<Kept | null>(load());

export function keepCheck(steps: readonly Step[], at: number): void {
  const kept = { at, steps: [...steps] };
  lastCheck.set(kept);
  try {
    localStorage.setItem(NAME, JSON.stringify(kept));
  } catch {
    // Storage is full or refused: the result lasts as long as the page.
  }
}

function load(): Kept | null {
  try {
    return readKept(localStorage.getItem(NAME));
  } catch {
    return null;
  }
}

/** What another version wrote may be something else: then there is nothing. */
export function readKept(text: string | null): Kept | null {
  if (text === null) return null;
  try {
    const kept = JSON.parse(text) as Partial<Kept>;
    if (typeof kept.at !== "number" || !Array.isArray(kept.steps) || kept.steps.length === 0) return null;
    const whole = kept.steps.every(
      (step) => typeof step.kind === "string" && step.state === "done" && typeof step.outcome?.code === "string",
    );
    return whole ? { at: kept.at, steps: kept.steps } : null;
  } catch {
    return null;
  }
}
