// Generated from src/pure/wire; do not edit. `UPDATE_WIRE=1 cargo test --lib wire` writes it.

export const PROTOCOL = 1;
export const SUBPROTOCOL = "callbox.v1";
export const NAME_CHARS = 64;
export const BODY_BYTES = 40960;
export const ENVELOPE_BYTES = 45056;
export const CONTROL_BYTES = 524288;
export const ROOM_MEMBERS = 1000;
export const LINKS = 100;
export const AVATAR_BYTES = 262144;
export const PAGE_ENTRIES = 100;
export const CURSORS = 1000;
export const RING_MS = 45000;
export const LEG_LEASE_MS = 20000;
export const TYPING_MS = 5000;
export const FILE_BYTES = 104857600;
export const FILE_CHUNK = 262144;
export const PASSKEYS = 16;

export type AccountId = string & { readonly brand: 'AccountId' };

export type DeviceId = string & { readonly brand: 'DeviceId' };

export type ConversationId = string & { readonly brand: 'ConversationId' };

export type EnvelopeId = string & { readonly brand: 'EnvelopeId' };

export type LinkId = string & { readonly brand: 'LinkId' };

export type GranteeId = string & { readonly brand: 'GranteeId' };

export type WrapId = string & { readonly brand: 'WrapId' };

export type ApprovalId = string & { readonly brand: 'ApprovalId' };

export type CallId = string & { readonly brand: 'CallId' };

export type InviteId = string & { readonly brand: 'InviteId' };

export type ResetId = string & { readonly brand: 'ResetId' };

export type FileId = string & { readonly brand: 'FileId' };

export type Seq = number;

export type Millis = number;

export type Blob = string & { readonly brand: 'Blob' };

export type Name = string;

export type ErrorCode = "bad_request" | "too_large" | "unauthorized" | "forbidden" | "not_found" | "name_taken" | "conflict" | "quota_exceeded" | "reauth_required" | "rate_limited" | "unavailable" | "setup_required" | "version" | "stale_epoch" | "rotate_first" | "device_unknown";

export type ApiError = { code: ErrorCode, 
/**
 * For developers of clients; never shown to people, never from user data.
 */
detail: string, retry_ms?: number, };

export type Role = "guest" | "member" | "admin" | "owner";

export type Account = { id: AccountId, name: Name, 
/**
 * The hash of the picture, part of its address; none shows initials.
 */
avatar: string | null, role: Role, 
/**
 * Cannot sign in; stays visible beside what was written.
 */
disabled: boolean, 
/**
 * The newest version of its record, `GET /accounts/{id}/records`; 0 while there is none.
 */
record: number, };

export type Knock = { account: AccountId, link: LinkId, 
/**
 * By the link's key: that this account, with its key, asks; 64 bytes.
 */
signature: Blob, time: Millis, };

export type Waiting = { conversation: ConversationId, link: LinkId, };

export type ConversationKind = "everyone" | "room" | "direct";

export type MemberRole = "member" | "manager" | "guest";

export type Member = { account: AccountId, role: MemberRole, 
/**
 * All entries up to here have reached one of its devices.
 */
delivered: Seq, 
/**
 * All entries up to here have been seen.
 */
read: Seq, };

export type Conversation = { id: ConversationId, kind: ConversationKind, 
/**
 * Rooms have one; the others are named by the client.
 */
name: Name | null, 
/**
 * In the order of joining. Empty in Everyone until its control log begins.
 */
members: Array<Member>, created: Millis, 
/**
 * The number of the newest entry; 0 when there is none.
 */
head: Seq, 
/**
 * The newest entry.
 */
last: Entry | null, 
/**
 * The epoch in force; 0 while there is no control event.
 */
epoch: number, 
/**
 * The index of the next control event.
 */
control: number, 
/**
 * Nothing but a control event that renews the keys is taken, until one does.
 */
rotation_required: boolean, 
/**
 * The transcript's hash at `head`, 32 bytes.
 */
transcript: Blob, 
/**
 * Who waits to be let in, the oldest first; told to members who are no guests.
 */
knocks: Array<Knock>, };

export type Entry = { seq: Seq, 
/**
 * When the server stored it.
 */
time: Millis, content: EntryContent, };

