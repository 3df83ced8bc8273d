// What the two legs of a call tell each other, and the only place that knows
// how it is written: format 0 is UTF-8 JSON. Encryption will change this
// module and nothing else.
//
// A signal was written by another client and is hostile until it has passed
// the checks here: known kinds, known keys, copied into fresh objects.
//
// `peer` names the sender's peer connection and `for` the receiver's, as far
// as the sender knows it. A client that was reloaded in a call comes back with
// a new peer connection; by these two the other side tells a new beginning
// from a signal that was late.

import { fromBase64Url, toBase64Url } from "@/lib/base64";
import type { Blob, Body } from "@/protocol/wire";

/** What is said. */
export type SignalContent =
  /** The callee asks the caller for an offer: after its reload, or to look for a new way. */
  | { readonly k: "ready" }
  | {
      readonly k: "description";
      readonly description: { readonly type: "offer" | "answer"; readonly sdp: string };
    }
  | { readonly k: "candidate"; readonly candidate: RTCIceCandidateInit | null }
  | {
      readonly k: "media";
      readonly microphone: boolean;
      readonly camera: boolean;
      readonly screen: boolean;
    };

/** What is said, by which peer connection and to which. */
export type Signal = SignalContent & { readonly peer: string; readonly for: string | null };

/** The body of a signal. */
export function encodeSignal(signal: Signal): Body {
  const bytes = new TextEncoder().encode(JSON.stringify(signal));
  return { format: PLAIN, data: toBase64Url(bytes) as Blob };
}

/** The signal in a body, or null when there is none in it. */
export function decodeSignal(body: Body): Signal | null {
  if (body.format !== PLAIN) return null;
  const value = parse(body.data);
  if (!value) return null;
  const content = readContent(value);
  if (!content) return null;
  // A client that does not name its peer connection has one and the same.
  const peer = typeof value.peer === "string" ? value.peer.slice(0, NAME_LENGTH) : "";
  const target = typeof value.for === "string" ? value.for.slice(0, NAME_LENGTH) : null;
  return { ...content, peer, for: target };
}

function readContent(value: Fields): SignalContent | null {
  switch (value.k) {
    case "ready":
      return { k: "ready" };
    case "description":
      return readDescription(fields(value.description));
    case "candidate":
      if (value.candidate === null) return { k: "candidate", candidate: null };
      return readCandidate(fields(value.candidate));
    case "media":
      return {
        k: "media",
        microphone: value.microphone === true,
        camera: value.camera === true,
        screen: value.screen === true,
      };
    default:
      return null;
  }
}

function readDescription(value: Fields | null): SignalContent | null {
  if (!value || typeof value.sdp !== "string") return null;
  if (value.type !== "offer" && value.type !== "answer") return null;
  return { k: "description", description: { type: value.type, sdp: value.sdp } };
}

function readCandidate(value: Fields | null): SignalContent | null {
  if (!value || typeof value.candidate !== "string") return null;
  const candidate: RTCIceCandidateInit = { candidate: value.candidate };
  if (typeof value.sdpMid === "string") candidate.sdpMid = value.sdpMid;
  if (typeof value.sdpMLineIndex === "number") candidate.sdpMLineIndex = value.sdpMLineIndex;
  if (typeof value.usernameFragment === "string") candidate.usernameFragment = value.usernameFragment;
  return { k: "candidate", candidate };
}

type Fields = Record<string, unknown>;

function parse(data: string): Fields | null {
  const bytes = fromBase64Url(data);
  if (!bytes) return null;
  try {
    return fields(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch {
    return null;
  }
}

function fields(value: unknown): Fields | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return Object.assign(Object.create(null) as Fields, value);
}

const PLAIN = 0;
const NAME_LENGTH = 32;
