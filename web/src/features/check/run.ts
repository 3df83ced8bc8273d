// One check at a time, step by step, with what is found so far.

import { post, RequestError } from "@/lib/api";
import { Cell, type Readable } from "@/lib/readable";
import type { CheckRelay } from "@/protocol/wire";

import { judgeFlood, judgePassage, judgeUdp, type Outcome, waysOf } from "./outcome";
import * as probes from "./probes";
import { RelayedPair } from "./relay";
import { changed, firstSteps, type Progress, type Step, type StepKind, withWays } from "./steps";

/** Checks, as often as it is told to. */
export class CheckRun {
  readonly #progress = new Cell<Progress>({ phase: "idle", steps: firstSteps() });
  readonly #keep: (steps: readonly Step[]) => void;
  #abort: AbortController | null = null;

  /** `keep` gets each whole result. */
  constructor(keep: (steps: readonly Step[]) => void) {
    this.#keep = keep;
  }

  get progress(): Readable<Progress> {
    return this.#progress;
  }

  /** Begins, unless one is running. `account` says whether somebody is signed in. */
  start(account: boolean): void {
    if (this.#abort) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#progress.set({ phase: "running", steps: firstSteps() });
    void this.#all(account, abort.signal).finally(() => {
      if (this.#abort === abort) this.#abort = null;
      if (abort.signal.aborted) return;
      const { steps } = this.#progress.snapshot();
      this.#progress.set({ phase: "done", steps });
      this.#keep(steps);
    });
  }

  cancel(): void {
    if (!this.#abort) return;
    this.#abort.abort();
    this.#abort = null;
    const { steps } = this.#progress.snapshot();
    const left = steps.map((step): Step => (step.state === "running" ? { ...step, state: "waiting" } : step));
    this.#progress.set({ phase: "cancelled", steps: left });
  }

  async #all(account: boolean, signal: AbortSignal): Promise<void> {
    await this.#one("secure", signal, () => Promise.resolve(probes.secure()));
    await this.#one("certificate", signal, probes.certificate);
    await this.#one("server", signal, () => probes.server(signal));
    const signedIn = (probe: () => Promise<Outcome>) => (account ? probe() : Promise.resolve(NEEDS_ACCOUNT));
    await this.#one("socket", signal, () => signedIn(() => probes.socket(signal)));
    await this.#one("microphone", signal, () => probes.device("microphone"));
    await this.#one("camera", signal, () => probes.device("camera"));
    await this.#relay(account, signal);
  }

  async #relay(account: boolean, signal: AbortSignal): Promise<void> {
    const given = await credentials(account);
    const ways = "verdict" in given ? [] : waysOf(given.urls, location.hostname);
    if ("verdict" in given || ways.length === 0) {
      const outcome: Outcome = "verdict" in given ? given : { verdict: "fail", code: "relay_nowhere" };
      const rest: Outcome = outcome === NEEDS_ACCOUNT ? NEEDS_ACCOUNT : { verdict: "skipped", code: "speed_untried" };
      await this.#one("relay", signal, () => Promise.resolve(outcome));
      await this.#one("udp", signal, () => Promise.resolve({ verdict: "skipped", code: rest.code === "needs_account" ? "needs_account" : "udp_unknown" }));
      await this.#one("speed", signal, () => Promise.resolve(rest));
      return;
    }
    this.#set(signal, (steps) => withWays(steps, ways));
    const first = this.#progress.snapshot().steps.findIndex(({ kind }) => kind === "relay");
    const { username, credential } = given;
    const pairs: RelayedPair[] = [];
    try {
      // All at once: what is blocked is found out by waiting.
      const tried = await Promise.all(
        ways.map(async ({ url, transport }, n) => {
          this.#change(first + n, { state: "running" }, signal);
          const pair = new RelayedPair({ urls: [url], username, credential });
          pairs.push(pair);
          const outcome = judgePassage(await pair.pass(signal));
          this.#change(first + n, { state: "done", outcome }, signal);
          return { transport, outcome, pair };
        }),
      );
      await this.#one("udp", signal, () => Promise.resolve(judgeUdp(tried)));
      // The best way is the first that works: the server gives them in this order.
      const best = tried.find(({ outcome }) => outcome.verdict !== "fail");
      for (const { pair } of tried) if (pair !== best?.pair) pair.close();
      await this.#one("speed", signal, async () =>
        best ? judgeFlood(await best.pair.flood(signal)) : { verdict: "skipped", code: "speed_untried" },
      );
    } finally {
      for (const pair of pairs) pair.close();
    }
  }

  async #one(kind: StepKind, signal: AbortSignal, probe: () => Promise<Outcome>): Promise<void> {
    if (signal.aborted) return;
    const at = this.#progress.snapshot().steps.findIndex((step) => step.kind === kind);
    this.#change(at, { state: "running" }, signal);
    const outcome = await probe();
    this.#change(at, { state: "done", outcome }, signal);
  }

  #change(at: number, change: Partial<Step>, signal: AbortSignal): void {
    this.#set(signal, (steps) => changed(steps, at, change));
  }

  /** What comes after it was cancelled is of no interest. */
  #set(signal: AbortSignal, change: (steps: readonly Step[]) => Step[]): void {
    if (signal.aborted) return;
    this.#progress.set({ phase: "running", steps: change(this.#progress.snapshot().steps) });
  }
}

async function credentials(account: boolean): Promise<CheckRelay | Outcome> {
  if (!account) return NEEDS_ACCOUNT;
  if (typeof RTCPeerConnection === "undefined") return { verdict: "fail", code: "no_calls" };
  try {
    return await post<CheckRelay>("/check/relay");
  } catch (error) {
    if (error instanceof RequestError) return { verdict: "fail", code: "relay_no_credentials" };
    throw error;
  }
}

const NEEDS_ACCOUNT: Outcome = { verdict: "skipped", code: "needs_account" };
