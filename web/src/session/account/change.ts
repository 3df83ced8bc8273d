// What somebody who is in changes about their keys; each after the password or a passkey.

import { del, get, post, put } from "@/lib/api";
import { confirmPassword, registerPassword } from "@/lib/credentials";
import type {
  DeviceId,
  Keys,
  PasswordFinish,
  PasswordStart,
  PasswordStarted,
} from "@/protocol/wire";

import { type Given, proofOf } from "./prove";
import { type Owner, vaultOf } from "./smith";

/** Another password for the same keys. */
export async function changePassword(
  owner: Owner,
  current: Given,
  next: string,
  signOutOthers: boolean,
): Promise<void> {
  const { account } = owner;
  const proof = await proofOf(owner, current);
  const stored = await get<Keys>("/keys");
  const made = await registerPassword(next, (request) =>
    post<PasswordStarted>("/password/start", { request } satisfies PasswordStart),
  );
  const body: PasswordFinish = {
    registration: made.started.registration,
    record: made.record,
    wrap: await vaultOf(account).rewrap(proof, made.exportKey, stored),
    bundle_version: stored.bundle.version,
    sign_out_others: signOutOthers,
  };
  await post("/password/finish", body);
  await vaultOf(account).settle();
}

/** Another recovery code in place of the one there is; shown once. */
export async function newRecoveryCode(owner: Owner, given: Given): Promise<string> {
  const { account } = owner;
  const proof = await proofOf(owner, given);
  const { keys, code } = await vaultOf(account).newCode(proof, await get<Keys>("/keys"));
  await put("/keys/recovery", keys);
  await vaultOf(account).settle();
  return code;
}

/** Cuts a device off and renews the account's keys; the recovery code is new, too, and passkeys end. Takes the password, which the new keys are sealed under. */
export async function revokeDevice({ account, name }: Owner, password: string, device: DeviceId): Promise<string> {
  const exportKey = await confirmPassword(name, password);
  const { keys, code } = await vaultOf(account).revoke(device, exportKey, await get<Keys>("/keys"));
  await put("/keys", keys);
  await vaultOf(account).settle();
  await del(`/devices/${device}`);
  return code;
}
