// What only a moment with the password or the recovery code can do: the vault
// makes, opens and renews the keys of an account itself. The session carries
// what comes of it to the server and tells the vault when it has arrived; before
// that nothing counts.

import type { ExportKey } from "@/lib/credentials";
import type { HeldPasskey } from "@/lib/passkey";
import type {
  AccountId,
  Blob,
  ConversationId,
  DeviceId,
  InviteId,
  Keys,
  Name,
  NewKeys,
  OpenedInvite,
  PostControl,
  PutKeys,
  PutRecovery,
  RecoveryStarted,
  SealedApproval,
  SignedRecord,
  Wrap,
} from "@/protocol/wire";

import type { Vault } from "../vault";

/** Keys with the recovery code that opens them, to be shown once. */
export interface WithCode<T> {
  readonly keys: T;
  /** Seven groups of four. */
  readonly code: string;
}

/** Whose keys are changed. */
export interface Owner {
  readonly account: AccountId;
  readonly name: Name;
}

/** What somebody has proved to the server that also opens the account's keys. */
export type Proof = { readonly type: "password"; readonly exportKey: ExportKey } | ({ readonly type: "prf" } & HeldPasskey);

/** What opens the account's keys: a proof, or what another device has sealed for the request shown last. */
export type Key = Proof | { readonly type: "device"; readonly approval: SealedApproval };

/** The part of a vault that works on the account's own keys. */
export interface KeySmith {
  /** Whether the keys of this device are here. */
  holds(device: DeviceId): Promise<boolean>;
  /** Whether this device has a key of its own here, be those of the account older than the record. */
  has(device: DeviceId): Promise<boolean>;
  /** Makes the keys of a new account and of its first device. */
  create(device: DeviceId, exportKey: ExportKey): Promise<WithCode<NewKeys>>;
  /** Makes the keys of a guest, who has no password: only this browser has them until the account is kept. */
  createGuest(device: DeviceId): Promise<SignedRecord>;
  /** A password and a recovery code for a guest's account; in force once `accountKept` was said. */
  keepAccount(exportKey: ExportKey): Promise<WithCode<NewKeys>>;
  accountKept(): Promise<void>;
  /** The first event of Everyone, by the owner. */
  foundEveryone(everyone: ConversationId): Promise<PostControl>;
  /** Comes into Everyone by an invite; null when the invite carries no keys. */
  joinEveryone(invite: InviteId, secret: Blob, opened: OpenedInvite): Promise<PostControl | null>;
  /** Opens the account's keys; a record when this device is not in the newest one yet. */
  unlock(device: DeviceId, by: Key, stored: Keys): Promise<SignedRecord | null>;
  /** The master key under another password. */
  rewrap(by: Proof, next: ExportKey, stored: Keys): Promise<Wrap>;
  /** Another recovery code in place of the one there is. */
  newCode(by: Proof, stored: Keys): Promise<WithCode<PutRecovery>>;
  /** Opens the account's keys by the recovery code, under a new password and a new code. */
  recover(code: Blob, next: ExportKey, started: RecoveryStarted): Promise<WithCode<NewKeys>>;
  /** Begins anew with other keys: what was sealed before stays closed. */
  reset(next: ExportKey, started: RecoveryStarted): Promise<WithCode<NewKeys>>;
  /** Revokes a device and renews the account's keys. */
  revoke(device: DeviceId, exportKey: ExportKey, stored: Keys): Promise<WithCode<PutKeys>>;
  /** The master key for what a passkey's authenticator gave, and the public half of the key it signs with. */
  addPasskey(passkey: HeldPasskey, by: Proof, stored: Keys): Promise<{ wrap: Wrap; sign: Blob }>;
  /** What proves to the server that the passkey is here. */
  signPasskey(passkey: HeldPasskey, server: string, challenge: Blob): Promise<Blob>;
  /** The master key for the device that asks; `Swapped` when the request is not that of the words. */
  approve(by: Proof, asked: { request: Blob; tag: Blob }, stored: Keys): Promise<SealedApproval>;
  /** The server has taken what was made last. */
  settle(): Promise<void>;
}

/** A vault with all it can do. */
export type AccountVault = Vault & KeySmith;

/** Where vaults come from, and what needs no account. */
export interface Vaults {
  open(account: AccountId): AccountVault;
  /** The bytes of a recovery code as somebody typed it; null when it has a typing mistake. */
  readCode(typed: string): Promise<Blob | null>;
  /** What proves to the server that somebody has the code. */
  recoveryAuth(code: Blob): Promise<Blob>;
  /** A fresh key to show to another device, and what its words stand for. */
  requestApproval(): Promise<{ request: Blob; tag: Blob }>;
  /** What the words of such a key stand for; null when it cannot be one. */
  approvalTag(request: Blob): Promise<Blob | null>;
  /** What proves to the server that somebody has the secret of a link; null when it cannot be one. */
  linkAuth(link: string, secret: Blob): Promise<Blob | null>;
}

let provided: Vaults | undefined;
const opened = new Map<AccountId, AccountVault>();

/** Says where vaults come from; once, when the page begins. */
export function provideVaults(vaults: Vaults): void {
  provided = vaults;
}

export function vaults(): Vaults {
  if (!provided) throw new Error("vaults are provided before anybody signs in");
  return provided;
}

/** The vault of an account in this browser. */
export function vaultOf(account: AccountId): AccountVault {
  const known = opened.get(account);
  if (known) return known;
  const vault = vaults().open(account);
  opened.set(account, vault);
  return vault;
}

/** The account has left this browser. */
export function closeVault(account: AccountId): void {
  opened.delete(account);
}
