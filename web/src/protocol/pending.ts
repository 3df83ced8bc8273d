// Bodies of the HTTP API that the generated types do not name yet; it goes when they do.

import type {
  AccountId,
  Blob,
  Bundle,
  ControlEvent,
  ConversationId,
  DeviceId,
  EnvelopeId,
  Grant,
  Name,
  NewKeys,
  OwnGrant,
  SealedSettings,
  SignedRecord,
  Wrap,
} from "./wire";

export type RecoveryStart = { name: Name, auth: Blob, request: Blob, };

export type RecoveryStarted = { registration: Blob, response: Blob, server_id: string, account: AccountId, device: DeviceId, records: Array<SignedRecord>, recovery: Recovery | null, };

export type Recovery = { wrap: Wrap, bundle: Bundle, };

export type RecoveryFinish = { registration: Blob, record: Blob, device_name: Name, keys: NewKeys, };

export type Keys = { records: Array<SignedRecord>, bundle: Bundle, wraps: Array<Wrap> | null, settings: SealedSettings | null, };

export type PutKeys = { record: SignedRecord, bundle?: Bundle, wraps?: Array<Wrap>, recovery_auth_hash?: Blob, };

export type Records = { records: Array<SignedRecord>, };

export type Control = { events: Array<ControlEvent>, more: boolean, };

export type OwnGrants = { grants: Array<OwnGrant>, };

export type PostGrants = { grants: Array<Grant>, };

export type Chain = { n: number, prev: EnvelopeId, };

export type Direct = { conversation: ConversationId, };

declare global {
  type PostControl = { envelope: Blob, grants: Array<Grant>, };
}
