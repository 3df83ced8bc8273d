// The list of what is looked at, and how it stands with each: pure.

import type { Outcome, Transport, Verdict, Way } from "./outcome";

export type StepKind =
  | "secure"
  | "certificate"
  | "server"
  | "socket"
  | "microphone"
  | "camera"
  | "relay"
  | "udp"
  | "speed";

/** One line: what is looked at, and what was found, if it was. */
export interface Step {
  kind: StepKind;
  /** Of the way to the relay that is tried. */
  transport?: Transport;
  port?: number;
  state: "waiting" | "running" | "done";
  outcome?: Outcome;
}

/** How far a check is. */
export interface Progress {
  phase: "idle" | "running" | "done" | "cancelled";
  steps: readonly Step[];
}

/** What is looked at before the ways to the relay are known. */
export function firstSteps(): Step[] {
  const kinds: StepKind[] = ["secure", "certificate", "server", "socket", "microphone", "camera", "relay", "udp", "speed"];
  return kinds.map((kind) => ({ kind, state: "waiting" }));
}

/** The same with a line for each way to the relay. */
export function withWays(steps: readonly Step[], ways: readonly Way[]): Step[] {
  return steps.flatMap((step) => {
    if (step.kind !== "relay" || ways.length === 0) return [step];
    return ways.map(({ transport, port }) => ({ ...step, transport, port }));
  });
}

/** The same with one line changed. */
export function changed(steps: readonly Step[], at: number, change: Partial<Step>): Step[] {
  return steps.map((step, n) => (n === at ? { ...step, ...change } : step));
}

/** The worst of all. What was not tried says nothing. */
export function worst(steps: readonly Step[]): Exclude<Verdict, "skipped"> {
  const has = (verdict: Verdict) => steps.some(({ outcome }) => outcome?.verdict === verdict);
  // Where one way to the relay works, calls do: what a network blocks is then no fault.
  const relays = steps.filter(({ kind }) => kind === "relay");
  const works = relays.some(({ outcome }) => outcome?.verdict === "ok" || outcome?.verdict === "warn");
  const broken = steps.some(({ kind, outcome }) => outcome?.verdict === "fail" && !(kind === "relay" && works));
  if (broken) return "fail";
  return has("warn") || has("fail") ? "warn" : "ok";
}

/** How many lines have their outcome. */
export function finished(steps: readonly Step[]): number {
  return steps.filter(({ state }) => state === "done").length;
}
