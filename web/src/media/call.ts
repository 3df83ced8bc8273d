// The call this tab is in, from the first ring to the end: what the server
// says of it joined with the line to the other side.
//
// The server's word counts. This side asks (start, accept, rejoin, end) and
// shows what it hears; a request that may have been lost is made again after
// the reconnect, in the form that fits what the server says then.

import { Cell, type Readable } from "@/lib/readable";
import type {
  AccountId,
  Call,
  CallId,
  CallMedia,
  CallOutcome,
  Command,
  ConversationId,
  ErrorCode,
  Millis,
} from "@/protocol/wire";

import { IceServers } from "./ice";
import { Line, type LineState } from "./line";
import type { LocalMedia } from "./local";
import { type Leg, SignalQueue } from "./queue";
import { readSignal } from "./signal";
import { type IncomingSignal, RequestError, type Signalling } from "./signalling";

/** Why a call is over, as this side sees it. */
export type EndReason =
  | CallOutcome
  /** Another device of this account took it. */
  | "elsewhere"
  /** The server could not be reached, or said no. */
  | "unreachable"
  /** Somebody stood in between. */
  | "insecure"
  /** The other one has other keys than were compared, and nobody has accepted them. */
  | "other_keys";

/** Where the call stands. */
export type Stage =
  | { readonly type: "starting" }
  | { readonly type: "ringing"; readonly since: Millis }
  | { readonly type: "joining" }
  | { readonly type: "active"; readonly since: Millis }
  | {
      readonly type: "ended";
      readonly reason: EndReason;
      readonly duration: Millis;
      /** It ended by this side's own doing. */
      readonly own: boolean;
    };

/** The call as it looks now. */
export interface CurrentState {
  readonly id: CallId;
  readonly conversation: ConversationId;
  readonly media: CallMedia;
  /** Whether this side called. */
  readonly outgoing: boolean;
  readonly peer: AccountId;
  readonly stage: Stage;
  /** The other side has no connection to the server now. */
  readonly away: boolean;
  /** Null before the call is active. */
  readonly line: LineState | null;
}

/** What to do first. */
export type Intent = "start" | "accept" | "rejoin";

/** Where a call comes from. */
export interface CallOptions {
  readonly signalling: Signalling;
  readonly local: LocalMedia;
  readonly intent: Intent;
  readonly call: Pick<Call, "id" | "conversation" | "media">;
  readonly outgoing: boolean;
  readonly peer: AccountId;
  /** Tells the server that this side is out, as soon as it can be told. */
  readonly leave: (call: CallId, failed: boolean) => void;
}

/** The call of this tab. */
export class CurrentCall {
  readonly local: LocalMedia;
  readonly #options: CallOptions;
  readonly #signalling: Signalling;
  readonly #state: Cell<CurrentState>;
  readonly #ice: IceServers;
  readonly #queue: SignalQueue;
  readonly #patience: ReturnType<typeof setTimeout>;
  readonly #rejoined: boolean;
  #intent: Intent;
  /** The server knows that this connection carries the leg. */
  #attached = false;
  #asking = false;
  #line: Line | null = null;
  #early: IncomingSignal[] = [];

