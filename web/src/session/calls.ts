// The calls of this account as the server tells them. What to do about them
// is not decided here.

import { Cell, Listeners, type Readable } from "@/lib/readable";
import type { Call, CallId } from "@/protocol/wire";

/** Ringing and running calls. */
export class Calls implements Readable<ReadonlyMap<CallId, Call>> {
  readonly #open = new Cell<ReadonlyMap<CallId, Call>>(new Map());
  readonly #heard = new Listeners<[Call]>();

  readonly subscribe = this.#open.subscribe;
  readonly snapshot = this.#open.snapshot;
  /** Tells of every change, the end of a call included. */
  readonly onCall = this.#heard.add;

  /** Takes the word of a `welcome`: what is not in it has ended in the meantime. */
  replace(calls: readonly Call[]): void {
    this.#open.set(new Map(calls.map((call) => [call.id, call])));
    for (const call of calls) this.#heard.call(call);
  }

  put(call: Call): void {
    const next = new Map(this.#open.snapshot());
    if (call.state.type === "ended") next.delete(call.id);
    else next.set(call.id, call);
    this.#open.set(next);
    this.#heard.call(call);
  }
}
