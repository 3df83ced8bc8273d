// A hub of a few lines for tests of calls: it keeps calls as the server does
// and passes signals between clients whose connections can be cut.

import type { AccountId, Call, CallId, CallOutcome, Command, DeviceId, Reply } from "@/protocol/wire";

import type { Sas } from "../comparison";
import { type IncomingSignal, type OutgoingSignal, RequestError, type Signalling } from "../signalling";

/** What a client says: signals are opened here already. */
type Said = Exclude<Command, { type: "signal" }> | ({ type: "signal" } & OutgoingSignal);

/** How long relay credentials are good for. */
export const GRANT_MS = 3_600_000;

/** A hub with its clients. */
export class FakeHub {
  readonly clients: FakeClient[] = [];
  readonly calls = new Map<CallId, Call>();
  /** Every command as it arrived. */
  readonly log: { from: DeviceId; command: Said }[] = [];
  /** Stands between the legs: what it makes of a signal is what arrives; null is what cannot be opened. */
  tamper: (content: unknown) => unknown = (content) => content;
  /** Where ICE servers would be. */
  urls: string[] = [];
  /** How many relay credentials it has given; each has a name of its own. */
  grants = 0;
  now = 1_000_000;

  client(account: string, device = `${account}-device`): FakeClient {
    const client = new FakeClient(this, account as AccountId, device as DeviceId);
    this.clients.push(client);
    return client;
  }

  handle(from: FakeClient, command: Said): Reply {
    this.log.push({ from: from.device, command });
    switch (command.type) {
      case "start_call":
        return this.#start(from, command);
      case "accept_call":
        return this.#accept(from, this.#call(command.call));
      case "decline_call":
        return this.#finish(this.#call(command.call), "declined", from);
      case "end_call": {
        const call = this.#call(command.call);
        const outcome = command.failed ? "failed" : call.state.type === "ringing" ? "cancelled" : "completed";
        return this.#finish(call, outcome, from);
      }
      case "rejoin_call": {
        const call = this.#call(command.call);
        const leg = call.legs.find(({ device }) => device === from.device);
        if (!leg) throw refused("conflict");
        from.carries = call.id;
        return this.#put({ ...call, legs: call.legs.map((other) => (other === leg ? { ...leg, attached: true } : other)) });
      }
      case "signal":
        this.#signal(from, command);
        return { type: "done" };
      case "relay_credentials":
        this.grants += 1;
        return { type: "relay", urls: this.urls, username: `user ${this.grants}`, credential: "c", ttl: GRANT_MS };
      default:
        return { type: "done" };
    }
  }

  /** Nobody answered in time, or the server ends it for another reason. */
  finish(id: CallId, outcome: CallOutcome): void {
    this.#finish(this.#call(id), outcome, null);
  }

  detach(client: FakeClient): void {
    if (!client.carries) return;
    const call = this.calls.get(client.carries);
    client.carries = null;
    if (!call) return;
    this.#put({
      ...call,
      legs: call.legs.map((leg) => (leg.device === client.device ? { ...leg, attached: false } : leg)),
    });
  }

  #start(from: FakeClient, { call: id, conversation, media }: Extract<Command, { type: "start_call" }>): Reply {
    const known = this.calls.get(id);
    if (known) return { type: "call", call: known };
    const callee = this.clients.find(({ account }) => account !== from.account)?.account;
    if (!callee) throw refused("not_found");
    const other = [...this.calls.values()].find(
      (call) => call.state.type === "ringing" && call.conversation === conversation,
    );
    if (other) return this.#accept(from, other);
    const call: Call = {
      id, conversation, media, caller: from.account, callee,
      state: { type: "ringing", since: this.now },
      legs: [{ account: from.account, device: from.device, attached: true }],
    };
    const busy = this.calls.size > 0;
    from.carries = id;
    return busy ? this.#finish(call, "busy", null) : this.#put(call);
  }

  #accept(from: FakeClient, call: Call): Reply {
    if (call.state.type !== "ringing") throw refused("conflict");
    from.carries = call.id;
    return this.#put({
      ...call,
      state: { type: "active", since: this.now },
      legs: [...call.legs, { account: from.account, device: from.device, attached: true }],
    });
  }

  #finish(call: Call, outcome: CallOutcome, by: FakeClient | null): Reply {
    const duration = call.state.type === "active" ? this.now - call.state.since : 0;
    return this.#put({ ...call, state: { type: "ended", end: { outcome, duration }, by: by?.account ?? null } });
  }

  #signal(from: FakeClient, { call, device: to, content }: OutgoingSignal): void {
    if (this.#call(call).state.type !== "active") throw refused("not_found");
    const carrier = this.clients.find((client) => client.device === to && client.carries === call);
    const heard = this.tamper(structuredClone(content));
    carrier?.deliver(() => carrier.signalled({ call, from: from.device, content: heard }));
  }

  #put(call: Call): Reply {
    if (call.state.type === "ended") this.calls.delete(call.id);
    else this.calls.set(call.id, call);
    for (const client of this.clients) client.deliver(() => client.called(call));
    return { type: "call", call };
  }

  #call(id: CallId): Call {
    const call = this.calls.get(id);
    if (!call) throw refused("not_found");
    return call;
  }
}