export type EntryContent = { "type": "envelope", envelope: Blob, } | { "type": "call", call: CallId, caller: AccountId, media: CallMedia, end: CallEnd, };

export type CreateFile = { id: FileId, 
/**
 * Bytes before sealing, padded: 1 to 100 MiB.
 */
size: number, 
/**
 * As many as the size needs; said so that both sides mean the same.
 */
chunks: number, };

export type Upload = { id: FileId, conversation: ConversationId, size: number, chunks: number, finished: boolean, 
/**
 * A bit for each chunk that is there, the lowest bit of the first byte for
 * chunk 0; empty when finished.
 */
have: Blob, };

export type FileUsage = { used: number, quota: number, files: number, };

export type SignedRecord = { 
/**
 * JSON, exactly as signed.
 */
payload: Blob, 
/**
 * By the account's signing key of the payload's generation.
 */
signature: Blob, 
/**
 * By the key of the generation before, when the generation rose without an identity reset.
 */
continuity: Blob | null, };

export type Bundle = { version: number, 
/**
 * 12 bytes.
 */
nonce: Blob, ct: Blob, };

export type WrapType = "password" | "recovery" | "prf";

export type Wrap = { id: WrapId, type: WrapType, 
/**
 * 12 bytes.
 */
nonce: Blob, ct: Blob, };

export type SealedSettings = { 
/**
 * One more than the version it replaces; the first is 1.
 */
version: number, 
/**
 * 12 bytes.
 */
nonce: Blob, ct: Blob, };

export type Grant = { to: GranteeId, epoch: number, 
/**
 * The generation of the member's encryption key; 0 for links.
 */
g: number, 
/**
 * HPKE's encapsulated key, 32 bytes.
 */
enc: Blob, 
/**
 * The sealed secret, 48 bytes.
 */
ct: Blob, };

export type OwnGrant = { epoch: number, g: number, enc: Blob, ct: Blob, 
/**
 * Who granted it; part of what was sealed.
 */
by: AccountId, };

export type ControlEvent = { seq: Seq, time: Millis, envelope: Blob, };

export type Placed = { id: EnvelopeId, seq: Seq, time: Millis, };

export type CallMedia = "audio" | "video";

export type CallOutcome = "completed" | "declined" | "cancelled" | "missed" | "busy" | "failed";

export type Relayed = { packets: number, 
/**
 * Of sound, pictures and what belongs to them, without the headers of packets.
 */
bytes: number, };

export type CallEnd = { outcome: CallOutcome, 
/**
 * From the answer to the end; 0 when it was never answered.
 */
duration: Millis, 
/**
 * What went through the relay of this server, if anything did: known to the entry
 * only, and by the word of the server, which the transcript does not cover.
 */
relayed?: Relayed, };

export type CallState = { "type": "ringing", since: Millis, } | { "type": "active", since: Millis, } | { "type": "ended", end: CallEnd, 
/**
 * Who ended it, when a person did.
 */
by: AccountId | null, };

export type Leg = { account: AccountId, device: DeviceId, 
/**
 * Whether it has a connection now; without one its lease runs.
 */
attached: boolean, };

export type Call = { id: CallId, conversation: ConversationId, media: CallMedia, caller: AccountId, callee: AccountId, state: CallState, 
/**
 * The caller's device, then the one that answered.
 */
legs: Array<Leg>, };

export type CommandFrame = { id?: number, command: Command, };

export type Cursor = { conversation: ConversationId, seq: Seq, };

export type Command = { "type": "hello", protocol: number, 
/**
 * The client's name and version, for the log.
 */
client: string, 
/**
 * The epoch of the `welcome` the cursors belong to; with another one they are void.
 */
epoch?: string, cursors: Array<Cursor>, } | { "type": "ping", } | { "type": "send", envelope: Blob, } | { "type": "receipt", conversation: ConversationId, delivered?: Seq, read?: Seq, } | { "type": "typing", conversation: ConversationId, } | { "type": "request_grant", conversation: ConversationId, epoch: number, } | { "type": "start_call", call: CallId, conversation: ConversationId, media: CallMedia, } | { "type": "accept_call", call: CallId, } | { "type": "decline_call", call: CallId, } | { "type": "end_call", call: CallId, 
/**
 * The media connection could not be made, as opposed to a person ending it.
 */
failed: boolean, } | { "type": "rejoin_call", call: CallId, } | { "type": "signal", call: CallId, to: DeviceId, envelope: Blob, } | { "type": "relay_credentials", call: CallId, };

