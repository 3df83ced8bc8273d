// What the session asks of the vault, which keeps the keys of this account in
// this browser and runs apart from the page. The session fetches; the vault
// verifies, keeps, opens and seals. Everything may be told twice, in any order.

import type { FileReference } from "@/crypto/file-content";
import type { Needs } from "@/crypto";
import type {
  AccountId,
  Blob,
  CallId,
  Chain,
  ControlEvent,
  ConversationId,
  ConversationKind,
  DeviceId,
  Entry,
  EnvelopeId,
  FileId,
  Grant,
  InviteLink,
  Knock,
  LinkId,
  MemberRole,
  Millis,
  Name,
  OpenedLink,
  OwnGrant,
  PostControl,
  SealedSettings,
  Seq,
  SignedRecord,
} from "@/protocol/wire";

export type { Needs } from "@/crypto";

/** What a message says. */
export type Content =
  | { readonly kind: "text"; readonly text: string }
  /** The text is what was written to it, often nothing. */
  | { readonly kind: "file"; readonly text: string; readonly file: FileReference }
  /** A file that the same account had sent is deleted. */
  | { readonly kind: "file_deleted"; readonly text: ""; readonly target: FileId };

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
  /** The link at which it knocked. */
  readonly via?: LinkId | null;
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
  | { readonly type: "link_revoke"; readonly link: LinkId }
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
  readonly device: DeviceId | null;
  readonly content: Content | null;
  readonly change: Told | null;
  readonly reason: Reason | null;
  readonly warnings: readonly Warning[];
}

/** Entries, opened as far as they can be, and what would open more. */
export interface OpenedPage {
  readonly entries: readonly (Opened | null)[];
  readonly needs: Needs;
  /** They are not the history that this device has seen before. */
  readonly broken: boolean;
}

/** What is known of a conversation's members and keys. */
export interface Group {
  /** The index of the control event that is not known yet. */
  readonly next: number;
  readonly epoch: number;
  /** When the epoch began, by the server's clock, and with which entry. */
  readonly since: Millis;
  readonly from: Seq;
  /** Epochs whose keys are not here. */
  readonly missing: readonly number[];
  /** The control log that the server tells does not hold. */
  readonly refused: boolean;
  /** Members whose account began anew with other keys. */
  readonly anew: readonly AccountId[];
  /** Whose records the next event waits for. */
  readonly waits: readonly AccountId[];
  /** The links in the log; one that is over stands there until it is taken back. */
  readonly links: readonly { readonly id: LinkId; readonly expires: Millis | null }[];
}

/** What a link lets in, and until when. */
export interface LinkTerms {
  readonly role: "member" | "guest";
  readonly expires: Millis;
  /** A member must let each one in. */
  readonly lobby: boolean;
}

/** A link with the event that adds it, and the secret for its fragment. */
export interface NewLink {
  readonly id: LinkId;
  readonly link: InviteLink;
  readonly control: PostControl;
  readonly secret: Blob;
}

/** An envelope of this device that the server has not confirmed yet. */
export interface Waiting {
  readonly id: EnvelopeId;
  readonly envelope: Blob;
  /** The caller's name for a message. */
  readonly tag: string | null;
  /** What goes along with a change. */
  readonly grants: readonly Grant[] | null;
}

/** A person as their keys show them. */
export interface Contact {
  readonly account: AccountId;
  /** Compared with, and the keys are still those. */
  readonly verified: boolean;
  /** Has begun anew with other keys since they were first known. */
  readonly changed: boolean;
  /** Was verified with other keys: nothing goes there until that is accepted. */
  readonly blocked: boolean;
  readonly devices: readonly { readonly id: DeviceId; readonly added: Millis; readonly revoked: Millis | null }[];
}

/** What two people compare. */
export interface SafetyNumber {
  /** 60 digits in groups of five. */
  readonly digits: string;
  /** What the other one's camera reads. */
  readonly code: Blob;
}

