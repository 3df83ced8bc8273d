// The ways in: a new account, a sign-in, a forgotten password, a reset link.
// Each ends with a session whose device is in the account's record and whose
// keys are in the vault.

import { get, post, put } from "@/lib/api";
import { provePassword, registerPassword } from "@/lib/credentials";
import { deviceName } from "@/lib/device-name";
import { recoveryKept } from "@/lib/recovery-kept";
import type {
  Blob,
  CheckReset,
  Keys,
  LoginFinish,
  Name,
  OpenedInvite,
  OpenInvite,
  PostControl,
  PutKeys,
  RecoveryFinish,
  RecoveryStart,
  RecoveryStarted,
  RegisterFinish,
  RegisterStart,
  RegisterStarted,
  ResetStart,
  Session,
} from "@/protocol/wire";

import { Mistyped } from "./mistyped";
import { type Given, proofOf } from "./prove";
import { type AccountVault, type KeySmith, type Proof, vaultOf, vaults, type WithCode } from "./smith";

/** A session with a recovery code that somebody has to keep. */
export interface NewAccount {
  readonly session: Session;
  readonly code: string;
  /** The person has shown that they have it. */
  kept(): void;
}

/** An invite link, with what it opened. */
export interface HeldInvite extends OpenInvite {
  readonly secret: Blob;
  readonly opened: OpenedInvite;
}

/** What lets somebody make an account. */
export type Entrance = { readonly type: "setup"; readonly token: Blob } | ({ readonly type: "invite" } & HeldInvite);

/** Makes an account from a setup or invite link and signs this device in. */
export async function register(entrance: Entrance, name: Name, password: string): Promise<NewAccount> {
  const ticket =
    entrance.type === "setup"
      ? { type: entrance.type, token: entrance.token }
      : { type: entrance.type, invite: entrance.invite, auth: entrance.auth };
  const { started, record, exportKey } = await registerPassword(password, (request) =>
    post<RegisterStarted>("/register/start", { ticket, name, request } satisfies RegisterStart),
  );
  const vault = vaultOf(started.account);
  const made = await vault.create(started.device, exportKey);
  const body: RegisterFinish = {
    registration: started.registration,
    record,
    device_name: deviceName(),
    keys: made.keys,
    everyone: await comeIntoEveryone(vault, entrance, started),
  };
  return arrived(await post<Session>("/register/finish", body), vault, made.code);
}

/** Signs this device in. */
export async function logIn(name: Name, password: string): Promise<Session> {
  const { exportKey, ...proof } = await provePassword(name, password);
  const body: LoginFinish = { ...proof, device_name: deviceName(), device: null };
  const session = await post<Session>("/login/finish", body);
  await takeKeys(session, { type: "password", exportKey });
  return session;
}

/** Signed in, but without the account's keys here: gets them by the password or a passkey. */
export async function unlock(session: Session, given: Given): Promise<Session> {
  const { id: account, name } = session.account;
  await takeKeys(session, await proofOf({ account, name }, given));
  return session;
}

/** Chooses a new password by the recovery code and signs this device in. */
export async function recover(name: Name, typed: string, password: string): Promise<NewAccount> {
  const code = await readCode(typed);
  const auth = await vaults().recoveryAuth(code);
  const { started, record, exportKey } = await registerPassword(password, (request) =>
    post<RecoveryStarted>("/recovery/start", { name, auth, request } satisfies RecoveryStart),
  );
  const vault = vaultOf(started.account);
  return finish("/recovery/finish", started, record, vault, await vault.recover(code, exportKey, started));
}

/** Chooses a new password from a reset link: with the recovery code, or with keys that are new. */
export async function resetPassword(link: CheckReset, password: string, typed: string | null): Promise<NewAccount> {
  const code = typed === null ? null : await readCode(typed);
  const auth = code && (await vaults().recoveryAuth(code));
  const { started, record, exportKey } = await registerPassword(password, (request) =>
    post<RecoveryStarted>("/reset/start", { ...link, request, auth } satisfies ResetStart),
  );
  const vault = vaultOf(started.account);
  const made = code ? await vault.recover(code, exportKey, started) : await vault.reset(exportKey, started);
  return finish("/reset/finish", started, record, vault, made);
}

async function comeIntoEveryone(
  vault: KeySmith,
  entrance: Entrance,
  { everyone }: RegisterStarted,
): Promise<PostControl | null> {
  if (entrance.type === "setup") return vault.foundEveryone(everyone);
  return vault.joinEveryone(entrance.invite, entrance.secret, entrance.opened);
}

async function takeKeys(session: Session, by: Proof): Promise<void> {
  const vault = vaultOf(session.account.id);
  const record = await vault.unlock(session.device, by, await get<Keys>("/keys"));
  if (record) await put("/keys", { record } satisfies PutKeys);
  await vault.settle();
}

async function finish(
  path: string,
  { registration }: RecoveryStarted,
  record: Blob,
  vault: AccountVault,
  { keys, code }: WithCode<RecoveryFinish["keys"]>,
): Promise<NewAccount> {
  const body: RecoveryFinish = { registration, record, device_name: deviceName(), keys };
  return arrived(await post<Session>(path, body), vault, code);
}

/** A session with keys that were made a moment ago. */
export async function arrived(session: Session, vault: KeySmith, code: string): Promise<NewAccount> {
  await vault.settle();
  const kept = recoveryKept(session.account.id);
  kept.set("no");
  return { session, code, kept: () => kept.set("yes") };
}

async function readCode(typed: string): Promise<Blob> {
  const code = await vaults().readCode(typed);
  if (!code) throw new Mistyped();
  return code;
}
