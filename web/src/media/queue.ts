// Signals on their way to the other leg, in order and until the server has
// confirmed them: what was under way when the connection was lost is said
// again. The other side takes a signal that comes twice without harm.

import type { AccountId, CallId, ConversationId, DeviceId } from "@/protocol/wire";

import type { Signal } from "./signal";
import { RequestError, type Signalling } from "./signalling";

/** Whom a signal is for. */
export interface Leg {
  readonly account: AccountId;
  readonly device: DeviceId;
}

interface Waiting {
  readonly to: Leg;
  readonly signal: Signal;
  sent: boolean;
}

/** The signals of one call that are not confirmed yet. */
export class SignalQueue {
  readonly #signalling: Signalling;
  readonly #conversation: ConversationId;
  #call: CallId;
  #waiting: Waiting[] = [];
  #open = false;
  #later: ReturnType<typeof setTimeout> | undefined;

  constructor(signalling: Signalling, conversation: ConversationId, call: CallId) {
    this.#signalling = signalling;
    this.#conversation = conversation;
    this.#call = call;
  }

  push(to: Leg, signal: Signal): void {
    this.#waiting.push({ to, signal, sent: false });
    this.#flush();
  }

  /** This connection carries the leg now: everything unconfirmed goes out. */
  open(call: CallId): void {
    this.#call = call;
    this.#open = true;
    for (const one of this.#waiting) one.sent = false;
    this.#flush();
  }

  /** The connection is lost: signals wait. */
  pause(): void {
    this.#open = false;
  }

  /** Forgets what waits, because the peer that said it is gone. */
  clear(): void {
    this.#waiting = [];
    clearTimeout(this.#later);
  }

  #flush(): void {
    if (!this.#open) return;
    for (const one of this.#waiting) {
      if (one.sent) continue;
      one.sent = true;
      const { to, signal } = one;
      this.#signalling
        .signal({ call: this.#call, conversation: this.#conversation, ...to, content: signal })
        .then(() => this.#drop(one))
        .catch((error: unknown) => this.#failed(one, error));
    }
  }

  #failed(one: Waiting, error: unknown): void {
    const refused = error instanceof RequestError ? error.error : null;
    // Neither the call nor the other leg will come back for a refused signal.
    if (refused && refused.code !== "rate_limited" && refused.code !== "unavailable") return this.#drop(one);
    one.sent = false;
    clearTimeout(this.#later);
    this.#later = setTimeout(() => this.#flush(), refused?.retry_ms ?? AGAIN_MS);
  }

  #drop(one: Waiting): void {
    this.#waiting = this.#waiting.filter((other) => other !== one);
  }
}

const AGAIN_MS = 1_000;
