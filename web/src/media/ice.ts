// Where to look for a way to the other side: the relay's addresses and the
// credentials of one call, fetched when needed and again before they expire.

import type { CallId, Millis, Reply } from "@/protocol/wire";

import { RequestError, type Signalling } from "./signalling";

/** The configuration of the peer connections of one call. */
export class IceServers {
  readonly #signalling: Signalling;
  #servers: RTCIceServer[] | null = null;
  #last: RTCConfiguration | null = null;
  #until: Millis = 0;

  constructor(signalling: Signalling) {
    this.#signalling = signalling;
  }

  /**
   * The configuration to use now. Without a relay a call may still work within
   * one network, so after some tries it goes on without; but never around the
   * relay when the person wants to hide the address. The same object means that
   * nothing has changed.
   */
  async configuration(call: CallId): Promise<RTCConfiguration> {
    for (let attempt = 0; attempt < ATTEMPTS && !this.#fresh(); attempt++) {
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      await this.#fetch(call);
    }
    const iceServers = this.#servers ?? NONE;
    const iceTransportPolicy = this.#signalling.relayOnly() ? "relay" : "all";
    if (this.#last?.iceServers !== iceServers || this.#last.iceTransportPolicy !== iceTransportPolicy) {
      this.#last = { iceServers, iceTransportPolicy, bundlePolicy: "max-bundle" };
    }
    return this.#last;
  }

  async #fetch(call: CallId): Promise<void> {
    try {
      const reply = await this.#signalling.request({ type: "relay_credentials", call });
      if (reply.type !== "relay") return;
      this.#servers = serversOf(reply);
      this.#until = this.#signalling.now() + reply.ttl;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
    }
  }

  #fresh(): boolean {
    return this.#servers !== null && this.#signalling.now() < this.#until - MARGIN_MS;
  }
}

/** The relay answers on the host that the page came from, whatever its name is here. */
function serversOf(reply: Extract<Reply, { type: "relay" }>): RTCIceServer[] {
  const { hostname } = globalThis.location;
  const urls = reply.urls.map((url) => url.replaceAll("{host}", hostname));
  const stun = urls.filter((url) => url.startsWith("stun"));
  const turn = urls.filter((url) => !url.startsWith("stun"));
  const { username, credential } = reply;
  return [
    ...(stun.length > 0 ? [{ urls: stun }] : []),
    ...(turn.length > 0 ? [{ urls: turn, username, credential }] : []),
  ];
}

const NONE: RTCIceServer[] = [];
const ATTEMPTS = 3;
const PAUSE_MS = 1_500;
const MARGIN_MS = 60_000;
