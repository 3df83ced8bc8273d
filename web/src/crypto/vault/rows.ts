// What the vault keeps of an account in this browser. Private and secret keys
// are there as keys that do not come out; epochs' secrets besides as the sealed
// grants they came in, to be granted on.

import type { AccountId, Blob, Bundle, CallId, ConversationId, DeviceId, EnvelopeId, Grant, LinkId, Millis, Seq, SignedRecord } from "@/protocol/wire";

import type { Bytes } from "../bytes";
import type { ControlState } from "../control-state";
import type { SealPair } from "../hpke";
import type { AccountRecord } from "../record";
import type { Items } from "../settings";

/** The own keys; one row. */
export interface OwnRow {
  readonly device: DeviceId;
  readonly ds: CryptoKey;
  readonly dsPub: Blob;
  /** Encryption keys of all generations, newest last. */
  readonly ae: readonly { readonly g: number; readonly pair: SealPair }[];
  readonly settingsKey: CryptoKey;
  readonly settings: { readonly version: number; readonly items: Items };
  /** Seals what the page keeps over a reload. */
  readonly local: CryptoKey;
  /** A guest's way to the master key, until the account is kept. */
  readonly guest: {
    readonly kek: CryptoKey;
    readonly nonce: Blob;
    readonly ct: Blob;
    readonly bundle: Bundle;
    readonly record: SignedRecord;
  } | null;
}

/** A generation of an account's keys. */
export interface Generation {
  readonly g: number;
  /** SHA-256 of the signing key. */
  readonly as: Blob;
  readonly ae: Blob;
  /** Rises with each reset: the generations of one identity vouch for each other. */
  readonly identity: number;
}

/** What is known of an account, the own one included. */
export interface ContactRow {
  readonly record: AccountRecord;
  /** Hashes of all versions, the first one first. */
  readonly hashes: readonly Blob[];
  readonly generations: readonly Generation[];
  /** The identity that each device belongs to. */
  readonly devices: Readonly<Record<DeviceId, number>>;
}

/** Somebody's time in a conversation, by numbers of entries: after `from`, up to `to`. */
export interface Stay {
  readonly from: Seq;
  readonly to: Seq | null;
  readonly as: Blob;
}

export interface EpochRow {
  readonly commit: Blob;
  /** The hash of the control payload that set it. */
  readonly event: Blob;
  /** In force after this entry. */
  readonly from: Seq;
  readonly since: Millis;
}

/** The control log of a conversation, and its secrets. */
export interface ConversationRow {
  readonly state: ControlState;
  readonly log: readonly { readonly seq: Seq; readonly id: EnvelopeId; readonly by: AccountId | null }[];
  /** Of each epoch, the first one first. */
  readonly epochs: readonly EpochRow[];
  readonly stays: Readonly<Record<AccountId, readonly Stay[]>>;
  readonly secrets: Readonly<Record<number, SecretRow>>;
}

/** An epoch's secret, and the grant it came in. */
export interface SecretRow {
  readonly key: CryptoKey;
  readonly grant: { readonly g: number; readonly enc: Blob; readonly ct: Blob; readonly by: AccountId };
}

/** Envelopes of one device that follow each other without gap. */
export interface Run {
  readonly from: Place;
  readonly to: Place;
  /** What the first one names as the one before. */
  readonly prev: Blob;
}

export interface Place {
  readonly n: number;
  readonly id: Blob;
  readonly seq: Seq;
}

/** An envelope of this device that waits for its confirmation. */
export interface Waiting {
  readonly id: EnvelopeId;
  readonly envelope: Blob;
  readonly tag: string | null;
  /** Of a control event. */
  readonly grants: readonly Grant[] | null;
}

/** What was seen in a conversation, and the own counter. */
export interface ChainRow {
  readonly n: number;
  readonly prev: Blob;
  readonly waiting: Waiting | null;
  /** Envelopes given up lately: the server may have taken one all the same. */
  readonly abandoned: readonly EnvelopeId[];
  readonly runs: Readonly<Record<DeviceId, readonly Run[]>>;
  /** Numbers of the entries that were looked at, in ranges. */
  readonly covered: readonly (readonly [Seq, Seq])[];
  /** The newest entry seen, and the transcript at it. */
  readonly seen: { readonly seq: Seq; readonly transcript: Blob } | null;
}

/** Counters of a call's signals. */
export interface CallRow {
  readonly n: number;
  readonly heard: Readonly<Record<DeviceId, number>>;
  readonly at: Millis;
}

export interface Rows {
  own: OwnRow;
  contacts: ContactRow;
  conversations: ConversationRow;
  chains: ChainRow;
  /** Transcripts of a range of entries, by `conversation/range`. */
  transcripts: Readonly<Record<Seq, Bytes>>;
  calls: CallRow;
}

export type RowKey = AccountId | ConversationId | CallId | LinkId | string;