export type Event = { "type": "welcome" } & Welcome | { "type": "reply", id: number, reply: Reply, } | { "type": "error", id: number | null, error: ApiError, } | { "type": "entries", conversation: ConversationId, entries: Array<Entry>, } | { "type": "conversation", conversation: Conversation, } | { "type": "knocks", conversation: ConversationId, knocks: Array<Knock>, } | { "type": "turned_away", conversation: ConversationId, link: LinkId, } | { "type": "conversation_gone", conversation: ConversationId, } | { "type": "receipt", conversation: ConversationId, account: AccountId, delivered: Seq, read: Seq, } | { "type": "typing", conversation: ConversationId, account: AccountId, } | { "type": "presence", account: AccountId, online: boolean, } | { "type": "account", account: Account, } | { "type": "call", call: Call, } | { "type": "signal", call: CallId, from: DeviceId, envelope: Blob, } | { "type": "grant_request", conversation: ConversationId, epoch: number, account: AccountId, } | { "type": "grants", conversation: ConversationId, };

export type Welcome = { protocol: number, 
/**
 * The server's version.
 */
version: string, 
/**
 * Changes when history was restored from a backup: cursors of another epoch are void.
 */
epoch: string, 
/**
 * The server's time, for durations and "new" marks.
 */
now: Millis, account: AccountId, device: DeviceId, accounts: Array<Account>, online: Array<AccountId>, conversations: Array<Conversation>, 
/**
 * Where this account waits to be let in.
 */
waiting: Array<Waiting>, 
/**
 * Ringing and running calls of this account.
 */
calls: Array<Call>, };

export type Reply = { "type": "done" } | { "type": "sent", id: EnvelopeId, seq: Seq, time: Millis, } | { "type": "call", call: Call, } | { "type": "relay", 
/**
 * `stun:` and `turn:` URLs; `{host}` in them stands for the host name of the page.
 */
urls: Array<string>, username: string, credential: string, 
/**
 * How long the credentials can be used to allocate.
 */
ttl: Millis, };

export type ErrorBody = { error: ApiError, };

export type Status = { version: string, 
/**
 * No account exists yet; only the setup link leads further.
 */
setup_required: boolean, };

export type Ticket = { "type": "setup", token: Blob, } | { "type": "invite", invite: InviteId, auth: Blob, };

export type OpenInvite = { invite: InviteId, 
/**
 * Derived from the secret in the link's fragment.
 */
auth: Blob, };

export type OpenedInvite = { by: Name, 
/**
 * Everyone.
 */
conversation: ConversationId, 
/**
 * Its control log from the beginning. Empty for links from the command
 * line: these have no keys, and whom they bring in waits for a member's client.
 */
control: Array<ControlEvent>, 
/**
 * The records of all who signed in the log or are members.
 */
records: Array<AccountRecords>, 
/**
 * The grants of the link.
 */
grants: Array<OwnGrant>, };

export type AccountRecords = { account: AccountId, records: Array<SignedRecord>, };

export type RegisterStart = { ticket: Ticket, name: Name, 
/**
 * OPAQUE registration request, 32 bytes.
 */
request: Blob, };

export type RegisterStarted = { 
/**
 * Names this registration in `finish`; single use, one minute.
 */
registration: Blob, 
/**
 * OPAQUE registration response, 64 bytes.
 */
response: Blob, 
/**
 * OPAQUE server identity: the install id, not the host name.
 */
server_id: string, 
/**
 * What the account and its first device will be called.
 */
account: AccountId, device: DeviceId, everyone: ConversationId, };

export type NewKeys = { 
/**
 * Version 1 with the one device at registration; else the next version.
 */
record: SignedRecord, bundle: Bundle, 
/**
 * One for the password and one for the recovery code.
 */
wraps: Array<Wrap>, 
/**
 * SHA-256 of what the recovery code derives for `recovery-auth`, 32 bytes.
 */
recovery_auth_hash: Blob, };

