// Two ends in one page that can reach each other only through the relay, and only by one way to it.

import type { Flood, Passage } from "./outcome";

/** A data channel through the relay, open at both ends. */
export class RelayedPair {
  readonly #ends: readonly [RTCPeerConnection, RTCPeerConnection];
  #near: RTCDataChannel | null = null;
  #far: RTCDataChannel | null = null;
  #gathered = 0;
  #code: number | null = null;

  constructor(server: RTCIceServer) {
    const end = () => new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: "relay" });
    this.#ends = [end(), end()];
  }

  /** Connects both, and sends a packet there and back. */
  async pass(signal: AbortSignal): Promise<Passage> {
    const opened = await this.#open(signal);
    if (!opened || !this.#near || !this.#far) return this.#failed();
    const far = this.#far;
    far.addEventListener("message", ({ data }) => {
      if (data === PING) far.send(PING);
    });
    const trips: number[] = [];
    for (let n = 0; n < PINGS; n++) {
      const ms = await this.#ping(this.#near, signal);
      if (ms !== null) trips.push(ms);
    }
    const [ms] = trips.sort((a, b) => a - b).slice(Math.floor(trips.length / 2));
    return ms === undefined ? this.#failed() : { passed: true, ms };
  }

  /** Sends at the pace of a call with picture for a few seconds and counts what arrives. */
  async flood(signal: AbortSignal): Promise<Flood> {
    const near = this.#near;
    const far = this.#far;
    const flood: Flood = { sent: 0, received: 0, bytes: 0, ms: 0, carried: null };
    if (!near || !far) return flood;
    let first = 0;
    const count = ({ data }: MessageEvent<unknown>) => {
      if (!(data instanceof ArrayBuffer)) return;
      const now = performance.now();
      if (flood.received === 0) first = now;
      flood.received += 1;
      flood.bytes += data.byteLength;
      flood.ms = now - first;
    };
    far.binaryType = "arraybuffer";
    far.addEventListener("message", count);
    const packet = new Uint8Array(PACKET_BYTES);
    const before = await this.#carried();
    const begun = performance.now();
    while (!signal.aborted && near.readyState === "open") {
      const passed = performance.now() - begun;
      if (passed > FLOOD_MS) break;
      // As many as are due by now; what the browser does not get rid of, it does not get more of.
      const due = Math.floor((passed / 1000) * PACKETS_PER_SECOND);
      while (flood.sent < due && near.bufferedAmount < MOST_BUFFERED) {
        near.send(packet);
        flood.sent += 1;
      }
      await pause(TICK_MS, signal);
    }
    await pause(LAST_MS, signal);
    far.removeEventListener("message", count);
    const after = await this.#carried();
    const sent = after.sent - before.sent;
    return { ...flood, carried: sent > 0 ? { sent, received: after.received - before.received } : null };
  }

  /** Bytes that the first end has sent so far, and those that the second has received. */
  async #carried(): Promise<{ sent: number; received: number }> {
    const [one, two] = this.#ends;
    return { sent: await bytesOf(one, "bytesSent"), received: await bytesOf(two, "bytesReceived") };
  }

  close(): void {
    for (const end of this.#ends) end.close();
  }

  async #open(signal: AbortSignal): Promise<boolean> {
    const [one, two] = this.#ends;
    const channel = one.createDataChannel("check", { ordered: false, maxRetransmits: 0 });
    this.#near = channel;
    const open = new Promise<boolean>((resolve) => {
      let ready = 0;
      const opens = () => {
        ready += 1;
        if (ready === 2) resolve(true);
      };
      channel.addEventListener("open", opens, { once: true });
      two.addEventListener("datachannel", ({ channel: far }) => {
        this.#far = far;
        if (far.readyState === "open") opens();
        else far.addEventListener("open", opens, { once: true });
      });
      setTimeout(() => resolve(false), PATIENCE_MS);
      signal.addEventListener("abort", () => resolve(false), { once: true });
      const over = () => {
        // Nothing more will come: there is no way to the relay.
        const done = this.#ends.every(({ iceGatheringState }) => iceGatheringState === "complete");
        if (done && this.#gathered === 0) resolve(false);
      };
      this.#join(one, two, over);
      this.#join(two, one, over);
    });
    const offer = await one.createOffer();
    await one.setLocalDescription(offer);
    await two.setRemoteDescription(offer);
    const answer = await two.createAnswer();
    await two.setLocalDescription(answer);
    await one.setRemoteDescription(answer);
    return open;
  }

  #join(from: RTCPeerConnection, to: RTCPeerConnection, over: () => void): void {
    const early: RTCIceCandidate[] = [];
    const add = (candidate: RTCIceCandidate) => {
      // One that the other end cannot use is one less.
      to.addIceCandidate(candidate).catch(() => {});
    };
    from.addEventListener("icecandidate", ({ candidate }) => {
      if (!candidate?.candidate) return;
      this.#gathered += 1;
      if (to.remoteDescription) add(candidate);
      else early.push(candidate);
    });
    to.addEventListener("signalingstatechange", () => {
      if (to.remoteDescription) for (const candidate of early.splice(0)) add(candidate);
    });
    from.addEventListener("icecandidateerror", (event) => {
      this.#code = event.errorCode;
    });
    from.addEventListener("icegatheringstatechange", over);
  }

  #failed(): Passage {
    return { passed: false, gathered: this.#gathered > 0, code: this.#code };
  }

  #ping(near: RTCDataChannel, signal: AbortSignal): Promise<number | null> {
    const begun = performance.now();
    return new Promise((resolve) => {
      const end = (ms: number | null) => {
        near.removeEventListener("message", heard);
        clearTimeout(timer);
        resolve(ms);
      };
      const heard = () => end(performance.now() - begun);
      const timer = setTimeout(() => end(null), PING_MS);
      near.addEventListener("message", heard);
      signal.addEventListener("abort", () => end(null), { once: true });
      if (near.readyState === "open") near.send(PING);
      else end(null);
    });
  }
}

/** Over all pairs of candidates. */
async function bytesOf(end: RTCPeerConnection, which: "bytesSent" | "bytesReceived"): Promise<number> {
  let bytes = 0;
  (await end.getStats()).forEach((entry: RTCStats & Partial<RTCIceCandidatePairStats>) => {
    if (entry.type === "candidate-pair") bytes += entry[which] ?? 0;
  });
  return bytes;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

const PING = "ping";
const PINGS = 5;
const PING_MS = 1_500;
/** Longer than browsers try to allocate. */
const PATIENCE_MS = 14_000;
const PACKET_BYTES = 1_000;
/** With the bytes of each, 2 Mbit/s: a call with picture. */
const PACKETS_PER_SECOND = 250;
const FLOOD_MS = 3_000;
const TICK_MS = 10;
const LAST_MS = 700;
const MOST_BUFFERED = 128 * 1024;
