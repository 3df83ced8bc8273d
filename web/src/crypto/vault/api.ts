// What the vault does for the rest of the client: one account's keys, and
// everything that is sealed, opened or signed with them. Everything that
// travels is passed as the wire types have it; no key ever comes out. The vault
// asks the server nothing: it says what it needs (`Needs`), and whoever has
// fetched that asks again. No failure is remembered.

import type {
  AccountId,
  Blob,
  Bundle,
  CallId,
  CallMedia,
  CallEnd,
  ControlEvent,
  ConversationId,
  ConversationKind,
  DeviceId,
  Entry,
  EnvelopeId,
  Grant,
  Knock,
  LinkId,
  MemberRole,
  Millis,
  NewKeys,
  OpenedLink,
  OwnGrant,
  SealedApproval,
  SealedSettings,
  Seq,
  SignedRecord,
  Wrap,
} from "@/protocol/wire";

/** The vault of one account. Rejects with a `VaultError`. */
export interface Vault extends Keys, People, Conversations, Messages, Calls, Settings {}

/** The account's own keys. The master key and the signing key are gone when a call has ended. */
export interface Keys {
  /** What this browser holds. */
  status(): Promise<Status>;
  /** Makes all keys of a new account. */
  create(ask: { device: DeviceId; exportKey: Blob; now: Millis }): Promise<CreatedKeys>;
  /** Makes the keys of a guest, whose master key only this browser has until `keepAccount`. The record goes to `guests/finish`. */
  createGuest(ask: { device: DeviceId; now: Millis }): Promise<{ record: SignedRecord }>;
  /**
   * Opens the keys that the server holds, at every login. The record to PUT lists
   * this device; it is null when it did already. Once it is stored, hand it to
   * `learnRecords`. When the PUT meets a newer version, fetch and unlock again.
   */
  unlock(ask: { device: DeviceId; by: Opener; keys: HeldKeys; now: Millis }): Promise<{ record: SignedRecord | null }>;
  /** Ends what a lost device could do: new keys for everything of the account. Needs the password. */
  revokeDevice(ask: { device: DeviceId; by: Opener; exportKey: Blob; keys: HeldKeys; now: Millis }): Promise<CreatedKeys>;
  /** The master key under another password. */
  rewrap(ask: { by: Opener; exportKey: Blob; keys: HeldKeys }): Promise<{ wrap: Wrap }>;
  /** A new recovery code, in place of the old one. */
  renewRecovery(ask: { by: Opener; keys: HeldKeys }): Promise<Renewed>;
  /** Gives a guest's account a password and a recovery code: for `account/keep/finish`, then `accountKept`. Rejects with `locked` when this is no guest. */
  keepAccount(ask: { exportKey: Blob }): Promise<CreatedKeys>;
  /** The server has taken them: from now on only password and recovery code open the master key. */
  accountKept(): Promise<void>;
  /** A new identity for an account whose keys are lost; people who knew it are warned. */
  reset(ask: { device: DeviceId; exportKey: Blob; records: readonly SignedRecord[]; now: Millis }): Promise<CreatedKeys>;
  /** What proves to the server that the person has the recovery code. Rejects with `recovery_code` when it is mistyped. */
  recoveryAuth(ask: { code: string }): Promise<{ auth: Blob }>;
  /**
   * First step of signing in by approval, of whatever account: a new device shows
   * `request`, and the words for `tag`. The newest request alone can be opened.
   */
  requestApproval(): Promise<{ request: Blob; tag: Blob }>;
  /** What the words of a request stand for. */
  approvalTag(ask: { request: Blob }): Promise<{ tag: Blob }>;
  /**
   * Second step, on a signed-in device, which needs its password again: goes to the
   * new one, as `Opener`. Rejects with `swapped` when the request is not that of the words.
   */
  approve(ask: { request: Blob; tag: Blob; by: Opener; keys: HeldKeys }): Promise<{ approval: SealedApproval }>;
  /** The master key under what a passkey's authenticator gave, and the public half of the key it signs with. */
  addPasskey(ask: { passkey: PasskeyOutput; by: Opener; keys: HeldKeys }): Promise<{ wrap: Wrap; sign: Blob }>;
  /** What proves to the server that the passkey is here. */
  signPasskey(ask: { passkey: PasskeyOutput; server: string; challenge: Blob }): Promise<{ signature: Blob }>;
  /** Deletes everything this browser holds of the account. */
  forget(): Promise<void>;
  /** Seals a text for this browser alone: what the page keeps over a reload. */
  protect(ask: { text: string }): Promise<{ sealed: Uint8Array<ArrayBuffer> }>;
  /** Null when it was not sealed here. */
  unprotect(ask: { sealed: Uint8Array<ArrayBuffer> }): Promise<{ text: string | null }>;
}