export type RegisterFinish = { registration: Blob, 
/**
 * OPAQUE registration record, 192 bytes.
 */
record: Blob, 
/**
 * The device's name for the list of devices, such as "Firefox on Linux".
 */
device_name: Name, keys: NewKeys, 
/**
 * The first event of Everyone's control log from the owner, else the `join`
 * by the link. A join that came too late leaves the account outside
 * Everyone until a member adds it.
 */
everyone: PostControl | null, };

export type LoginStart = { name: Name, 
/**
 * OPAQUE KE1, 96 bytes.
 */
request: Blob, };

export type LoginStarted = { 
/**
 * Names this login in `finish`; single use, one minute.
 */
login: Blob, 
/**
 * OPAQUE KE2, 320 bytes.
 */
response: Blob, server_id: string, };

export type LoginFinish = { login: Blob, 
/**
 * OPAQUE KE3, 64 bytes.
 */
finalization: Blob, device_name: Name, 
/**
 * The device whose keys this browser holds; with none, or one that the
 * account's record does not list or has revoked, the session is on a new one.
 */
device: DeviceId | null, };

export type ReauthFinish = { login: Blob, finalization: Blob, };

export type PasswordStart = { request: Blob, };

export type PasswordStarted = { 
/**
 * Names this registration in `finish`; single use, one minute.
 */
registration: Blob, 
/**
 * OPAQUE registration response, 64 bytes.
 */
response: Blob, server_id: string, };

export type PasswordFinish = { registration: Blob, record: Blob, 
/**
 * The master key under the new password, in place of the one under the old.
 */
wrap: Wrap, 
/**
 * Of the bundle that the wrapped key opens; `conflict` when the keys were renewed in between.
 */
bundle_version: number, sign_out_others: boolean, };

export type Logout = { 
/**
 * This is a shared computer: forget the device and what the browser keeps of it.
 */
forget: boolean, };

export type Session = { account: Account, device: DeviceId, settings: Settings, 
/**
 * When a guest's session ends, with its link.
 */
ends: Millis | null, };

export type Accounts = { accounts: Array<Account>, };

export type Settings = { 
/**
 * "Always relay my calls (hides my address)".
 */
relay_calls: boolean, };

export type ChangeAccount = { name?: Name, settings?: Settings, };

export type Device = { id: DeviceId, name: Name, 
/**
 * The one that asks.
 */
current: boolean, created: Millis, 
/**
 * To the day.
 */
last_seen: Millis, 
/**
 * The network it was last seen in, such as `192.168.1.0/24`.
 */
network: string, };

export type Devices = { devices: Array<Device>, };

export type CreateInvite = { 
/**
 * Chosen by the client, together with the secret; the id of the link in `control`.
 */
id: InviteId, link: InviteLink, 
/**
 * The `link_add` in Everyone.
 */
control: PostControl, 
/**
 * 5 minutes to 90 days.
 */
valid_for: Millis, 
/**
 * 1 to 1,000.
 */
uses: number, };

export type InviteLink = { 
/**
 * SHA-256 of what the secret derives for `link-auth`, 32 bytes.
 */
auth_hash: Blob, };

export type Invite = { id: InviteId, by: AccountId, created: Millis, expires: Millis, uses: number, max_uses: number, revoked: boolean, };

export type Invites = { invites: Array<Invite>, };

export type History = { entries: Array<Entry>, 
/**
 * The transcript's hash before the first of them, 32 bytes.
 */
before: Blob, 
/**
 * There is more in the direction asked for.
 */
more: boolean, };

export type AdministerAccount = { role?: Role, disabled?: boolean, name?: Name, };

export type RelayUse = { 
/**
 * Allocations now.
 */
allocations: number, calls: Array<RelayedCall>, };

export type RelayedCall = { call: CallId, 
/**
 * Whether it has allocations.
 */
live: boolean, 
/**
 * Each packet once.
 */
relayed: Relayed, legs: Array<RelayedLeg>, };

export type RelayedLeg = { sent: Relayed, received: Relayed, };

export type CheckRelay = { 
/**
 * As in calls, with `{host}` for the page's host name.
 */
urls: Array<string>, username: string, credential: string, ttl: Millis, };

