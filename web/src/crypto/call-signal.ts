// Signals of calls: what the legs tell each other, sealed for the call and
// addressed to one device. A description carries its fingerprint as signed.

import type { AccountId, CallId, DeviceId } from "@/protocol/wire";

import type { Json, Signal } from "./vault/api";
import { type Bytes, Malformed, bytes, hkdf, label, utf8 } from "./bytes";
import { asObject, asText, parseJson } from "./json";

export interface Address {
  readonly call: CallId;
  readonly account: AccountId;
  readonly device: DeviceId;
}

/** What the keys of a call's signals derive from. */
export function callSecret(epoch: CryptoKey | Bytes, call: CallId): Promise<Bytes> {
  return hkdf(epoch, bytes(call, 16), label("call"), 32);
}

export function encodeSignal({ call, account, device }: Address, signal: Signal): Bytes {
  const sdp = sdpOf(signal);
  const added = sdp === null ? {} : { fingerprint: sdpFingerprint(sdp) };
  return utf8(JSON.stringify({ ...signal, ...added, call, to_account: account, to_device: device }));
}

/** A signal as it was sealed, with whom it is for. */
export function parseSignal(plain: Bytes): { to: Address; signal: Signal } {
  const { call, to_account, to_device, ...rest } = asObject(parseJson(plain, "any"));
  asText(rest.kind);
  const to = { call: asText(call) as CallId, account: asText(to_account) as AccountId, device: asText(to_device) as DeviceId };
  return { to, signal: rest as unknown as Signal };
}

/** Whether a description names its one fingerprint. Other signals have none. */
export function isFingerprintRight(signal: Signal): boolean {
  const sdp = sdpOf(signal);
  if (sdp === null) return true;
  const fingerprint = sdpFingerprint(sdp);
  return fingerprint !== null && signal.fingerprint === fingerprint;
}

/**
 * The one fingerprint of a description, `AB:CD:…` in capitals; null when there is
 * none, several, or one of another hash than SHA-256.
 */
export function sdpFingerprint(sdp: string): string | null {
  const found = new Set<string>();
  for (const line of sdp.split(/\r\n|\r|\n/)) {
    if (!/^\s*a\s*=\s*fingerprint/i.test(line)) continue;
    const value = /^a=fingerprint:sha-256 ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})$/i.exec(line)?.[1];
    if (!value) return null;
    found.add(value.toUpperCase());
  }
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : null;
}

/** The 32 bytes of a fingerprint as `sdpFingerprint` writes it. */
export function fingerprintBytes(fingerprint: string): Bytes {
  if (!/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/.test(fingerprint)) throw new Malformed("not a fingerprint");
  return Uint8Array.from(fingerprint.split(":"), (byte) => Number.parseInt(byte, 16));
}

/** Descriptions are `{description: {sdp}}` or `{sdp}`; what is there in another shape has no fingerprint. */
function sdpOf(signal: Signal): string | null {
  const description = signal.description as Json | undefined;
  if (description !== null && typeof description === "object" && "sdp" in description) {
    return typeof description.sdp === "string" ? description.sdp : "";
  }
  return typeof signal.sdp === "string" ? signal.sdp : null;
}
