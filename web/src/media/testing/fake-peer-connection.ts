// An RTCPeerConnection without a network, for tests: it negotiates as the
// specification says, and two that have exchanged offer and answer are
// connected, unless the test says otherwise.

type Direction = "offer" | "answer";

interface Description {
  readonly type: Direction;
  readonly sdp: string;
}

/** Stands in for RTCPeerConnection. */
export class FakePeerConnection {
  static readonly all: FakePeerConnection[] = [];
  /** Whether an exchange of offer and answer connects. */
  static reachable = true;

  readonly name = String(FakePeerConnection.all.push(this));
  configuration: RTCConfiguration;
  signalingState: RTCSignalingState = "stable";
  connectionState: RTCPeerConnectionState = "new";
  iceConnectionState: RTCIceConnectionState = "new";
  localDescription: Description | null = null;
  remoteDescription: Description | null = null;
  onnegotiationneeded: (() => void) | null = null;
  onicecandidate: ((event: { candidate: unknown }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  oniceconnectionstatechange: (() => void) | null = null;
  /** Offers that were taken back because the other side's came first. */
  rollbacks = 0;
  offers = 0;
  /** Where keys are agreed. */
  readonly keys: { state: RTCDtlsTransportState; onstatechange: (() => void) | null } = {
    state: "new",
    onstatechange: null,
  };
  readonly #transceivers: FakeTransceiver[] = [];

  constructor(configuration: RTCConfiguration) {
    this.configuration = configuration;
  }

  /** The newest that is not closed, one per side. */
  static open(): FakePeerConnection[] {
    return FakePeerConnection.all.filter(({ signalingState }) => signalingState !== "closed");
  }

  static reset(): void {
    FakePeerConnection.all.length = 0;
    FakePeerConnection.reachable = true;
  }

  addTransceiver(kind: "audio" | "video"): FakeTransceiver {
    const transceiver = new FakeTransceiver(kind, String(this.#transceivers.length), this.keys);
    this.#transceivers.push(transceiver);
    if (this.#transceivers.length === 1) queueMicrotask(() => this.onnegotiationneeded?.());
    return transceiver;
  }

  getTransceivers(): FakeTransceiver[] {
    return this.#transceivers;
  }

  async setLocalDescription(): Promise<void> {
    await Promise.resolve();
    if (this.signalingState === "closed") throw new Error("closed");
    const type: Direction = this.signalingState === "have-remote-offer" ? "answer" : "offer";
    this.localDescription = { type, sdp: sdpOf(this.name) };
    if (type === "offer") {
      this.offers += 1;
      this.signalingState = "have-local-offer";
    } else {
      this.signalingState = "stable";
    }
    setTimeout(() => this.onicecandidate?.({ candidate: candidate(`${this.name}-${type}`) }));
  }

  async setRemoteDescription(description: Description): Promise<void> {
    await Promise.resolve();
    if (description.type === "offer") {
      if (this.signalingState === "have-local-offer") this.rollbacks += 1;
      this.remoteDescription = description;
      this.signalingState = "have-remote-offer";
      for (const kind of this.#transceivers.length === 0 ? KINDS : []) {
        this.#transceivers.push(new FakeTransceiver(kind, String(this.#transceivers.length), this.keys));
      }
      return;
    }
    if (this.signalingState !== "have-local-offer") throw new Error("no offer to answer");
    this.remoteDescription = description;
    this.signalingState = "stable";
    const other = FakePeerConnection.all[Number(/^s=(\d+)/.exec(description.sdp)?.[1]) - 1];
    if (FakePeerConnection.reachable) for (const one of [this, other]) one?.become("connected");
  }

  async addIceCandidate(): Promise<void> {
    if (!this.remoteDescription) throw new Error("candidate before description");
  }

  restartIce(): void {
    queueMicrotask(() => this.onnegotiationneeded?.());
  }

  setConfiguration(configuration: RTCConfiguration): void {
    this.configuration = configuration;
  }

  become(state: RTCPeerConnectionState): void {
    if (this.signalingState === "closed") return;
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  becomeIce(state: RTCIceConnectionState): void {
    if (this.signalingState === "closed") return;
    this.iceConnectionState = state;
    this.oniceconnectionstatechange?.();
  }

  /** No keys can be agreed with the other end of the way. */
  failKeys(): void {
    this.keys.state = "failed";
    this.keys.onstatechange?.();
  }

  close(): void {
    this.signalingState = "closed";
    this.connectionState = "closed";
  }
}

class FakeTransceiver {
  readonly mid: string;
  readonly receiver: { readonly track: { readonly kind: string } };
  direction = "recvonly";
  readonly sender = {
    transport: null as unknown,
    track: null as unknown,
    replaceTrack: async (track: unknown) => {
      this.sender.track = track;
    },
    getParameters: () => ({ encodings: [] }),
    setParameters: async () => undefined,
    setStreams: () => undefined,
  };

  constructor(kind: string, mid: string, keys: unknown) {
    this.mid = mid;
    this.sender.transport = keys;
    this.receiver = { track: { kind } };
  }
}

/** An SDP as far as anyone here reads it: a name, and a fingerprint of its own. */
function sdpOf(name: string): string {
  const byte = Number(name).toString(16).padStart(2, "0");
  return `s=${name}\r\na=fingerprint:sha-256 ${Array.from({ length: 32 }, () => byte).join(":")}\r\n`;
}

function candidate(text: string): { candidate: string; toJSON: () => RTCIceCandidateInit } {
  return { candidate: text, toJSON: () => ({ candidate: text, sdpMid: "0" }) };
}

const KINDS = ["audio", "video", "video", "audio"] as const;
