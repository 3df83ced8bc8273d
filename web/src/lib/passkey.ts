// Authenticators, as far as this client uses them: a passkey is a credential
// that gives 32 bytes to this site alone, after it has verified its user. These
// bytes (WebAuthn's PRF extension) open the account and must never be sent; so
// no credential is ever put into JSON here, which would have them in it.

import type { AccountId, Blob, Name } from "@/protocol/wire";

import { fromBase64Url, toBase64Url } from "./base64";

/** What an authenticator gave, and what it calls the credential. */
export interface HeldPasskey {
  readonly credential: Blob;
  readonly output: Blob;
}

/**
 * `refused`: by the person, after a while, or because there is none; `exists`: the authenticator
 * has one of this account; `no_prf`: it cannot open keys; `failed`: not on this site or browser;
 * `unknown`: to the server, any more.
 */
export type PasskeyReason = "refused" | "exists" | "no_prf" | "failed" | "unknown";

/** Why an authenticator gave nothing. */
export class PasskeyError extends Error {
  override readonly name = "PasskeyError";
  readonly reason: PasskeyReason;

  constructor(reason: PasskeyReason, cause?: unknown) {
    super(`passkey: ${reason}`, { cause });
    this.reason = reason;
  }
}

/** Whether passkeys can work in this browser at this address; whether an authenticator can, only it knows. */
export async function passkeysWork(): Promise<boolean> {
  if (typeof PublicKeyCredential === "undefined" || isAddress(location.hostname)) return false;
  const able = await PublicKeyCredential.getClientCapabilities?.().catch(() => undefined);
  return able?.["extension:prf"] !== false;
}

/** Passkeys belong to host names; an IP address is none. */
export function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(":") || host.startsWith("[");
}

/** Makes a passkey of an account, unless the authenticator has one of `known`. */
export async function createPasskey(account: AccountId, name: Name, known: readonly Blob[]): Promise<HeldPasskey> {
  const made = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        rp: { name: "Callbox" },
        user: { id: bytesOf(account), name, displayName: name },
        pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: "public-key", alg })),
        authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
        excludeCredentials: known.map(named),
        attestation: "none",
        extensions: { prf: { eval: { first: LABEL } } },
      },
    }),
  );
  const held = outputOf(made);
  if (held) return held;
  const credential = toBase64Url(new Uint8Array(made.rawId)) as Blob;
  if (made.getClientExtensionResults().prf?.enabled === false) {
    await disownPasskey(credential);
    throw new PasskeyError("no_prf");
  }
  // Many authenticators tell it only when they are asked again.
  try {
    return (await askPasskey([credential])).held;
  } catch (error) {
    await disownPasskey(credential);
    throw error;
  }
}

/** Asks for one of these passkeys, or for any of this site: tells whose it is, too. */
export async function askPasskey(known: readonly Blob[] = []): Promise<{ held: HeldPasskey; account: AccountId | null }> {
  const used = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        // What the browser signs is not looked at: the PRF output is what counts.
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        allowCredentials: known.map(named),
        userVerification: "required",
        extensions: { prf: { eval: { first: LABEL } } },
      },
    }),
  );
  const held = outputOf(used);
  if (!held) throw new PasskeyError("no_prf");
  const user = (used.response as AuthenticatorAssertionResponse).userHandle;
  const whose = user?.byteLength === 16 ? (toBase64Url(new Uint8Array(user)) as AccountId) : null;
  return { held, account: whose };
}

/** Says that a credential is no passkey here, so that whoever keeps it can drop it. */
export async function disownPasskey(credential: Blob): Promise<void> {
  const disowned = { rpId: location.hostname, credentialId: credential };
  await PublicKeyCredential.signalUnknownCredential?.(disowned).catch(() => {});
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  const credential = await ask().catch((cause: unknown) => {
    throw new PasskeyError(REASONS[cause instanceof DOMException ? cause.name : ""] ?? "failed", cause);
  });
  if (!credential) throw new PasskeyError("refused");
  return credential as PublicKeyCredential;
}

function outputOf(credential: PublicKeyCredential): HeldPasskey | null {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (!first) return null;
  const bytes = ArrayBuffer.isView(first) ? new Uint8Array(first.buffer, first.byteOffset, first.byteLength) : new Uint8Array(first);
  if (bytes.length !== 32) return null;
  const name = toBase64Url(new Uint8Array(credential.rawId)) as Blob;
  return { credential: name, output: toBase64Url(bytes) as Blob };
}

function named(credential: Blob): PublicKeyCredentialDescriptor {
  return { type: "public-key", id: bytesOf(credential) };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(fromBase64Url(text) ?? []);
}

const REASONS: Readonly<Record<string, PasskeyReason>> = {
  NotAllowedError: "refused",
  AbortError: "refused",
  InvalidStateError: "exists",
  ConstraintError: "no_prf",
};

/** What the PRF is evaluated at; another text would open nothing. */
const LABEL = new TextEncoder().encode("callbox/e2ee/1/passkey");
