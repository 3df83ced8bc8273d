// Comparing the keys of a call: both sides commit, then open, then see the same
// seven pictures when nobody is in between. Nobody opens before the other one
// has committed; a wrong opening ends it. The numbers are made by the vault.

import { Cell, type Readable } from "@/lib/readable";
import type { Blob, CallId } from "@/protocol/wire";

import type { Leg } from "./queue";
import type { SasContent } from "./signal";

/** Where a comparison stands. */
export type ComparisonState =
  | { readonly type: "idle" }
  /** The other side has begun. */
  | { readonly type: "asked" }
  /** This side has begun. */
  | { readonly type: "waiting" }
  /** Seven numbers below 64, to be compared as pictures. */
  | { readonly type: "shown"; readonly numbers: readonly number[] }
  /** The other side has opened something else than it had committed to. */
  | { readonly type: "broken" }
  /** The connection was made anew, or one side has given up. */
  | { readonly type: "lost" };

/** What makes commitments and checks openings. */
export interface Sas {
  start(legs: { call: CallId; peer: Leg; fingerprint: string; peerFingerprint: string }): Promise<Blob>;
  /** The own opening, once the other side has committed. */
  commit(call: CallId, commitment: Blob): Promise<Blob>;
  /** Null when the opening is not of what was committed to. */
  reveal(call: CallId, nonce: Blob): Promise<readonly number[] | null>;
}

/** What a comparison needs. */
export interface ComparisonOptions {
  readonly call: CallId;
  readonly to: Leg;
  readonly sas: Sas;
  readonly say: (content: SasContent) => void;
  /** The certificates in use, as signed; null before both are known. */
  readonly fingerprints: () => { own: string; other: string } | null;
}

/** The comparison of one call. */
export class Comparison {
  readonly #options: ComparisonOptions;
  readonly #state = new Cell<ComparisonState>({ type: "idle" });
  /** The commitment of who asks, until this side begins, too. */
  #theirs: Blob | null = null;
  /** Grows whenever it begins anew, so that late answers count no more. */
  #round = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(options: ComparisonOptions) {
    this.#options = options;
  }

  get state(): Readable<ComparisonState> {
    return this.#state;
  }

  /** The person wants to compare. */
  begin(): void {
    const { type } = this.#state.snapshot();
    const { call, to, sas, say, fingerprints } = this.#options;
    const both = fingerprints();
    if (type === "waiting" || !both) return;
    const theirs = type === "asked" ? this.#theirs : null;
    this.#restart({ type: "waiting" });
    this.#do(async (holds) => {
      const commitment = await sas.start({ call, peer: to, fingerprint: both.own, peerFingerprint: both.other });
      if (!holds()) return;
      say({ kind: "sas", step: "commit", value: commitment });
      if (theirs) await this.#open(theirs, holds);
    });
  }

  /** The other side says something about it. */
  heard({ step, value }: SasContent): void {
    const { type } = this.#state.snapshot();
    if (step === "stop") {
      if (type !== "idle" && type !== "broken") this.#restart({ type: type === "asked" ? "idle" : "lost" });
      return;
    }
    if (value === null) return;
    if (step === "reveal") return this.#revealed(value);
    if (type === "waiting") {
      this.#do((holds) => this.#open(value, holds));
      return;
    }
    // It begins, or begins anew: what was shown before counts no more.
    this.#restart({ type: "asked" });
    this.#theirs = value;
  }

  /** The person says that the pictures are not the same. */
  differ(): void {
    if (this.#state.snapshot().type === "shown") this.#break();
  }

  /** This side has seen enough. What the other one sees stays, so that it can be compared. */
  stop(): void {
    const { type } = this.#state.snapshot();
    if (type === "idle") return;
    if (type === "shown") return this.#restart({ type: "idle" });
    this.#options.say({ kind: "sas", step: "stop", value: null });
    this.#restart({ type: "idle" });
  }

  /** The connection is another one: its certificates are, too. */
  reset(): void {
    const { type } = this.#state.snapshot();
    if (type === "asked" || type === "idle") this.#restart({ type: "idle" });
    else if (type !== "broken") this.#restart({ type: "lost" });
  }

  /** Both have committed: this side may open. A second commitment is refused. */
  async #open(theirs: Blob, holds: () => boolean): Promise<void> {
    const nonce = await this.#options.sas.commit(this.#options.call, theirs);
    if (holds()) this.#options.say({ kind: "sas", step: "reveal", value: nonce });
  }

  #revealed(nonce: Blob): void {
    if (this.#state.snapshot().type !== "waiting") return;
    this.#do(async (holds) => {
      const numbers = await this.#options.sas.reveal(this.#options.call, nonce);
      if (!holds()) return;
      if (numbers) this.#state.set({ type: "shown", numbers });
      else this.#break();
    });
  }

  /** One step after the other. What the vault refuses breaks it off. */
  #do(step: (holds: () => boolean) => Promise<void>): void {
    const round = this.#round;
    const holds = () => round === this.#round;
    this.#work = this.#work.then(async () => {
      if (!holds()) return;
      await step(holds).catch(() => holds() && this.#break());
    });
  }

  #break(): void {
    this.#options.say({ kind: "sas", step: "stop", value: null });
    this.#restart({ type: "broken" });
  }

  #restart(state: ComparisonState): void {
    this.#round += 1;
    this.#theirs = null;
    this.#state.set(state);
  }
}
