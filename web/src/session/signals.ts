// What the legs of calls say to each other through the server: sealed on the
// way out, opened in the order in which it came.

import { Listeners } from "@/lib/readable";
import type { Blob, CallId, Command, ConversationId, AccountId, DeviceId, Reply } from "@/protocol/wire";

import type { Calls } from "./calls";
import type { Keys } from "./keys";

/** A signal from the other leg of a call; what is in it is the business of `media`. */
export interface IncomingSignal {
  readonly call: CallId;
  readonly from: DeviceId;
  /** Null when it is not what that device has said. */
  readonly content: unknown;
}

/** A signal for the other leg of a call. */
export interface OutgoingSignal {
  readonly call: CallId;
  readonly conversation: ConversationId;
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly content: object;
}

/** What it needs of the session. */
export interface SignalsUser {
  readonly calls: Calls;
  readonly keys: Pick<Keys, "sealSignal" | "openSignal">;
  request(command: Command): Promise<Reply>;
}

/** The signals of this device's calls. */
export class Signals {
  readonly #user: SignalsUser;
  readonly #heard = new Listeners<[IncomingSignal]>();
  #opening: Promise<void> = Promise.resolve();

  constructor(user: SignalsUser) {
    this.#user = user;
  }

  /** Tells of each signal from the other leg of a call. */
  readonly on = this.#heard.add;

  /** Says something to the other leg of a call. */
  async say(signal: OutgoingSignal): Promise<void> {
    const envelope = await this.#user.keys.sealSignal(signal);
    await this.#user.request({ type: "signal", call: signal.call, to: signal.device, envelope });
  }

  async came(call: CallId, from: DeviceId, envelope: Blob): Promise<void> {
    const known = this.#user.calls.snapshot().get(call);
    if (!known) return;
    const before = this.#opening;
    const opening = this.#user.keys.openSignal(known, from, envelope);
    this.#opening = before.then(async () => {
      const opened = await opening;
      if (opened) this.#heard.call({ call, from, content: opened.content });
    });
    await this.#opening;
  }
}