export interface Status {
  /** The device whose keys are here, for `login/finish`; null when there is none. */
  device: DeviceId | null;
  /** The keys are here and fit the newest record known. `stale`: the account's keys were renewed, sign in again. `revoked`: this device may not send any more. */
  state: "none" | "ready" | "stale" | "revoked";
  /** The version of the newest own record known. */
  record: number;
  /** The master key is here alone: nothing else opens this account. */
  guest: boolean;
}

export interface CreatedKeys {
  keys: NewKeys;
  /** In groups, to show once. */
  recoveryCode: string;
}

export interface Renewed {
  recoveryCode: string;
  wrap: Wrap;
  /** For the server. */
  recoveryAuthHash: Blob;
}

/** What opens the master key. */
export type Opener =
  | { type: "password"; exportKey: Blob }
  | { type: "recovery"; code: string }
  | ({ type: "prf" } & PasskeyOutput)
  | { type: "device"; approval: SealedApproval };

/** The PRF output of a passkey, 32 bytes that must go nowhere but into the vault, and what its authenticator calls it. */
export interface PasskeyOutput {
  output: Blob;
  credential: Blob;
}

/** What `GET /keys` answers. */
export interface HeldKeys {
  records: readonly SignedRecord[];
  bundle: Bundle;
  wraps: readonly Wrap[];
}

/** Other people's keys. */
export interface People {
  /** Takes versions of a record, in order, from any known one on. Own ones too. */
  learnRecords(ask: { account: AccountId; records: readonly SignedRecord[] }): Promise<Verdict>;
  /** What is known of these people, or of everybody. */
  contacts(ask: { accounts?: readonly AccountId[] }): Promise<readonly Contact[]>;
  /** 60 digits in groups of five, the same on both sides, and what a QR code of it holds. */
  safetyNumber(ask: { account: AccountId }): Promise<{ digits: string; code: Blob }>;
  /** Whether a scanned code is of these two people; true verifies. */
  scan(ask: { account: AccountId; code: Blob }): Promise<{ match: boolean; sync: SettingsSync | null }>;
  setVerified(ask: { account: AccountId; verified: boolean; now: Millis }): Promise<{ sync: SettingsSync }>;
  /** The person accepts the changed keys of a verified person, who then is not verified any more. */
  acceptKeys(ask: { account: AccountId; now: Millis }): Promise<{ sync: SettingsSync }>;
}

export type Verdict =
  | { type: "first_seen" }
  | { type: "known" }
  | { type: "devices_changed"; added: readonly DeviceId[]; revoked: readonly DeviceId[] }
  /** New keys that the old ones have signed: the same person; a device was lost. */
  | { type: "keys_renewed" }
  /** A new identity. When it was verified, sending and calling wait for `acceptKeys`. */
  | { type: "keys_changed"; wasVerified: boolean }
  | { type: "refused"; reason: RecordReason };

export type RecordReason =
  | "format"
  | "account"
  | "version"
  | "rollback"
  | "fork"
  | "chain"
  | "signature"
  | "continuity"
  | "keys"
  | "devices";

export interface Contact {
  account: AccountId;
  /** The newest version known. */
  version: number;
  g: number;
  /** SHA-256 of the signing key, as control events name it. */
  as: Blob;
  verified: boolean;
  /** Had another identity before. */
  changed: boolean;
  /** Was verified with other keys: nothing goes there until `acceptKeys`. */
  blocked: boolean;
  devices: readonly { id: DeviceId; added: Millis; revoked: Millis | null }[];
}

