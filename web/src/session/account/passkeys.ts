// Passkeys: an authenticator gives the client a secret, which opens the
// account's keys and signs the sign-in. The server gets signatures and wraps.

import { del, get, patch, post, RequestError } from "@/lib/api";
import { deviceName } from "@/lib/device-name";
import { createPasskey, disownPasskey, type HeldPasskey, PasskeyError, askPasskey } from "@/lib/passkey";
import type {
  AccountId,
  AddPasskey,
  Keys,
  Name,
  Passkey,
  PasskeyEntered,
  PasskeyFinish,
  PasskeyProof,
  Passkeys,
  PasskeyStarted,
  RenamePasskey,
  Session,
} from "@/protocol/wire";

import { arriveWithKeys } from "./arrive";
import { type Owner, type Proof, vaultOf } from "./smith";

/** Signs this device in by whichever passkey of this site the person chooses. */
export async function signInWithPasskey(): Promise<Session> {
  const { held, account } = await askPasskey();
  if (!account) throw new PasskeyError("failed");
  const body: PasskeyFinish = { ...(await signed(account, held)), device_name: deviceName() };
  const { session, keys } = await known(post<PasskeyEntered>("/passkeys/finish", body));
  return arriveWithKeys(session, keys, (stored) => vaultOf(account).unlock(session.device, { type: "prf", ...held }, stored));
}

/** Confirms by a passkey who one is; does what the password does. */
export async function confirmByPasskey(account: AccountId): Promise<Proof> {
  const { passkeys } = await get<Passkeys>("/passkeys");
  if (passkeys.length === 0) throw new PasskeyError("refused");
  const { held } = await askPasskey(passkeys.map(({ credential }) => credential));
  await known(post("/passkeys/confirm", await signed(account, held)));
  return { type: "prf", ...held };
}

/** Another passkey for the account, whose keys `proof` opens. */
export async function addPasskey({ account, name }: Owner, proof: Proof, called: Name): Promise<Passkey> {
  const [{ passkeys }, stored] = await Promise.all([get<Passkeys>("/passkeys"), get<Keys>("/keys")]);
  const held = await createPasskey(account, name, passkeys.map(({ credential }) => credential));
  try {
    const made = await vaultOf(account).addPasskey(held, proof, stored);
    const body: AddPasskey = { ...made, credential: held.credential, name: called, bundle_version: stored.bundle.version };
    return await post<Passkey>("/passkeys", body);
  } catch (error) {
    await disownPasskey(held.credential);
    throw error;
  }
}

export async function renamePasskey({ id }: Passkey, name: Name): Promise<void> {
  await patch(`/passkeys/${id}`, { name } satisfies RenamePasskey);
}

/** From now on it opens nothing. */
export async function removePasskey({ id, credential }: Passkey): Promise<void> {
  await del(`/passkeys/${id}`);
  await disownPasskey(credential);
}

/** A passkey that the server does not know is told apart from a password that is wrong. */
async function known<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RequestError && error.code === "unauthorized") throw new PasskeyError("unknown", error);
    throw error;
  }
}

/** A challenge is good for a minute, so it is asked for when the authenticator has answered. */
async function signed(account: AccountId, held: HeldPasskey): Promise<PasskeyProof> {
  const { request, challenge, server_id: server } = await post<PasskeyStarted>("/passkeys/start");
  const signature = await vaultOf(account).signPasskey(held, server, challenge);
  return { request, credential: held.credential, signature };
}
