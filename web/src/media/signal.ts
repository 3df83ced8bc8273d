// What the two legs of a call tell each other. Signals travel sealed and signed
// by the device that says them; what comes out of an envelope was still
// written by another client and is hostile until it has passed the checks
// here: known kinds, known keys, copied into fresh objects.
//
// A description names the fingerprint of its sender's media connection a second
// time, beside the SDP: all that the SDP names must be that one.
//
// `peer` names the sender's peer connection and `for` the receiver's, as far
// as the sender knows it. A client that was reloaded in a call comes back with
// a new peer connection; by these two the other side tells a new beginning
// from a signal that was late.

import type { Blob } from "@/protocol/wire";

/** The comparison of keys: a commitment, its opening, or that it is over. */
export interface SasContent {
  readonly kind: "sas";
  readonly step: "commit" | "reveal" | "stop";
  readonly value: Blob | null;
}

/** What is said. */
export type SignalContent =
  /** The callee asks the caller for an offer: after its reload, or to look for a new way. */
  | { readonly kind: "ready" }
  | {
      readonly kind: "description";
      readonly description: { readonly type: "offer" | "answer"; readonly sdp: string };
      readonly fingerprint: string;
    }
  | { readonly kind: "candidate"; readonly candidate: RTCIceCandidateInit | null }
  | {
      readonly kind: "media";
      readonly microphone: boolean;
      readonly camera: boolean;
      readonly screen: boolean;
    }
  | SasContent;

/** What is said, by which peer connection and to which. */
export type Signal = SignalContent & { readonly peer: string; readonly for: string | null };

/** The signal in what an envelope held, or null when there is none in it. */
export function readSignal(said: unknown): Signal | null {
  const value = fields(said);
  if (!value) return null;
  const content = readContent(value);
  if (!content) return null;
  // A client that does not name its peer connection has one and the same.
  const peer = typeof value.peer === "string" ? value.peer.slice(0, NAME_LENGTH) : "";
  const target = typeof value.for === "string" ? value.for.slice(0, NAME_LENGTH) : null;
  return { ...content, peer, for: target };
}

/**
 * The one fingerprint that an SDP names, in capitals; null when it names none,
 * another one somewhere, or one that is not by SHA-256.
 */
export function fingerprintOf(sdp: string): string | null {
  let found: string | null = null;
  for (const line of sdp.split(/[\r\n]+/)) {
    if (!/^\s*a\s*=\s*fingerprint/i.test(line)) continue;
    const match = /^a=fingerprint:sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})\s*$/i.exec(line);
    const fingerprint = match?.[1]?.toUpperCase();
    if (fingerprint === undefined || (found !== null && found !== fingerprint)) return null;
    found = fingerprint;
  }
  return found;
}

function readContent(value: Fields): SignalContent | null {
  switch (value.kind) {
    case "ready":
      return { kind: "ready" };
    case "description":
      return readDescription(fields(value.description), value.fingerprint);
    case "candidate":
      if (value.candidate === null) return { kind: "candidate", candidate: null };
      return readCandidate(fields(value.candidate));
    case "media":
      return {
        kind: "media",
        microphone: value.microphone === true,
        camera: value.camera === true,
        screen: value.screen === true,
      };
    case "sas":
      return readSas(value);
    default:
      return null;
  }
}

function readDescription(value: Fields | null, fingerprint: unknown): SignalContent | null {
  if (!value || typeof value.sdp !== "string" || typeof fingerprint !== "string") return null;
  if (value.type !== "offer" && value.type !== "answer") return null;
  return { kind: "description", description: { type: value.type, sdp: value.sdp }, fingerprint };
}

function readSas({ step, value }: Fields): SignalContent | null {
  if (step === "stop") return { kind: "sas", step, value: null };
  if ((step !== "commit" && step !== "reveal") || typeof value !== "string" || !VALUE.test(value)) return null;
  return { kind: "sas", step, value: value as Blob };
}

function readCandidate(value: Fields | null): SignalContent | null {
  if (!value || typeof value.candidate !== "string") return null;
  const candidate: RTCIceCandidateInit = { candidate: value.candidate };
  if (typeof value.sdpMid === "string") candidate.sdpMid = value.sdpMid;
  if (typeof value.sdpMLineIndex === "number") candidate.sdpMLineIndex = value.sdpMLineIndex;
  if (typeof value.usernameFragment === "string") candidate.usernameFragment = value.usernameFragment;
  return { kind: "candidate", candidate };
}

type Fields = Record<string, unknown>;

function fields(value: unknown): Fields | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return Object.assign(Object.create(null) as Fields, value);
}

const NAME_LENGTH = 32;
/** 32 bytes. */
const VALUE = /^[A-Za-z0-9_-]{43}$/;