export type CreatedReset = { reset: ResetId, secret: Blob, expires: Millis, };

export type CheckReset = { reset: ResetId, secret: Blob, };

export type CheckedReset = { name: Name, };

export type ResetStart = { reset: ResetId, secret: Blob, 
/**
 * OPAQUE registration request, 32 bytes.
 */
request: Blob, 
/**
 * What the recovery code derives for `recovery-auth`, when the person has
 * it: then the keys are kept. Without it the record must reset the identity.
 */
auth: Blob | null, };

export type RecoveryStart = { name: Name, 
/**
 * What the recovery code derives for `recovery-auth`, 32 bytes.
 */
auth: Blob, 
/**
 * OPAQUE registration request, 32 bytes.
 */
request: Blob, };

export type RecoveryStarted = { 
/**
 * Names this registration in `finish`; single use, one minute.
 */
registration: Blob, 
/**
 * OPAQUE registration response, 64 bytes.
 */
response: Blob, server_id: string, account: AccountId, 
/**
 * What the device that signs in will be called.
 */
device: DeviceId, records: Array<SignedRecord>, 
/**
 * What the recovery code opens; absent after a reset link without it.
 */
recovery: Recovery | null, };

export type Recovery = { wrap: Wrap, bundle: Bundle, };

export type RecoveryFinish = { registration: Blob, 
/**
 * OPAQUE registration record, 192 bytes.
 */
record: Blob, device_name: Name, 
/**
 * The record lists the new device; the recovery code is a new one.
 */
keys: NewKeys, };

export type Keys = { 
/**
 * All versions, the oldest first.
 */
records: Array<SignedRecord>, bundle: Bundle, 
/**
 * Only within ten minutes after the password was proved; each passkey has one of its own.
 */
wraps: Array<Wrap> | null, settings: SealedSettings | null, };

export type PutKeys = { record: SignedRecord, 
/**
 * Needed when the record names another `bundle_version`.
 */
bundle?: Bundle, 
/**
 * In place of those of the same type; those of passkeys have routes of their own.
 */
wraps?: Array<Wrap>, 
/**
 * Goes with a wrap for a new recovery code, and only with it.
 */
recovery_auth_hash?: Blob, };

export type PutRecovery = { 
/**
 * Of type `recovery`.
 */
wrap: Wrap, 
/**
 * SHA-256 of what the code derives to prove that somebody has it.
 */
recovery_auth_hash: Blob, 
/**
 * Of the bundle that the wrapped key opens; `conflict` when the keys were renewed in between.
 */
bundle_version: number, };

export type Records = { records: Array<SignedRecord>, };

export type PostControl = { envelope: Blob, grants: Array<Grant>, };

export type Control = { events: Array<ControlEvent>, more: boolean, };

export type OwnGrants = { grants: Array<OwnGrant>, };

export type PostGrants = { grants: Array<Grant>, };

export type Chain = { 
/**
 * The counter of the next one.
 */
n: number, 
/**
 * The id of the last one; zeros when there is none.
 */
prev: EnvelopeId, };

export type Direct = { conversation: ConversationId, };

export type CreateLink = { 
/**
 * Chosen by the client, together with the secret; the id of the link in `control`.
 */
id: LinkId, link: InviteLink, 
/**
 * The `link_add`, with an end within 90 days.
 */
control: PostControl, 
/**
 * How many may come by it, 1 to 1,000.
 */
uses: number, };

export type Link = { id: LinkId, conversation: ConversationId, by: AccountId, created: Millis, expires: Millis, 
/**
 * How many have come by it.
 */
uses: number, max_uses: number, 
/**
 * A member must let each one in.
 */
lobby: boolean, revoked: boolean, };

export type Links = { links: Array<Link>, };

export type OpenLink = { link: LinkId, 
/**
 * Derived from the secret in the link's fragment.
 */
auth: Blob, };

export type Host = { id: AccountId, name: Name, };