/** Who is in a conversation, and its secrets. */
export interface Conversations {
  /** Follows the control log, in order. Events already known are skipped. */
  applyControl(ask: { conversation: ConversationId; events: readonly ControlEvent[] }): Promise<Applied>;
  /** Null while no control event is known. */
  conversation(ask: { conversation: ConversationId }): Promise<ConversationState | null>;
  /** Makes a control event and all grants that go with it: POST them, then `confirm`. */
  prepareControl(ask: { conversation: ConversationId; op: ControlRequest; now: Millis }): Promise<PreparedControl>;
  /** Takes own grants from the server. */
  learnGrants(ask: { conversation: ConversationId; grants: readonly OwnGrant[] }): Promise<Learned>;
  /** Seals a secret again to a member who lacks it: POST to `…/grants`. Null when it may not have it or is not known well enough. */
  regrant(ask: { conversation: ConversationId; epoch: number; to: AccountId }): Promise<{ grants: readonly Grant[] } | null>;
  /** Deletes what is held of a conversation, but not the own counter. */
  leaveConversation(ask: { conversation: ConversationId }): Promise<void>;
  /** A secret for a link and what the conversation must know of it. */
  makeLink(ask: { id: LinkId; role: "member" | "guest"; expires: Millis | null; lobby: boolean }): Promise<MadeLink>;
  /** What proves to the server that one has the link. */
  linkAuth(ask: { id: LinkId; secret: Blob }): Promise<{ auth: Blob }>;
  /** Opens the secrets that were granted to a link, after `applyControl`. Then prepare a `join`. */
  openLink(ask: { conversation: ConversationId; id: LinkId; secret: Blob; grants: readonly OwnGrant[] }): Promise<Learned>;
  /** All that joining by a link takes, out of what `links/open` answers: for `guests/finish` or `links/{id}/join`, then `confirm`. After a `conflict` abandon it, open the link again and ask again. */
  joinByLink(ask: { link: LinkId; secret: Blob; opened: LinkContents; now: Millis }): Promise<PreparedControl>;
  /** Asks to be let in by a link with a lobby: for `guests/finish` or `links/{id}/knock`. */
  signKnock(ask: { conversation: ConversationId; link: LinkId; secret: Blob }): Promise<{ signature: Blob }>;
  /**
   * Whether somebody who knocks has the link. Let in by `add` with `via` only when `good`;
   * `unknown_person`: learn the account's records first; `no_link`: the link is not in force in
   * the log as it is known here.
   */
  verifyKnock(ask: { conversation: ConversationId; knock: Pick<Knock, "account" | "link" | "signature">; now: Millis }): Promise<"good" | "forged" | "unknown_person" | "no_link">;
}

/** What `links/open` answers, as far as the vault looks at it. */
export type LinkContents = Pick<OpenedLink, "conversation" | "control" | "records" | "grants">;

export interface Applied {
  /** The index of the next event. */
  next: number;
  /** Events stopped at one that cannot be judged before these are there. */
  needs: Needs;
  /** Events stopped at one that breaks the rules: the server or a member lies. */
  refused: { index: number; reason: ControlReason } | null;
}

export type ControlReason = "format" | "device" | "signature" | "order" | "not_allowed";

export interface ConversationState {
  kind: ConversationKind;
  name: string | null;
  history: "all" | "since_join";
  members: readonly {
    account: AccountId;
    role: MemberRole;
    as: Blob;
    /** The link it came by, while it is there as a guest. */
    via: LinkId | null;
    /** Its identity was reset: `readmit` it. */
    reset: boolean;
  }[];
  links: readonly LinkState[];
  epoch: number;
  /** The index of the next event. */
  next: number;
  /** Epochs whose secret is not here yet: ask for them with `request_grant`. */
  missing: readonly number[];
  /** When the epoch began, by the server's clock, and with which entry. */
  since: Millis;
  from: Seq;
}

export interface LinkState {
  id: LinkId;
  by: AccountId;
  role: "member" | "guest";
  expires: Millis | null;
  lobby: boolean;
}

/** What a person wants to change. */
export type ControlRequest =
  | {
      type: "create";
      kind: ConversationKind;
      name: string | null;
      history: "all" | "since_join";
      /** The others; oneself comes first by itself. */
      members: readonly { account: AccountId; role: "member" | "guest" }[];
    }
  /** `via`: let in who knocked at this link, in its role. */
  | { type: "add"; members: readonly { account: AccountId; role: "member" | "guest"; via?: LinkId }[] }
  | { type: "join"; link: LinkId; secret: Blob }
  | { type: "remove"; account: AccountId }
  | { type: "leave" }
  | { type: "rotate" }
  | { type: "role"; account: AccountId; role: MemberRole }
  | { type: "rename"; name: string }
  | { type: "link_add"; link: LinkToAdd }
  | { type: "link_revoke"; link: LinkId }
  | { type: "readmit"; account: AccountId };