/** One leg's view of what both compare in a call. */
export interface SasLegs {
  readonly call: CallId;
  readonly peer: { readonly account: AccountId; readonly device: DeviceId };
  readonly fingerprint: string;
  readonly peerFingerprint: string;
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
  /** `before`: the transcript hash of the entry before the first. */
  open(conversation: ConversationId, entries: readonly Entry[], before: Blob | null): Promise<OpenedPage>;
  /** Seals a message; or tells which envelope has to be confirmed first, perhaps the same message. */
  seal(conversation: ConversationId, content: Content, tag: string): Promise<Waiting>;
  /** The same message under the keys in force. */
  reseal(conversation: ConversationId, id: EnvelopeId): Promise<{ id: EnvelopeId; envelope: Blob }>;
  change(conversation: ConversationId, change: Change): Promise<Waiting>;
  /** Makes a link and the event that adds it. */
  link(conversation: ConversationId, terms: LinkTerms): Promise<NewLink>;
  /** Comes in by a link, out of what it opens; confirmed or abandoned like any change. */
  joinByLink(link: LinkId, secret: Blob, opened: OpenedLink): Promise<Waiting>;
  /** Asks by a link to be let in. */
  signKnock(conversation: ConversationId, link: LinkId, secret: Blob): Promise<Blob>;
  /** Whether somebody who knocks has the link. */
  verifyKnock(conversation: ConversationId, knock: Knock, now: Millis): Promise<"good" | "forged" | "unknown_person" | "no_link">;
  /** What waits for its confirmation. */
  waiting(conversation: ConversationId): Promise<Waiting | null>;
  /** An envelope of this device is stored: the next one follows it. */
  confirmed(conversation: ConversationId, id: EnvelopeId, at: { seq: Seq; time: number }): Promise<void>;
  /** The server has refused an envelope for good. */
  abandon(conversation: ConversationId, id: EnvelopeId): Promise<void>;
  /** What the server says the next envelope of this device follows; `cloned` when another copy of this profile sends. */
  recount(conversation: ConversationId, chain: Chain): Promise<"unchanged" | "stored" | "rewound" | "cloned">;
  /** Grants of an epoch for a member who has none. */
  grant(conversation: ConversationId, epoch: number, account: AccountId): Promise<Grant[]>;
  sealSignal(signal: {
    call: CallId;
    conversation: ConversationId;
    account: AccountId;
    device: DeviceId;
    content: object;
  }): Promise<Blob>;
  openSignal(signal: {
    call: CallId;
    conversation: ConversationId;
    from: DeviceId;
    envelope: Blob;
  }): Promise<{ content: Readonly<Record<string, unknown>> } | { reason: Reason | "not_for_us" | "fingerprint"; needs: Needs }>;
  /** Everybody whose record is here. */
  contacts(): Promise<readonly Contact[]>;
  safetyNumber(account: AccountId): Promise<SafetyNumber>;
  /** A match verifies. What is sealed goes to the server, from here and from the next three. */
  scan(account: AccountId, code: Blob): Promise<{ match: boolean; sealed: SealedSettings | null }>;
  setVerified(account: AccountId, verified: boolean): Promise<SealedSettings>;
  acceptKeys(account: AccountId): Promise<SealedSettings>;
  /** Merges what the server has; null when nothing here is newer. */
  learnSettings(settings: SealedSettings | null): Promise<SealedSettings | null>;
  /** Comparison of a call's keys: this side's commitment, … */
  startSas(legs: SasLegs): Promise<Blob>;
  /** … its opening, once the other one has committed, … */
  commitSas(call: CallId, commitment: Blob): Promise<Blob>;
  /** … and seven numbers below 64; null when the other one has opened something else. */
  revealSas(call: CallId, nonce: Blob): Promise<readonly number[] | null>;
  /** Forgets a conversation. */
  forget(conversation: ConversationId): Promise<void>;
  /** Forgets the account on this device. */
  erase(): Promise<void>;
}
