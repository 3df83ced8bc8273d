// The line to the other leg of a call: one peer connection after another,
// what goes into it, what comes out of it, and its recovery. A leg that was
// reloaded comes back with a new peer; then this side makes a new one, too.

import { Cell, type Readable } from "@/lib/readable";
import type { CallId } from "@/protocol/wire";

import { Comparison, type Sas } from "./comparison";
import type { IceServers } from "./ice";
import type { LocalMedia } from "./local";
import { type Connection, Peer, type Tracks } from "./peer";
import type { Leg, SignalQueue } from "./queue";
import { type Reach, Recovery } from "./recovery";
import type { Signal, SignalContent } from "./signal";

/** What the other side says of its devices. */
export interface RemoteMedia {
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
}

/** The line as it looks now. */
export interface LineState {
  readonly reach: Reach;
  readonly remote: RemoteMedia;
  readonly tracks: Tracks;
}

/** What a line needs. */
export interface LineOptions {
  readonly call: CallId;
  readonly caller: boolean;
  readonly to: Leg;
  readonly local: LocalMedia;
  readonly ice: IceServers;
  readonly queue: SignalQueue;
  readonly sas: Sas;
  readonly canSignal: () => boolean;
  /** The connection could not be made, or not be made again. */
  readonly giveUp: () => void;
  /** Somebody stands in between. */
  readonly insecure: () => void;
}

/** A line to the other leg. */
export class Line {
  readonly #options: LineOptions;
  readonly #state: Cell<LineState>;
  readonly #recovery: Recovery;
  /** Whether both sides see the same keys. */
  readonly comparison: Comparison;
  readonly #waiting: Signal[] = [];
  readonly #unlisten: (() => void)[];
  #configuration: RTCConfiguration = {};
  #peer: Peer | null = null;
  #unpeer: (() => void)[] = [];
  #said = "";
  #restarted = 0;
  #closed = false;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#state = new Cell<LineState>({ reach: "connecting", remote: SILENT, tracks: NO_TRACKS });
    this.#recovery = new Recovery({
      canRestart: () => this.#peer !== null && options.canSignal(),
      restart: () => void this.#restart(),
      giveUp: options.giveUp,
    });
    this.comparison = new Comparison({
      call: options.call,
      to: options.to,
      sas: options.sas,
      say: (content) => this.#say(content),
      fingerprints: () => this.#peer?.fingerprints() ?? null,
    });
    this.#unlisten = [
      options.local.state.subscribe(() => this.#share()),
      this.#recovery.reach.subscribe(() => this.#update({ reach: this.#recovery.reach.snapshot() })),
    ];
  }

  get state(): Readable<LineState> {
    return this.#state;
  }

  /** The peer of the moment, to look at: its statistics and loudness. */
  get peer(): Peer | null {
    return this.#peer;
  }

  /** Makes the connection; `again` when this leg comes back without its old peer. */
  async open(again: boolean): Promise<void> {
    this.#recovery.start();
    const configuration = await this.#options.ice.configuration(this.#options.call);
    if (this.#closed) return;
    this.#renew(configuration, null);
    if (again && !this.#options.caller) this.#say({ kind: "ready" });
    for (const signal of this.#waiting.splice(0)) this.receive(signal);
  }

  /** Takes a signal of the other leg in. */
  receive(signal: Signal): void {
    const peer = this.#peer;
    if (!peer) {
      this.#waiting.push(signal);
      return;
    }
    // Meant for a peer that this leg had before.
    if (signal.for !== null && signal.for !== peer.id) return;
    if (peer.other === null || (signal.for === peer.id && !peer.agreed)) peer.other = signal.peer;
    if (peer.other !== signal.peer) {
      if (signal.for !== null) return;
      // The other side begins anew, and so must this one.
      this.#renew(this.#configuration, signal.peer);
      this.#recovery.start();
    } else if (signal.kind === "ready" && peer.state.snapshot() !== "connecting") {
      void this.#restart();
    } else if (signal.kind === "ready") {
      peer.resend();
    }
    if (signal.kind === "sas") this.comparison.heard(signal);
    else if (signal.kind === "media") this.#update({ remote: { ...signal } });
    else this.#peer?.receive(signal);
  }

  /** Signals pass again, on this side or the other. */
  signallingBack(): void {
    this.#said = "";
    this.#share();
    this.#peer?.resend();
    this.#recovery.signallingBack();
  }

  networkChanged(): void {
    this.#recovery.networkChanged();
  }

  close(): void {
    this.#closed = true;
    this.#recovery.stop();
    for (const unlisten of [...this.#unlisten, ...this.#unpeer]) unlisten();
    this.#peer?.close();
    this.#options.queue.clear();
  }

  #renew(configuration: RTCConfiguration, other: string | null): void {
    this.#configuration = configuration;
    for (const unlisten of this.#unpeer) unlisten();
    this.#peer?.close();
    this.comparison.reset();
    this.#options.queue.clear();
    this.#said = "";
    this.#restarted = 0;
    const peer = new Peer({
      configuration,
      caller: this.#options.caller,
      send: (content) => this.#say(content),
    });
    peer.other = other;
    this.#peer = peer;
    this.#unpeer = [
      peer.state.subscribe(() => this.#look(peer.state.snapshot())),
      peer.remote.subscribe(() => this.#update({ tracks: peer.remote.snapshot() })),
    ];
    this.#recovery.look("connecting");
    this.#update({ tracks: peer.remote.snapshot() });
    this.#share();
  }

  #look(connection: Connection): void {
    if (connection === "insecure") this.#options.insecure();
    else this.#recovery.look(connection);
  }

  async #restart(): Promise<void> {
    // Both sides notice a lost connection at about the same moment; one restart will do.
    const now = Date.now();
    if (now - this.#restarted < PAUSE_MS) return;
    this.#restarted = now;
    const peer = this.#peer;
    const configuration = await this.#options.ice.configuration(this.#options.call);
    this.#configuration = configuration;
    if (!this.#closed && peer === this.#peer) peer?.restart(configuration);
  }

  /** Puts what there is into its places, and tells the other side what that is. */
  #share(): void {
    const { tracks } = this.#options.local;
    for (const slot of SLOTS) this.#peer?.setTrack(slot, tracks[slot]);
    const { muted } = this.#options.local.state.snapshot();
    const media: SignalContent = {
      kind: "media",
      microphone: tracks.microphone !== null && !muted,
      camera: tracks.camera !== null,
      screen: tracks.screen !== null,
    };
    const said = JSON.stringify(media);
    if (!this.#peer || said === this.#said) return;
    this.#said = said;
    this.#say(media);
  }

  #say(content: SignalContent): void {
    const peer = this.#peer;
    if (!peer || this.#closed) return;
    this.#options.queue.push(this.#options.to, { ...content, peer: peer.id, for: peer.other });
  }

  #update(change: Partial<LineState>): void {
    this.#state.set({ ...this.#state.snapshot(), ...change });
  }
}

const PAUSE_MS = 1_500;
const SLOTS = ["microphone", "camera", "screen", "screenSound"] as const;
const SILENT: RemoteMedia = { microphone: false, camera: false, screen: false };
const NO_TRACKS: Tracks = { microphone: null, camera: null, screen: null, screenSound: null };
