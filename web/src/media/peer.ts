// One RTCPeerConnection, from the first offer to its end, by the perfect
// negotiation pattern of W3C WebRTC 1.0, section 10.7. The callee is polite.
//
// Four transceivers are made once and stay: microphone, camera, screen and
// the screen's sound, always in both directions. So muting, cameras, devices
// and sharing only change tracks, and nothing is negotiated again but ICE. The
// callee asks the caller for that, so that offers do not meet.
//
// It knows nothing of calls or sockets: signals go out through `send`, and
// come in through `receive` in the order in which they were sent.

import { Cell, type Readable } from "@/lib/readable";

import { fingerprintOf, type SignalContent } from "./signal";

/** The places in which a peer sends and receives. */
export type Slot = "microphone" | "camera" | "screen" | "screenSound";

/** The tracks in them. */
export type Tracks = Readonly<Record<Slot, MediaStreamTrack | null>>;

/** How the connection for media is doing. */
export type Connection =
  | "connecting"
  | "connected"
  | "disconnected"
  | "failed"
  /** The other end of the way is not whom the signals named. */
  | "insecure";

/** What a peer needs. */
export interface PeerOptions {
  readonly configuration: RTCConfiguration;
  /** The caller makes the first offer; it is the impolite one. */
  readonly caller: boolean;
  readonly send: (content: SignalContent) => void;
}

