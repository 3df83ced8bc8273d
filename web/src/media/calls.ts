// All calls as this tab sees them: the one it is in, those that ring, and the
// one that goes on in another tab or on another device. One call at a time.

import { toBase64Url } from "@/lib/base64";
import { Computed, type Readable } from "@/lib/readable";
import type { AccountId, Call, CallId, CallMedia, ConversationId } from "@/protocol/wire";

import { CurrentCall, type Intent } from "./call";
import type { Devices } from "./devices";
import { LocalMedia } from "./local";
import { RequestError, type Signalling } from "./signalling";

/** The calls of this account, seen from this tab. */
export interface CallsState {
  /** The call of this tab; it stays for a look after it has ended. */
  readonly current: CurrentCall | null;
  /** What rings here. */
  readonly ringing: readonly Call[];
  /** The call that this device is in but no tab carries, after a reload. */
  readonly left: Call | null;
  /** A call of this account in another tab or on another device. */
  readonly elsewhere: Call | null;
}

/** What is needed besides the call itself. */
export interface JoinOptions {
  readonly camera: boolean;
}

/** The calls of this tab. */
export class Calls {
  readonly devices: Devices;
  readonly #signalling: Signalling;
  readonly #state: Computed<CallsState>;
  readonly #unlisten: (() => void)[];
  /** Silenced here before the server knows. */
  readonly #silenced = new Set<CallId>();
  /** Calls that this tab is out of and the server has not confirmed it yet; the value: whether it failed. */
  readonly #leaving = new Map<CallId, boolean>();
  #current: CurrentCall | null = null;

  constructor(signalling: Signalling, devices: Devices) {
    this.#signalling = signalling;
    this.devices = devices;
    this.#state = new Computed(() => this.#look());
    const networkChanged = () => this.#current?.networkChanged();
    const network = networkInformation();
    addEventListener("online", networkChanged);
    network?.addEventListener("change", networkChanged);
    this.#unlisten = [
      signalling.onCall((call) => this.#heard(call)),
      signalling.onSignal((signal) => this.#current?.receive(signal)),
      signalling.onOnline(() => this.#connectionChanged()),
      () => removeEventListener("online", networkChanged),
      () => network?.removeEventListener("change", networkChanged),
    ];
  }

  get state(): Readable<CallsState> {
    return this.#state;
  }

  /** Calls the other member of a direct conversation. */
  start(conversation: ConversationId, peer: AccountId, media: CallMedia): void {
    const call = { id: newCallId(), conversation, media };
    this.#join("start", call, peer, true, { camera: media === "video" });
  }

  /** Answers a call that rings here. */
  accept(id: CallId, options: JoinOptions): void {
    const call = this.#known(id);
    if (!call) return;
    if (!this.#signalling.trusts(call.caller)) this.decline(id);
    this.#join("accept", call, call.caller, false, options);
  }

  /** Says no to a call that rings here; all devices stop ringing. */
  decline(id: CallId): void {
    this.#silenced.add(id);
    this.#state.changed();
    this.#signalling.request({ type: "decline_call", call: id }).catch((error: unknown) => {
      if (!(error instanceof RequestError)) throw error;
      // Lost on the way: it may ring again, and be declined again.
      if (error.error === null) this.#silenced.delete(id);
      this.#state.changed();
    });
  }

  /** Takes up the call that this device is in after a reload. */
  rejoin(id: CallId, options: JoinOptions): void {
    const call = this.#known(id);
    if (!call) return;
    const outgoing = call.caller === this.#signalling.account;
    this.#join("rejoin", call, outgoing ? call.callee : call.caller, outgoing, options);
  }

  /** Leaves the call that this device is in without taking it up. */
  leave(id: CallId): void {
    this.#leave(id, false);
    this.#state.changed();
  }

  /** Puts a call that has ended away. */
  dismiss(): void {
    if (!this.#current?.ended) return;
    this.#current = null;
    this.#state.changed();
  }

  /** The page signs out: frees everything. The server ends the leg by itself. */
  stop(): void {
    for (const unlisten of this.#unlisten) unlisten();
    this.#current?.hangUp();
    this.#current = null;
  }

  #join(
    intent: Intent,
    call: Pick<Call, "id" | "conversation" | "media">,
    peer: AccountId,
    outgoing: boolean,
    { camera }: JoinOptions,
  ): void {
    if (this.#current && !this.#current.ended) return;
    const local = new LocalMedia(this.devices);
    const trusted = this.#signalling.trusts(peer);
    if (trusted) void local.microphone.start();
    if (trusted && camera) void local.camera.start();
    const current = new CurrentCall({
      signalling: this.#signalling,
      local,
      intent,
      call,
      outgoing,
      peer,
      leave: (id, failed) => this.#leave(id, failed),
    });
    this.#current = current;
    let ended = current.ended;
    current.state.subscribe(() => {
      // What rings and what is elsewhere depends on whether this one goes on.
      if (ended === current.ended) return;
      ended = current.ended;
      this.#state.changed();
    });
    this.#state.changed();
  }

  #heard(call: Call): void {
    this.#current?.heard(call);
    this.#state.changed();
  }

  #connectionChanged(): void {
    this.#current?.connectionChanged();
    if (this.#signalling.online()) {
      for (const [call, failed] of this.#leaving) this.#tell(call, failed);
    }
    this.#state.changed();
  }

  #leave(call: CallId, failed: boolean): void {
    this.#leaving.set(call, failed);
    this.#tell(call, failed);
  }

  #tell(call: CallId, failed: boolean): void {
    this.#signalling
      .request({ type: "end_call", call, failed })
      .then(() => this.#leaving.delete(call))
      .catch((error: unknown) => {
        if (!(error instanceof RequestError)) throw error;
        if (error.error !== null) this.#leaving.delete(call);
      });
  }

  #look(): CallsState {
    const own = this.#signalling.account;
    const current = this.#current;
    const currentId = current?.state.snapshot().id;
    const others = this.#signalling
      .calls()
      .filter((call) => call.id !== currentId && !this.#leaving.has(call.id));
    const leg = (call: Call) => call.legs.find(({ account }) => account === own);
    const left = others.find((call) => {
      const mine = leg(call);
      return call.state.type === "active" && mine?.device === this.#signalling.device && !mine.attached;
    });
    return {
      current,
      ringing: others.filter(
        (call) => call.state.type === "ringing" && call.callee === own && !this.#silenced.has(call.id),
      ),
      left: left ?? null,
      elsewhere: others.find((call) => call !== left && leg(call)) ?? null,
    };
  }

  #known(id: CallId): Call | undefined {
    return this.#signalling.calls().find((call) => call.id === id);
  }
}

/** 128 random bits. */
function newCallId(): CallId {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(16))) as CallId;
}

function networkInformation(): EventTarget | null {
  return (navigator as { connection?: EventTarget }).connection ?? null;
}