export type OpenedLink = { by: Host, conversation: ConversationId, 
/**
 * Of the room; none when a member must let in, who alone decides what to tell.
 */
name: Name | null, 
/**
 * A member must let in: knock. The rest is empty then.
 */
lobby: boolean, expires: Millis, 
/**
 * The control log from the beginning.
 */
control: Array<ControlEvent>, 
/**
 * The records of all who signed in the log or are members.
 */
records: Array<AccountRecords>, 
/**
 * The grants of the link.
 */
grants: Array<OwnGrant>, };

export type GuestStart = { link: LinkId, auth: Blob, 
/**
 * Others may have the same.
 */
name: Name, };

export type GuestStarted = { 
/**
 * Names this guest in `finish`; one minute.
 */
guest: Blob, account: AccountId, device: DeviceId, };

export type GuestFinish = { guest: Blob, 
/**
 * Version 1, with the one device.
 */
record: SignedRecord, device_name: Name, 
/**
 * The `join` by a link that lets in at once.
 */
join: PostControl | null, 
/**
 * The signature of the knock at one that does not, 64 bytes.
 */
knock: Blob | null, };

export type JoinLink = { auth: Blob, 
/**
 * The `join`.
 */
control: PostControl, };

export type KnockLink = { auth: Blob, signature: Blob, };

export type KeepStart = { name: Name, 
/**
 * OPAQUE registration request, 32 bytes.
 */
request: Blob, };

export type KeepFinish = { registration: Blob, 
/**
 * OPAQUE registration record, 192 bytes.
 */
record: Blob, 
/**
 * The record is the newest one, unchanged.
 */
keys: NewKeys, };

export type RequestApproval = { 
/**
 * A fresh X25519 public key, 32 bytes.
 */
request: Blob, 
/**
 * The device's name for the list of devices, such as "Firefox on Linux".
 */
device_name: Name, };

export type RequestedApproval = { id: ApprovalId, 
/**
 * Claims what comes of it, 32 bytes; told only here.
 */
secret: Blob, valid_for: Millis, };

export type FindApproval = { 
/**
 * What the six words stand for: 66 bits and six zeros, 9 bytes.
 */
tag: Blob, };

export type FoundApproval = { id: ApprovalId, request: Blob, device_name: Name, created: Millis, 
/**
 * The network it asks from, such as `192.168.1.0/24`.
 */
network: string, };

export type Approve = { approval: SealedApproval, };

export type SealedApproval = { 
/**
 * HPKE's encapsulated key, 32 bytes.
 */
enc: Blob, 
/**
 * The sealed key, 48 bytes.
 */
ct: Blob, };

export type ClaimApproval = { secret: Blob, 
/**
 * At most 25 seconds.
 */
wait: Millis, };

export type ClaimedApproval = { session: Session, approval: SealedApproval, 
/**
 * Without the wraps.
 */
keys: Keys, };

export type PasskeyStarted = { 
/**
 * Names this try in the second half.
 */
request: Blob, 
/**
 * 32 bytes.
 */
challenge: Blob, 
/**
 * The server's identity, part of what is signed.
 */
server_id: string, };

export type PasskeyFinish = { request: Blob, 
/**
 * The credential id that the authenticator gave.
 */
credential: Blob, 
/**
 * By the passkey's key over `passkey`, the SHA-256 of `server_id`, challenge,
 * account and credential id.
 */
signature: Blob, 
/**
 * The device's name for the list of devices, such as "Firefox on Linux".
 */
device_name: Name, };

export type PasskeyEntered = { session: Session, 
/**
 * Of the wraps, the passkey's own.
 */
keys: Keys, };

export type PasskeyProof = { request: Blob, credential: Blob, 
/**
 * As in [`PasskeyFinish`].
 */
signature: Blob, };

export type AddPasskey = { credential: Blob, name: Name, 
/**
 * The public half of the key that it signs with, 32 bytes.
 */
sign: Blob, 
/**
 * Of type `prf`; its id becomes the passkey's.
 */
wrap: Wrap, 
/**
 * Of the bundle that the wrapped key opens.
 */
bundle_version: number, };

export type Passkey = { id: WrapId, credential: Blob, name: Name, created: Millis, };

export type Passkeys = { passkeys: Array<Passkey>, };

export type RenamePasskey = { name: Name, };

export type DoctorVerdict = "ok" | "warn" | "fail";

export type DoctorCheck = "server" | "names" | "address" | "ports" | "certificate" | "clock" | "relay" | "limits" | "disk" | "database";