/** A peer connection with its negotiation. */
export class Peer {
  readonly id = peerId();
  /** The other side's peer, as soon as it has said something. */
  other: string | null = null;
  readonly #connection: RTCPeerConnection;
  readonly #options: PeerOptions;
  #configuration: RTCConfiguration;
  readonly #transceivers = new Map<Slot, RTCRtpTransceiver>();
  readonly #tracks: Record<Slot, MediaStreamTrack | null> = { ...NO_TRACKS };
  readonly #streams = { face: new MediaStream(), screen: new MediaStream() };
  readonly #remote = new Cell<Tracks>(NO_TRACKS);
  readonly #state = new Cell<Connection>("connecting");
  readonly #early: RTCIceCandidateInit[] = [];
  #work: Promise<void> = Promise.resolve();
  #offering = false;
  #ignored = false;
  #heard = 0;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.#configuration = options.configuration;
    const connection = connect(options.configuration);
    this.#connection = connection;
    connection.onnegotiationneeded = () => void this.#offer();
    connection.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) options.send({ kind: "candidate", candidate: candidate.toJSON() });
    };
    connection.onconnectionstatechange = () => this.#look();
    connection.oniceconnectionstatechange = () => this.#look();
    if (options.caller) this.#open();
  }

  /** How it is doing. */
  get state(): Readable<Connection> {
    return this.#state;
  }

  /** What the other side sends; the tracks are there from the start and silent until something comes. */
  get remote(): Readable<Tracks> {
    return this.#remote;
  }

  /** Whether it knows what the other side can do. */
  get agreed(): boolean {
    return this.#connection.remoteDescription !== null;
  }

  /** Puts a track into its place, or takes it out. */
  setTrack(slot: Slot, track: MediaStreamTrack | null): void {
    if (this.#tracks[slot] === track) return;
    this.#tracks[slot] = track;
    // A closed connection refuses; then nobody needs the track.
    this.#transceivers.get(slot)?.sender.replaceTrack(track).catch(() => undefined);
  }

  /** Takes a signal of the other side in, after those before it. */
  receive(content: SignalContent): void {
    this.#work = this.#work.then(() => this.#handle(content)).catch(() => undefined);
  }

  /** Looks for a new way through the network, with fresh relay credentials when there are some. */
  restart(configuration: RTCConfiguration): void {
    if (this.#connection.signalingState === "closed") return;
    if (configuration !== this.#configuration) this.#connection.setConfiguration(configuration);
    this.#configuration = configuration;
    // The callee asks for an offer: when both sides make one at the same time
    // and one is taken back, browsers lose the received streams.
    if (!this.#options.caller) this.#options.send({ kind: "ready" });
    else if (this.#connection.signalingState === "have-local-offer") this.resend();
    else this.#connection.restartIce();
  }

  /** Says an unanswered offer again, with all candidates found since. */
  resend(): void {
    const { localDescription, signalingState } = this.#connection;
    if (signalingState === "have-local-offer" && localDescription) this.#describe(localDescription);
  }

  /** The certificates of both sides, as their descriptions name them; null before both are known. */
  fingerprints(): { own: string; other: string } | null {
    const { localDescription, remoteDescription } = this.#connection;
    const own = localDescription && fingerprintOf(localDescription.sdp);
    const other = remoteDescription && fingerprintOf(remoteDescription.sdp);
    return own && other ? { own, other } : null;
  }

  stats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  /** Which received stream a place is, for the statistics. */
  middle(slot: Slot): string | null {
    return this.#transceivers.get(slot)?.mid ?? null;
  }

  /** How loud the other side is now, 0 to 1; not to be asked faster than packets come. */
  loudness(): number {
    const source = this.#transceivers.get("microphone")?.receiver.getSynchronizationSources?.()[0];
    // The same packet as last time: nothing comes any more.
    if (!source || source.timestamp === this.#heard) return 0;
    this.#heard = source.timestamp;
    return source.audioLevel ?? 0;
  }

  close(): void {
    const connection = this.#connection;
    connection.onnegotiationneeded = null;
    connection.onicecandidate = null;
    connection.onconnectionstatechange = null;
    connection.oniceconnectionstatechange = null;
    if (this.#keys) this.#keys.onstatechange = null;
    connection.close();
  }

  /** The caller's places; the callee takes them over from the offer, by their order. */
  #open(): void {
    for (const slot of SLOTS) {
      const transceiver = this.#connection.addTransceiver(KIND[slot], {
        direction: "sendrecv",
        streams: [this.#stream(slot)],
      });
      this.#place(slot, transceiver);
    }
    this.#show();
  }

  #adopt(): void {
    const transceivers = this.#connection.getTransceivers();
    for (const [i, slot] of SLOTS.entries()) {
      const transceiver = transceivers[i];
      if (!transceiver || this.#transceivers.has(slot)) continue;
      if (transceiver.receiver.track.kind !== KIND[slot]) continue;
      transceiver.direction = "sendrecv";
      transceiver.sender.setStreams?.(this.#stream(slot));
      this.#place(slot, transceiver);
    }
    this.#show();
  }

  #place(slot: Slot, transceiver: RTCRtpTransceiver): void {
    this.#transceivers.set(slot, transceiver);
    if (KIND[slot] === "video") preferVp8(transceiver);
    const track = this.#tracks[slot];
    if (track) transceiver.sender.replaceTrack(track).catch(() => undefined);
  }

  #show(): void {
    const tracks: Record<Slot, MediaStreamTrack | null> = { ...NO_TRACKS };
    for (const [slot, { receiver }] of this.#transceivers) tracks[slot] = receiver.track;
    this.#remote.set(tracks);
  }

  #stream(slot: Slot): MediaStream {
    return slot === "microphone" || slot === "camera" ? this.#streams.face : this.#streams.screen;
  }

  async #offer(): Promise<void> {
    try {
      this.#offering = true;
      await this.#connection.setLocalDescription();
      const description = this.#connection.localDescription;
      if (description?.type === "offer") this.#describe(description);
    } catch {
      // It was closed, or the other side's offer came first; then that one counts.
    } finally {
      this.#offering = false;
    }
  }

  #describe({ type, sdp }: RTCSessionDescription): void {
    if (type !== "offer" && type !== "answer") return;
    const fingerprint = fingerprintOf(sdp);
    if (fingerprint === null) throw new Error("a browser names one fingerprint, by SHA-256");
    this.#options.send({ kind: "description", description: { type, sdp }, fingerprint });
  }

  async #handle(content: SignalContent): Promise<void> {
    if (content.kind === "description") await this.#agree(content);
    else if (content.kind === "candidate" && content.candidate) await this.#reach(content.candidate);
  }

  async #agree({ description, fingerprint }: SignalContent & { kind: "description" }): Promise<void> {
    // Before the browser hears of it: media flow only to whom the signature names.
    if (fingerprintOf(description.sdp) !== fingerprint) return this.#refuse();
    const connection = this.#connection;
    const isOffer = description.type === "offer";
    // The answer to an offer said twice comes twice.
    if (!isOffer && connection.signalingState !== "have-local-offer") return;
    const collision = isOffer && (this.#offering || connection.signalingState !== "stable");
    this.#ignored = this.#options.caller && collision;
    if (this.#ignored) return;
    await connection.setRemoteDescription(description);
    if (isOffer) {
      if (!this.#options.caller) this.#adopt();
      await connection.setLocalDescription();
      if (connection.localDescription) this.#describe(connection.localDescription);
    }
    if (this.#keys) this.#keys.onstatechange = () => this.#look();
    for (const candidate of this.#early.splice(0)) await this.#reach(candidate);
    this.#limit();
  }

  async #reach(candidate: RTCIceCandidateInit): Promise<void> {
    if (!this.#connection.remoteDescription) {
      if (this.#early.length < MAX_EARLY) this.#early.push(candidate);
      return;
    }
    try {
      await this.#connection.addIceCandidate(candidate);
    } catch (error) {
      if (!this.#ignored) throw error;
    }
  }

  /** Keeps pictures within what one relay allocation may carry. */
  #limit(): void {
    for (const slot of ["camera", "screen"] as const) {
      const sender = this.#transceivers.get(slot)?.sender;
      const parameters = sender?.getParameters();
      const encoding = parameters?.encodings?.[0];
      if (!sender || !parameters || !encoding || encoding.maxBitrate) continue;
      encoding.maxBitrate = MAX_BITRATE[slot];
      sender.setParameters(parameters).catch(() => undefined);
    }
  }

  #refuse(): void {
    this.#state.set("insecure");
    this.close();
  }

  #look(): void {
    const { connectionState, iceConnectionState } = this.#connection;
    // No keys could be agreed with the one who was named.
    if (this.#keys?.state === "failed") this.#state.set("insecure");
    else if (iceConnectionState === "failed") this.#state.set("failed");
    else if (connectionState === "connected") this.#state.set("connected");
    // Chromium says "failed" when the first ways it tried are closed while
    // others are still to come, and goes on saying so for a moment after one
    // of them has opened. That tells nothing of keys, and may heal by itself.
    else if (connectionState === "failed" || connectionState === "disconnected") this.#state.set("disconnected");
    else if (this.#state.snapshot() === "failed") this.#state.set("disconnected");
  }

  /** Where keys are agreed; all media go one way, so there is one. */
  get #keys(): RTCDtlsTransport | null {
    return this.#transceivers.get("microphone")?.sender.transport ?? null;
  }
}

/** The one place in which connections are made. */
function connect(configuration: RTCConfiguration): RTCPeerConnection {
  return new RTCPeerConnection(configuration);
}

/** VP8 is what every browser has, and the lightest to encode. */
function preferVp8(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities?.("video")?.codecs;
  if (!codecs || !transceiver.setCodecPreferences) return;
  const isVp8 = (codec: { mimeType: string }) => codec.mimeType.toLowerCase() === "video/vp8";
  transceiver.setCodecPreferences([...codecs.filter(isVp8), ...codecs.filter((codec) => !isVp8(codec))]);
}

function peerId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const SLOTS: readonly Slot[] = ["microphone", "camera", "screen", "screenSound"];
const KIND: Readonly<Record<Slot, "audio" | "video">> = {
  microphone: "audio",
  camera: "video",
  screen: "video",
  screenSound: "audio",
};
const NO_TRACKS: Tracks = { microphone: null, camera: null, screen: null, screenSound: null };
const MAX_BITRATE = { camera: 1_700_000, screen: 2_500_000 };
const MAX_EARLY = 200;