/** One connection to the hub. */
export class FakeClient implements Signalling {
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly #hub: FakeHub;
  readonly #known = new Map<CallId, Call>();
  readonly #onCall = new Set<(call: Call) => void>();
  readonly #onSignal = new Set<(signal: IncomingSignal) => void>();
  readonly #onOnline = new Set<() => void>();
  carries: CallId | null = null;
  relay = false;
  /** Whose keys have changed. */
  readonly distrusted = new Set<AccountId>();
  /** Replies wait until it is called; for races. */
  held: (() => void)[] | null = null;
  #online = true;

  constructor(hub: FakeHub, account: AccountId, device: DeviceId) {
    this.#hub = hub;
    this.account = account;
    this.device = device;
  }

  readonly online = (): boolean => this.#online;
  readonly calls = (): readonly Call[] => [...this.#known.values()];
  readonly now = (): number => this.#hub.now;
  readonly relayOnly = (): boolean => this.relay;
  readonly trusts = (account: AccountId): boolean => !this.distrusted.has(account);
  readonly onCall = (listener: (call: Call) => void) => listen(this.#onCall, listener);
  readonly onSignal = (listener: (signal: IncomingSignal) => void) => listen(this.#onSignal, listener);
  readonly onOnline = (listener: () => void) => listen(this.#onOnline, listener);

  readonly request = (command: Command): Promise<Reply> => this.#ask(command as Said);

  /** No keys here to compare. */
  readonly sas: Sas = {
    start: () => Promise.reject(new Error("no vault")),
    commit: () => Promise.reject(new Error("no vault")),
    reveal: () => Promise.reject(new Error("no vault")),
  };
  readonly signal = async (signal: OutgoingSignal): Promise<void> => {
    await this.#ask({ type: "signal", ...signal });
  };

  readonly #ask = (command: Said): Promise<Reply> =>
    new Promise((resolve, reject) => {
      if (!this.#online) return reject(new RequestError(null));
      // What the hub does is at once; only its answers travel.
      let settle: () => void;
      try {
        const reply = this.#hub.handle(this, command);
        settle = () => {
          if (reply.type === "call") this.called(reply.call);
          resolve(reply);
        };
      } catch (error) {
        settle = () => reject(error);
      }
      this.deliver(settle, () => reject(new RequestError(null)));
    });

  /** Cuts the connection; what was under way is lost. */
  drop(): void {
    if (!this.#online) return;
    this.#online = false;
    this.held = null;
    this.#hub.detach(this);
    for (const listener of this.#onOnline) listener();
  }

  reconnect(): void {
    this.#known.clear();
    for (const call of this.#hub.calls.values()) this.#known.set(call.id, call);
    this.#online = true;
    for (const listener of this.#onOnline) listener();
  }

  /** Lets the held answers through. */
  release(): void {
    const held = this.held ?? [];
    this.held = null;
    for (const deliver of held) deliver();
  }

  deliver(act: () => void, lost?: () => void): void {
    queueMicrotask(() => {
      if (!this.#online) lost?.();
      else if (this.held) this.held.push(act);
      else act();
    });
  }

  called(call: Call): void {
    if (call.state.type === "ended") this.#known.delete(call.id);
    else this.#known.set(call.id, call);
    for (const listener of this.#onCall) listener(call);
  }

  signalled(signal: IncomingSignal): void {
    for (const listener of this.#onSignal) listener(signal);
  }
}

function listen<L>(set: Set<L>, listener: L): () => void {
  set.add(listener);
  return () => set.delete(listener);
}

function refused(code: "conflict" | "not_found"): RequestError {
  return new RequestError({ code, detail: "" });
}
