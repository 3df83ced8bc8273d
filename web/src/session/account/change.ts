// What somebody who is in changes about their keys; each after the password.

import { del, get, post, put } from "@/lib/api";
import { confirmPassword, registerPassword } from "@/lib/credentials";
import type {
  AccountId,
  DeviceId,
  Keys,
  Name,
  PasswordFinish,
  PasswordStart,
  PasswordStarted,
} from "@/protocol/wire";

import { vaultOf } from "./smith";

/** Whose keys are changed. */
export interface Owner {
  readonly account: AccountId;
  readonly name: Name;
}

/** Another password for the same keys. */
export async function changePassword(
  { account, name }: Owner,
  current: string,
  next: string,
  signOutOthers: boolean,
): Promise<void> {
  const exportKey = await confirmPassword(name, current);
  const stored = await get<Keys>("/keys");
  const made = await registerPassword(next, (request) =>
    post<PasswordStarted>("/password/start", { request } satisfies PasswordStart),
  );
  const body: PasswordFinish = {
    registration: made.started.registration,
    record: made.record,
    wrap: await vaultOf(account).rewrap(exportKey, made.exportKey, stored),
    sign_out_others: signOutOthers,
  };
  await post("/password/finish", body);
  await vaultOf(account).settle();
}

/** Another recovery code in place of the one there is; shown once. */
export async function newRecoveryCode({ account, name }: Owner, password: string): Promise<string> {
  const exportKey = await confirmPassword(name, password);
  const { keys, code } = await vaultOf(account).newCode(exportKey, await get<Keys>("/keys"));
  await put("/keys", keys);
  await vaultOf(account).settle();
  return code;
}

/** Cuts a device off and renews the account's keys; the recovery code is new, too. */
export async function revokeDevice({ account, name }: Owner, password: string, device: DeviceId): Promise<string> {
  const exportKey = await confirmPassword(name, password);
  const { keys, code } = await vaultOf(account).revoke(device, exportKey, await get<Keys>("/keys"));
  await put("/keys", keys);
  await vaultOf(account).settle();
  await del(`/devices/${device}`);
  return code;
}