  constructor(options: CallOptions) {
    const { signalling, local, call, outgoing, peer } = options;
    this.#options = options;
    this.#signalling = signalling;
    this.local = local;
    this.#intent = options.intent;
    this.#rejoined = options.intent === "rejoin";
    this.#ice = new IceServers(signalling);
    this.#queue = new SignalQueue(signalling, call.conversation, call.id);
    const stage: Stage = { type: options.intent === "start" ? "starting" : "joining" };
    const { id, conversation, media } = call;
    this.#state = new Cell<CurrentState>({
      id, conversation, media, outgoing, peer, stage, away: false, line: null,
    });
    this.#patience = setTimeout(() => this.#unanswered(), PATIENCE_MS);
    if (signalling.trusts(peer)) void this.#ask();
    else this.#end("other_keys", null, false);
  }

  get state(): Readable<CurrentState> {
    return this.#state;
  }

  get line(): Line | null {
    return this.#line;
  }

  get ended(): boolean {
    return this.#state.snapshot().stage.type === "ended";
  }

  /** Cancels while it rings, leaves later. */
  hangUp(): void {
    const { stage, id } = this.#state.snapshot();
    if (stage.type === "ended") return;
    this.#options.leave(id, false);
    this.#end(stage.type === "active" ? "completed" : "cancelled", null, true);
  }

  /** The server says how the call stands. */
  heard(call: Call): void {
    if (call.id !== this.#state.snapshot().id || this.ended) return;
    if (call.state.type === "ended") return this.#over(call);
    // Before the server has answered, another tab or device may be the one that won.
    if (this.#attached) this.#follow(call);
  }

  /** The connection to the server has come or gone. */
  connectionChanged(): void {
    if (this.ended) return;
    this.#attached = false;
    this.#queue.pause();
    if (this.#signalling.online()) void this.#ask();
  }

  networkChanged(): void {
    this.#line?.networkChanged();
  }

  receive(signal: IncomingSignal): void {
    if (signal.call !== this.#state.snapshot().id || this.ended) return;
    if (!this.#line) {
      this.#early.push(signal);
      return;
    }
    if (signal.content === null) return this.#insecure();
    const content = readSignal(signal.content);
    if (content) this.#line.receive(content);
  }

  /** Asks the server for the leg: to start, accept or rejoin. */
  async #ask(): Promise<void> {
    if (this.#asking || this.#attached || this.ended || !this.#signalling.online()) return;
    this.#asking = true;
    try {
      const reply = await this.#signalling.request(this.#command());
      if (reply.type === "call") this.#granted(reply.call);
    } catch (error) {
      this.#refused(error);
    } finally {
      this.#asking = false;
    }
  }

  /** A request that was carried out unheard must not be made in the same form again. */
  #command(): Command {
    const { id, conversation, media } = this.#state.snapshot();
    const known = this.#signalling.calls().find((call) => call.id === id);
    if (this.#intent === "start" && !known) return { type: "start_call", call: id, conversation, media };
    if (this.#intent === "accept" && known?.state.type === "ringing") return { type: "accept_call", call: id };
    return { type: "rejoin_call", call: id };
  }

  #granted(reply: Call): void {
    // What was heard since may be newer than the reply.
    const call = this.#signalling.calls().find(({ id }) => id === reply.id) ?? reply;
    if (this.ended) {
      // Hung up in the meantime; the leave that was said may have come too early.
      if (call.state.type !== "ended") this.#options.leave(call.id, false);
      return;
    }
    // Both called at the same moment: the other one's call counts for both.
    const { media } = this.#state.snapshot();
    const outgoing = call.caller === this.#signalling.account;
    this.#update({ id: call.id, conversation: call.conversation, outgoing, media });
    if (call.state.type === "ended") return this.#over(call);
    this.#attached = true;
    this.#intent = "rejoin";
    clearTimeout(this.#patience);
    this.#queue.open(call.id);
    this.#follow(call);
    this.#line?.signallingBack();
  }

  #refused(error: unknown): void {
    if (this.ended) return;
    if (!(error instanceof RequestError)) throw error;
    const { error: no } = error;
    if (no === null || no.code === "rate_limited" || no.code === "unavailable") {
      setTimeout(() => void this.#ask(), no?.retry_ms ?? AGAIN_MS);
      return;
    }
    this.#end(reasonFor(this.#intent, no.code), null, false);
  }

  #follow(call: Call): void {
    const { state } = call;
    if (state.type === "ringing") {
      this.#update({ stage: { type: "ringing", since: state.since } });
      // Asked for while it rings, so that the answer does not wait for it.
      void this.#ice.configuration(call.id).catch(() => undefined);
      return;
    }
    if (state.type !== "active") return;
    const other = call.legs.find((leg) => leg.account !== this.#signalling.account);
    if (!other) return;
    const wasAway = this.#state.snapshot().away;
    this.#update({ stage: { type: "active", since: state.since }, away: !other.attached });
    if (!this.#line) this.#open(call.id, other);
    else if (wasAway && other.attached) this.#line.signallingBack();
  }

  #open(call: CallId, to: Leg): void {
    const line = new Line({
      call,
      to: { account: to.account, device: to.device },
      caller: this.#state.snapshot().outgoing,
      local: this.local,
      ice: this.#ice,
      queue: this.#queue,
      sas: this.#signalling.sas,
      canSignal: () => this.#attached,
      giveUp: () => this.#giveUp(),
      insecure: () => this.#insecure(),
    });
    this.#line = line;
    this.#update({ line: line.state.snapshot() });
    line.state.subscribe(() => this.#update({ line: line.state.snapshot() }));
    void line.open(this.#rejoined);
    for (const signal of this.#early.splice(0)) this.receive(signal);
  }

  /** The media connection could not be made, or not be made again. */
  #giveUp(): void {
    if (this.ended) return;
    this.#options.leave(this.#state.snapshot().id, true);
    this.#end("failed", null, false);
  }

  /** Nobody is to be heard who is not the one that was called. */
  #insecure(): void {
    if (this.ended) return;
    this.#options.leave(this.#state.snapshot().id, true);
    this.#end("insecure", null, false);
  }

  /** The server has not answered the first request for long. */
  #unanswered(): void {
    if (this.#attached || this.ended) return;
    this.#options.leave(this.#state.snapshot().id, false);
    this.#end("unreachable", null, false);
  }

  #over({ state }: Call): void {
    if (state.type !== "ended") return;
    this.#end(state.end.outcome, state.end.duration, state.by === this.#signalling.account);
  }

  #end(reason: EndReason, duration: Millis | null, own: boolean): void {
    const { stage } = this.#state.snapshot();
    const lasted = stage.type === "active" ? Math.max(0, this.#signalling.now() - stage.since) : 0;
    clearTimeout(this.#patience);
    this.#line?.close();
    this.#queue.clear();
    this.local.stop();
    this.#update({ stage: { type: "ended", reason, duration: duration ?? lasted, own }, away: false });
  }

  #update(change: Partial<CurrentState>): void {
    this.#state.set({ ...this.#state.snapshot(), ...change });
  }
}

function reasonFor(intent: Intent, code: ErrorCode): EndReason {
  if (intent === "start") return "unreachable";
  if (code === "conflict") return "elsewhere";
  return intent === "accept" ? "cancelled" : "failed";
}

const PATIENCE_MS = 20_000;
const AGAIN_MS = 1_000;
