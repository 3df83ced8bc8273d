// What this client asks of authenticators, and what it does with what they give.

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { AccountId, Blob } from "@/protocol/wire";

import { toBase64Url } from "./base64";
import { createPasskey, isAddress, PasskeyError, passkeysWork, askPasskey } from "./passkey";

const ACCOUNT = toBase64Url(new Uint8Array(16).fill(1)) as AccountId;
const ID = new Uint8Array(20).fill(2);
const OUTPUT = new Uint8Array(32).fill(3);
const held = { credential: toBase64Url(ID), output: toBase64Url(OUTPUT) };

const create = vi.fn<(options: CredentialCreationOptions) => Promise<unknown>>();
const ask = vi.fn<(options: CredentialRequestOptions) => Promise<unknown>>();
const signalUnknownCredential = vi.fn(() => Promise.resolve());
const capabilities = vi.fn<() => Promise<Record<string, boolean>>>();

beforeEach(() => {
  vi.stubGlobal("PublicKeyCredential", { signalUnknownCredential, getClientCapabilities: capabilities });
  vi.stubGlobal("navigator", { credentials: { create, get: ask } });
  vi.stubGlobal("location", { hostname: "chat.example.org" });
  capabilities.mockResolvedValue({ "extension:prf": true });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetAllMocks();
});

/** A credential as an authenticator with these results gives it. */
function credential(prf: object | undefined, userHandle: Uint8Array | null = null) {
  return { rawId: ID.buffer, response: { userHandle: userHandle?.buffer ?? null }, getClientExtensionResults: () => ({ prf }) };
}

const results = { first: OUTPUT.buffer };

async function reasonOf(made: Promise<unknown>): Promise<string> {
  const error: unknown = await made.then(() => null, (cause: unknown) => cause);
  return error instanceof PasskeyError ? error.reason : `no refusal: ${String(error)}`;
}

test("they are offered where they can work", async () => {
  expect(await passkeysWork()).toBe(true);
  capabilities.mockResolvedValue({ "extension:prf": false });
  expect(await passkeysWork()).toBe(false);
  // Browsers that cannot tell may be able to all the same.
  capabilities.mockRejectedValue(new Error("no"));
  expect(await passkeysWork()).toBe(true);
  vi.stubGlobal("PublicKeyCredential", {});
  expect(await passkeysWork()).toBe(true);
  vi.stubGlobal("location", { hostname: "192.0.2.1" });
  expect(await passkeysWork()).toBe(false);
  vi.stubGlobal("location", { hostname: "localhost" });
  vi.stubGlobal("PublicKeyCredential", undefined);
  expect(await passkeysWork()).toBe(false);
});

test("host names are told from addresses", () => {
  for (const address of ["192.0.2.1", "[2001:db8::1]", "2001:db8::1", "127.0.0.1"]) expect(isAddress(address)).toBe(true);
  for (const name of ["localhost", "chat.example.org", "chat.lan", "10.example.org"]) expect(isAddress(name)).toBe(false);
});

test("a passkey is found by itself and verifies its user, every time", async () => {
  create.mockResolvedValue(credential({ enabled: true, results }));
  expect(await createPasskey(ACCOUNT, "Anna", [held.credential as Blob])).toEqual(held);
  const made = create.mock.calls[0]?.[0].publicKey;
  expect(made?.authenticatorSelection).toEqual({ residentKey: "required", requireResidentKey: true, userVerification: "required" });
  expect(made?.rp).toEqual({ name: "Callbox" });
  expect(made?.user.id).toEqual(new Uint8Array(16).fill(1));
  expect(made?.excludeCredentials).toEqual([{ type: "public-key", id: ID }]);
  expect(ask).not.toHaveBeenCalled();

  ask.mockResolvedValue(credential({ results }, new Uint8Array(16).fill(1)));
  expect(await askPasskey()).toEqual({ held, account: ACCOUNT });
  const used = ask.mock.calls[0]?.[0].publicKey;
  expect(used?.userVerification).toBe("required");
  expect(used?.allowCredentials).toEqual([]);
  expect(used?.extensions?.prf).toEqual(made?.extensions?.prf);
  expect(used?.challenge).not.toEqual(made?.challenge);
});

test("one that tells its secret only when it is used is asked for it at once", async () => {
  create.mockResolvedValue(credential({ enabled: true }));
  ask.mockResolvedValue(credential({ results }));
  expect(await createPasskey(ACCOUNT, "Anna", [])).toEqual(held);
  expect(ask.mock.calls[0]?.[0].publicKey?.allowCredentials).toEqual([{ type: "public-key", id: ID }]);
  expect(signalUnknownCredential).not.toHaveBeenCalled();
});

test("one that can open no keys is given back", async () => {
  const disowned = { rpId: "chat.example.org", credentialId: held.credential };
  create.mockResolvedValue(credential({ enabled: false }));
  expect(await reasonOf(createPasskey(ACCOUNT, "Anna", []))).toBe("no_prf");
  expect(signalUnknownCredential).toHaveBeenCalledWith(disowned);
  expect(ask).not.toHaveBeenCalled();
  for (const prf of [undefined, {}, { results: { first: new Uint8Array(16).buffer } }]) {
    create.mockResolvedValue(credential(undefined));
    ask.mockResolvedValue(credential(prf));
    expect(await reasonOf(createPasskey(ACCOUNT, "Anna", []))).toBe("no_prf");
  }
  expect(signalUnknownCredential).toHaveBeenCalledTimes(4);
});

test("every no of a browser has a reason", async () => {
  for (const [name, reason] of [
    ["NotAllowedError", "refused"],
    ["AbortError", "refused"],
    ["InvalidStateError", "exists"],
    ["SecurityError", "failed"],
    ["NotSupportedError", "failed"],
  ] as const) {
    create.mockRejectedValue(new DOMException("", name));
    expect(await reasonOf(createPasskey(ACCOUNT, "Anna", []))).toBe(reason);
  }
  ask.mockResolvedValue(null);
  expect(await reasonOf(askPasskey())).toBe("refused");
  ask.mockResolvedValue(credential({}));
  expect(await reasonOf(askPasskey())).toBe("no_prf");
});
