// What the session asks of the vault, which keeps the keys of this account in
// this browser and runs apart from the page. The session fetches; the vault
// verifies, keeps, opens and seals. Everything may be told twice, in any order.

import type { FileReference } from "@/crypto/file-content";
import type { Chain } from "@/protocol/pending";
import type {
  AccountId,
  Blob,
  CallId,
  ControlEvent,
  ConversationId,
  ConversationKind,
  DeviceId,
  Entry,
  EnvelopeId,
  Grant,
  MemberRole,
  Name,
  OwnGrant,
  Seq,
  SignedRecord,
} from "@/protocol/wire";

/** What a message says. */
export type Content =
  | { readonly kind: "text"; readonly text: string }
  /** The text is what was written to it, often nothing. */
  | { readonly kind: "file"; readonly text: string; readonly file: FileReference };

/** Why an entry is not shown. */
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

/** What is odd about an entry that is shown all the same. */
export type Warning = "gap" | "transcript";

/** A member as a control event names one. */
export interface NewMember {
  readonly account: AccountId;
  readonly role: MemberRole;
}

/** A change of a conversation, as it is asked for. */
export type Change =
  | {
      readonly type: "create";
      readonly kind: ConversationKind;
      readonly name: Name | null;
      readonly history: "all" | "since_join";
      readonly members: readonly NewMember[];
    }
  | { readonly type: "add"; readonly members: readonly NewMember[] }
  | { readonly type: "remove"; readonly account: AccountId }
  | { readonly type: "leave" }
  | { readonly type: "rotate" }
  | { readonly type: "role"; readonly account: AccountId; readonly role: MemberRole }
  | { readonly type: "rename"; readonly name: Name }
  | { readonly type: "link_revoke"; readonly link: string }
  | { readonly type: "readmit"; readonly account: AccountId };

/** A change as it is told. */
export type Told =
  | Change
  | { readonly type: "join"; readonly by: AccountId | null }
  | { readonly type: "link_add"; readonly link: string };

/** An envelope, opened or not. */
export interface Opened {
  readonly id: EnvelopeId;
  readonly sender: AccountId;
  readonly device: DeviceId;
  readonly epoch: number;
  /** It belongs to the control log. */
  readonly control: boolean;
  readonly content: Content | null;
  readonly change: Told | null;
  readonly reason: Reason | null;
  readonly warnings: readonly Warning[];
}

/** What is known of a conversation's members and keys. */
export interface Group {
  /** The index of the control event that is not known yet. */
  readonly next: number;
  readonly epoch: number;
  /** Epochs whose keys are not here. */
  readonly missing: readonly number[];
  /** The control log that the server tells does not hold. */
  readonly refused: boolean;
  /** Members whose account began anew with other keys. */
  readonly anew: readonly AccountId[];
}

/** An envelope with what has to go along with it. */
export interface SealedChange extends PostControl {
  readonly id: EnvelopeId;
}

/** The vault of an account. */
export interface Vault {
  /** The newest version of an account's record here; 0 for none. */
  recordVersion(account: AccountId): Promise<number>;
  learnRecords(account: AccountId, records: readonly SignedRecord[]): Promise<void>;
  /** Where a conversation stands; null when nothing is known of it. */
  group(conversation: ConversationId): Promise<Group | null>;
  learnControl(conversation: ConversationId, events: readonly ControlEvent[]): Promise<Group>;
  learnGrants(conversation: ConversationId, grants: readonly OwnGrant[]): Promise<Group>;
  /** The server says that the transcript hash is this at that seq: it is held to it. */
  learnHead(conversation: ConversationId, seq: Seq, transcript: Blob): Promise<void>;
  /** `before`: the transcript hash of the entry before the first. */
  open(conversation: ConversationId, entries: readonly Entry[], before: Blob | null): Promise<(Opened | null)[]>;
  seal(conversation: ConversationId, content: Content): Promise<{ id: EnvelopeId; envelope: Blob }>;
  change(conversation: ConversationId, change: Change): Promise<SealedChange>;
  /** An envelope of this device is stored: the next one follows it. */
  confirmed(conversation: ConversationId, id: EnvelopeId): Promise<void>;
  /** What the server says the next envelope of this device follows. */
  setChain(conversation: ConversationId, chain: Chain): Promise<void>;
  /** Grants of an epoch for a member who has none. */
  grant(conversation: ConversationId, epoch: number, account: AccountId): Promise<Grant[]>;
  sealSignal(signal: {
    call: CallId;
    conversation: ConversationId;
    account: AccountId;
    device: DeviceId;
    content: object;
  }): Promise<Blob>;
  openSignal(
    conversation: ConversationId,
    call: CallId,
    envelope: Blob,
  ): Promise<
    | { readonly account: AccountId; readonly device: DeviceId; readonly content: Readonly<Record<string, unknown>> }
    | { readonly account: AccountId; readonly reason: Reason }
  >;
  /** Forgets a conversation. */
  forget(conversation: ConversationId): Promise<void>;
  /** Seals for this device alone. */
  protect(text: string): Promise<Uint8Array<ArrayBuffer>>;
  unprotect(sealed: Uint8Array<ArrayBuffer>): Promise<string | null>;
  /** Forgets the account on this device. */
  erase(): Promise<void>;
  close(): void;
}