export type DoctorFinding = { check: DoctorCheck, verdict: DoctorVerdict, 
/**
 * In plain words, a sentence or two.
 */
says: string, 
/**
 * What to do about it.
 */
cure?: string | null, };

export type Examination = { at: Millis, 
/**
 * In the order in which people would look, in English.
 */
findings: Array<DoctorFinding>, };

export type Examinations = { 
/**
 * Since this server was started.
 */
last: Examination | null, };

export type Named = { id: AccountId, name: Name, };

export type People = { people: Array<Person>, total: number, };

export type PeopleOrder = "name" | "newest" | "seen" | "storage";

export type Person = { account: Account, created: Millis, 
/**
 * To the day; none for who was never here.
 */
last_seen: Millis | null, 
/**
 * Where it is signed in.
 */
devices: number, files: number, 
/**
 * Bytes of its files.
 */
used: number, 
/**
 * Bytes that its files may take.
 */
quota: number, 
/**
 * The quota was set for this account; else it is that of its role.
 */
own_quota: boolean, };

export type AllDevices = { devices: Array<SomeDevice>, total: number, };

export type SomeDevice = { account: Named, device: Device, };

export type AllInvites = { invites: Array<SomeInvite>, total: number, };

export type SomeInvite = { by: Named, invite: Invite, };

export type CallsNow = { now: Millis, calls: Array<CallNow>, 
/**
 * Allocations of the relay.
 */
allocations: number, };

export type CallNow = { id: CallId, media: CallMedia, ringing: boolean, 
/**
 * Since when it rings or runs.
 */
since: Millis, 
/**
 * Devices in it.
 */
devices: number, 
/**
 * What went through the relay, if anything did.
 */
relayed: Relayed | null, };

export type ServerFacts = { version: string, started: Millis, now: Millis, 
/**
 * Where people find it.
 */
site: string, 
/**
 * It is stopping.
 */
draining: boolean, 
/**
 * Absent when the hub does not answer.
 */
connections: number | null, online: number | null, calls: number | null, storage: StorageFacts, certificates: Array<CertificateFacts>, 
/**
 * `closed`, or how open the relay is.
 */
relay: string, 
/**
 * What should be looked at, the worst first.
 */
findings: Array<Finding>, };

export type StorageFacts = { database: number | null, files: number | null, file_count: number | null, 
/**
 * Messages, calls and control events.
 */
entries: number | null, 
/**
 * What the disk has left.
 */
free: number | null, };

export type CertificateFacts = { 
/**
 * What it is for: a name, or the file it is in.
 */
name: string, source: CertificateSource, 
/**
 * Its last moment; absent while this server's own serves.
 */
until: Millis | null, 
/**
 * Why there is no newer one, in the words of whoever refused.
 */
trouble: string | null, next_try: Millis | null, };

export type CertificateSource = "acme" | "file" | "own";

export type Finding = { "type": "silent" } | { "type": "certificate_ends", name: string, until: Millis, } | { "type": "certificate_trouble", name: string, } | { "type": "disk_full", free: number, } | { "type": "restart", settings: Array<string>, } | { "type": "draining" };

export type ActLog = { acts: Array<NotedAct>, 
/**
 * There are older ones.
 */
more: boolean, };

export type NotedAct = { 
/**
 * Counts up.
 */
id: number, time: Millis, 
/**
 * None: on the server itself, by its command line.
 */
by: Named | null, whom: Named | null, act: Act, };

export type Act = { "type": "renamed", from: Name, to: Name, } | { "type": "role_changed", from: Role, to: Role, } | { "type": "disabled" } | { "type": "enabled" } | { "type": "signed_out" } | { "type": "device_signed_out", device: Name, } | { "type": "reset_made" } | { "type": "quota_set", from: number | null, 
/**
 * None: that of the role again.
 */
to: number | null, } | { "type": "invite_made", invite: InviteId, uses: number, } | { "type": "invite_revoked", invite: InviteId, } | { "type": "backed_up" } | { "type": "authority_replaced" };

export type SetQuota = { 
/**
 * Has to be there, so that nobody lifts a quota by a typing mistake.
 */
quota: number | null, };