/** A change, as it is in the log. */
export type ControlChange =
  | { type: "create"; members: readonly AccountId[]; name: string | null }
  | { type: "add"; members: readonly { account: AccountId; role: MemberRole; /** The link it knocked at. */ via: LinkId | null }[] }
  | { type: "join"; account: AccountId; role: MemberRole; link: LinkId; /** Who made the link. */ by: AccountId }
  | { type: "remove"; account: AccountId }
  | { type: "leave" }
  | { type: "rotate" }
  | { type: "role"; account: AccountId; role: MemberRole }
  | { type: "rename"; name: string }
  | { type: "link_add"; link: LinkId; role: MemberRole }
  | { type: "link_revoke"; link: LinkId }
  | { type: "readmit"; account: AccountId };

export interface LinkToAdd {
  id: LinkId;
  sign: Blob;
  seal: Blob;
  role: "member" | "guest";
  expires: Millis | null;
  lobby: boolean;
}

export interface MadeLink {
  /** Goes into the fragment of the address and nowhere else. */
  secret: Blob;
  /** SHA-256 of what `linkAuth` derives; the server keeps it. */
  authHash: Blob;
  /** For `link_add`. */
  link: LinkToAdd;
}

export interface PreparedControl {
  id: EnvelopeId;
  envelope: Blob;
  grants: readonly Grant[];
}

export interface Learned {
  opened: readonly number[];
  refused: readonly { epoch: number; reason: "no_key" | "cannot_open" | "commit" | "unknown_epoch" }[];
  /** Epochs up to now without a secret. */
  missing: readonly number[];
}

/** Messages in conversations. */
export interface Messages {
  /**
   * Seals a message. `unconfirmed`: an earlier envelope of this device, maybe of
   * another tab, has to be sent (again) and confirmed first; the server takes it
   * once only. `tag` is the caller's own name for it.
   */
  seal(ask: { conversation: ConversationId; content: Content; tag: string; now: Millis }): Promise<Sealed | Unconfirmed>;
  /** The envelope of this device that waits for its confirmation. */
  unconfirmed(ask: { conversation: ConversationId }): Promise<Unconfirmed | null>;
  /** The server has stored an envelope, of content or control. */
  confirm(ask: { conversation: ConversationId; id: EnvelopeId; seq: Seq; time: Millis }): Promise<Applied>;
  /** After `stale_epoch` or `rotate_first`, once control and grants are up to date: the same message under the epoch in force. */
  reseal(ask: { conversation: ConversationId; id: EnvelopeId; now: Millis }): Promise<Sealed>;
  /** Gives up an envelope that the server has refused for good, or a control event that lost its race. */
  abandon(ask: { conversation: ConversationId; id: EnvelopeId }): Promise<void>;
  /**
   * After `conflict`, with what `…/chain` says. `stored`: the unconfirmed one was
   * taken, confirm it. `rewound`: the count was set right (the server has lost
   * some of ours, or has taken one that was given up); reseal, or seal anew.
   * `cloned`: another copy of this profile sends; this one needs a new device id
   * (forget, and sign in again).
   */
  recount(ask: { conversation: ConversationId; chain: { n: number; prev: EnvelopeId } }): Promise<"unchanged" | "stored" | "rewound" | "cloned">;
  /**
   * Opens entries in order of their numbers. With `before` of a page of history
   * the transcript is checked too. Control events that come next are applied.
   */
  open(ask: { conversation: ConversationId; entries: readonly Entry[]; before?: Blob | null }): Promise<OpenedPage>;
  /** What the server says the transcript is at an entry: it is held to it. False: it contradicts what was seen. */
  learnHead(ask: { conversation: ConversationId; seq: Seq; transcript: Blob }): Promise<{ right: boolean }>;
  /** The person knows that the server was restored from a backup: the history it tells from now on counts. */
  acceptRestore(ask: { conversation: ConversationId }): Promise<void>;
}

/** What a message says: JSON with a kind. */
export interface Content {
  readonly k: string;
  readonly [field: string]: Json;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [field: string]: Json };

export interface Sealed {
  type: "sealed";
  id: EnvelopeId;
  envelope: Blob;
}

