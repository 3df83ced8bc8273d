// What getStats says of a running call, boiled down to what a person may want
// to know. Rates come from the difference of two looks.

import type { Peer, Slot } from "./peer";

/** One picture that is received or sent. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly codec: string | null;
}

/** A look at a call. What is not known yet is null. */
export interface CallStats {
  /** Whether the relay carries the media. */
  readonly relayed: boolean | null;
  /** How this side reaches the relay or the other side. */
  readonly protocol: "udp" | "tcp" | "tls" | null;
  /** Milliseconds there and back. */
  readonly roundTrip: number | null;
  /** The share of received packets that got lost since the last look, 0 to 1. */
  readonly loss: number | null;
  /** Bits a second. */
  readonly sending: number | null;
  readonly receiving: number | null;
  /** What the network lets out, as the browser guesses. */
  readonly capacity: number | null;
  readonly soundCodec: string | null;
  readonly received: Picture | null;
  readonly sent: Picture | null;
}

type Report = Record<string, unknown> & { id: string; type: string; timestamp: number };

/** Looks at one peer after another, and remembers the last look. */
export class StatsReader {
  #peer: Peer | null = null;
  #before = new Map<string, Report>();

  /** Null when there is no connection to look at. */
  async read(peer: Peer | null): Promise<CallStats | null> {
    if (!peer) return null;
    if (peer !== this.#peer) this.#before.clear();
    this.#peer = peer;
    const reports = new Map<string, Report>();
    (await peer.stats()).forEach((report: Report, id: string) => reports.set(id, report));
    const stats = this.#boil(reports, peer);
    this.#before = reports;
    return stats;
  }

  #boil(reports: Map<string, Report>, peer: Peer): CallStats {
    const all = [...reports.values()];
    const pair = selectedPair(reports);
    const local = pair && reports.get(text(pair.localCandidateId) ?? "");
    const remote = pair && reports.get(text(pair.remoteCandidateId) ?? "");
    const inbound = all.filter(({ type }) => type === "inbound-rtp");
    const outbound = all.filter(({ type }) => type === "outbound-rtp");
    const sound = inbound.find(({ kind, mid }) => kind === "audio" && mid === peer.middle("microphone"));
    const lost = sum(inbound.map((report) => this.#growth(report, "packetsLost")));
    const got = sum(inbound.map((report) => this.#growth(report, "packetsReceived")));
    const roundTrip = number(pair?.currentRoundTripTime);
    return {
      relayed: local && remote ? local.candidateType === "relay" || remote.candidateType === "relay" : null,
      protocol: protocolOf(local),
      roundTrip: roundTrip === null ? null : roundTrip * 1000,
      loss: lost === null || got === null || got + lost <= 0 ? null : Math.max(0, lost) / (got + Math.max(0, lost)),
      sending: pair ? this.#rate(pair, "bytesSent") : null,
      receiving: pair ? this.#rate(pair, "bytesReceived") : null,
      capacity: number(pair?.availableOutgoingBitrate),
      soundCodec: codecOf(sound, reports),
      received: this.#picture(inbound, reports, peer),
      sent: this.#picture(outbound, reports, peer),
    };
  }

  /** The screen when one is shared, the camera otherwise. */
  #picture(rtp: readonly Report[], reports: Map<string, Report>, peer: Peer): Picture | null {
    for (const slot of ["screen", "camera"] satisfies Slot[]) {
      const middle = peer.middle(slot);
      const report = rtp.find(({ kind, mid }) => kind === "video" && mid === middle);
      const framesPerSecond = number(report?.framesPerSecond);
      const width = number(report?.frameWidth);
      const height = number(report?.frameHeight);
      if (!report || !framesPerSecond || !width || !height) continue;
      return { width, height, framesPerSecond, codec: codecOf(report, reports) };
    }
    return null;
  }

  #growth(report: Report, key: string): number | null {
    const now = number(report[key]);
    const before = number(this.#before.get(report.id)?.[key]);
    return now === null || before === null ? null : now - before;
  }

  #rate(report: Report, key: string): number | null {
    const growth = this.#growth(report, key);
    const before = this.#before.get(report.id);
    if (growth === null || !before) return null;
    const seconds = (report.timestamp - before.timestamp) / 1000;
    return seconds > 0 ? Math.max(0, (growth * 8) / seconds) : null;
  }
}

function selectedPair(reports: Map<string, Report>): Report | null {
  const all = [...reports.values()];
  const transport = all.find(({ type, selectedCandidatePairId }) => type === "transport" && selectedCandidatePairId);
  const selected = transport && reports.get(text(transport.selectedCandidatePairId) ?? "");
  // Firefox has no transport report, but marks the pair.
  return selected ?? all.find(({ type, selected }) => type === "candidate-pair" && selected === true) ?? null;
}

function protocolOf(local: Report | null | undefined): CallStats["protocol"] {
  const protocol = text(local?.relayProtocol) ?? text(local?.protocol);
  return protocol === "udp" || protocol === "tcp" || protocol === "tls" ? protocol : null;
}

function codecOf(report: Report | undefined, reports: Map<string, Report>): string | null {
  const mime = text(reports.get(text(report?.codecId) ?? "")?.mimeType);
  return mime?.split("/")[1] ?? null;
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length > 0 ? known.reduce((a, b) => a + b, 0) : null;
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
