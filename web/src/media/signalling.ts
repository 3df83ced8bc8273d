// What calls need from the session: commands with their replies, the server's
// calls, and the signals of the other leg, sealed and opened by the session. Nothing here knows
// about sockets or keys.

import type {
  AccountId,
  ApiError,
  Call,
  CallId,
  Command,
  ConversationId,
  DeviceId,
  Millis,
  Reply,
} from "@/protocol/wire";

import type { Sas } from "./comparison";

/** The session as calls see it. */
export interface Signalling {
  /** This account and device. */
  readonly account: AccountId;
  readonly device: DeviceId;
  /** Whether commands reach the server now. */
  readonly online: () => boolean;
  /** All ringing and running calls of this account; complete while online. */
  readonly calls: () => readonly Call[];
  /** The server's time. */
  readonly now: () => Millis;
  /** "Always relay my calls". */
  readonly relayOnly: () => boolean;
  /** Rejects with a [`RequestError`]. */
  readonly request: (command: Command) => Promise<Reply>;
  /** Says something to the other leg, sealed for its conversation. Rejects with a [`RequestError`]. */
  readonly signal: (signal: OutgoingSignal) => Promise<void>;
  /** Whether somebody's keys are not others than those that were compared. */
  readonly trusts: (account: AccountId) => boolean;
  /** What compares the keys of a call. */
  readonly sas: Sas;
  /** Called when the server has welcomed a connection, and when one is lost. */
  readonly onOnline: (listener: () => void) => () => void;
  readonly onCall: (listener: (call: Call) => void) => () => void;
  readonly onSignal: (listener: (signal: IncomingSignal) => void) => () => void;
}

/** A signal for the other leg. */
export interface OutgoingSignal {
  readonly call: CallId;
  readonly conversation: ConversationId;
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly content: object;
}

/** A signal of the other leg, opened. */
export interface IncomingSignal {
  readonly call: CallId;
  readonly from: DeviceId;
  /** Null when it is not what that device has said: somebody stands in between. */
  readonly content: unknown;
}

/** A command was not carried out, or nobody knows: `error` is null when the connection was lost. */
export class RequestError extends Error {
  readonly error: ApiError | null;

  constructor(error: ApiError | null) {
    super(error ? `${error.code}: ${error.detail}` : "the connection was lost");
    this.error = error;
  }
}