export interface Unconfirmed {
  type: "unconfirmed";
  tag: string | null;
  id: EnvelopeId;
  envelope: Blob;
  /** What goes with it when it is a control event: POST instead of `send`. */
  grants: readonly Grant[] | null;
}

export interface OpenedPage {
  entries: readonly Opened[];
  /** What would open more. */
  needs: Needs;
  /** The entries are not the history that this device has seen before, or do not chain. */
  transcript: "right" | "unchecked" | "broken";
}

/** What to fetch before asking again. */
export interface Needs {
  /** The control log, from `ConversationState.next` on. */
  control: boolean;
  records: readonly AccountId[];
  /** Grants of these epochs; when the server has none, `request_grant`. */
  epochs: readonly number[];
}

export type Opened = { seq: Seq; time: Millis } & OpenedBody;

export type OpenedBody =
  | ({ type: "content"; content: Content; warnings: readonly Warning[] } & Sender)
  | ({ type: "control"; change: ControlChange; warnings: readonly Warning[] } & Sender)
  | { type: "call"; call: CallId; caller: AccountId; media: CallMedia; end: CallEnd }
  | { type: "refused"; reason: Reason; id: EnvelopeId | null; from: AccountId | null };

export interface Sender {
  id: EnvelopeId;
  from: AccountId;
  device: DeviceId;
  /** By the sender's clock. */
  sent: Millis;
}

export type Reason =
  | "format"
  | "unknown_device"
  | "revoked_device"
  | "not_member"
  | "wrong_epoch"
  | "bad_signature"
  | "replay"
  | "no_key"
  | "cannot_open"
  | "bad_content";

/** `gap`: messages of this device before it are missing. `transcript`: its sender was shown another history. */
export type Warning = "gap" | "transcript";

/** Signals of calls, and the comparison of a call's keys. */
export interface Calls {
  /** Seals a signal. The fingerprint of a description is added by itself. */
  sealSignal(ask: { call: CallId; conversation: ConversationId; to: { account: AccountId; device: DeviceId }; signal: Signal; now: Millis }): Promise<{ envelope: Blob }>;
  openSignal(ask: { call: CallId; conversation: ConversationId; from: DeviceId; envelope: Blob; now: Millis }): Promise<OpenedSignal>;
  /** First step: send the commitment. The fingerprints are those in use, `sdpFingerprint` of the descriptions. */
  startSas(ask: { call: CallId; peer: { account: AccountId; device: DeviceId }; fingerprint: string; peerFingerprint: string }): Promise<{ commitment: Blob }>;
  /** Second step, when the peer's commitment is here: reveal. A second commitment is refused. */
  commitSas(ask: { call: CallId; commitment: Blob }): Promise<{ nonce: Blob }>;
  /** Third step, with what the peer revealed: seven numbers below 64, or null: break off, somebody is in between. */
  revealSas(ask: { call: CallId; nonce: Blob }): Promise<{ emoji: readonly number[] | null }>;
}

/** What one leg says to the other. `kind` is its name; `fingerprint` is reserved. */
export interface Signal {
  readonly kind: string;
  readonly [field: string]: Json;
}

export type OpenedSignal =
  | { type: "signal"; from: AccountId; signal: Signal }
  | { type: "refused"; reason: Reason | "not_for_us" | "fingerprint"; needs: Needs };

/** What follows a person over devices. */
export interface Settings {
  settings(): Promise<{ version: number; items: Readonly<Record<string, Json>> }>;
  /** Takes what the server has; merges, and says what to PUT when something here is newer. */
  learnSettings(ask: { settings: SealedSettings | null }): Promise<{ sync: SettingsSync | null }>;
  changeSettings(ask: { items: Readonly<Record<string, Json>>; now: Millis }): Promise<{ sync: SettingsSync }>;
}

/** To PUT to `/keys/settings`, then to hand to `learnSettings`; on `conflict` fetch the other one and hand that. */
export type SettingsSync = SealedSettings;

/** Why the vault cannot do it. */
export type VaultProblem =
  | "locked"
  | "password"
  | "recovery_code"
  | "passkey"
  | "swapped"
  | "bundle"
  | "rollback"
  | "records"
  | "no_conversation"
  | "no_key"
  | "not_allowed"
  | "unconfirmed"
  | "unknown_person"
  | "keys_changed"
  | "too_large"
  | "format"
  | "call"
  | "internal";
