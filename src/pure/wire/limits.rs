//! Sizes and rates that both sides of the protocol know.

use std::ops::RangeInclusive;

/// Characters and bytes of a name.
pub const NAME_CHARS: usize = 64;
pub const NAME_BYTES: usize = 256;

/// Bytes of a WebSocket message, which is always a single frame's worth.
pub const FRAME_BYTES: usize = 64 * 1024;

/// Bytes of a content before it is padded and sealed.
pub const BODY_BYTES: usize = 40 * 1024;

/// Bytes of an envelope of content or a call signal: what fits a frame as
/// base64 with room for the rest.
pub const ENVELOPE_BYTES: usize = 44 * 1024;

/// Bytes of the envelope of a control event.
pub const CONTROL_BYTES: usize = 512 * 1024;

/// Bytes of an HTTP request that carries a control event with its grants.
pub const CONTROL_JSON_BYTES: usize = 1024 * 1024;

/// Links in force of one conversation, at most.
pub const LINKS: usize = 100;

/// Devices in an account's record, at most, revoked ones included.
pub const DEVICES: usize = 1_000;

/// Passkeys of an account, at most.
pub const PASSKEYS: u32 = 16;

/// Bytes of a credential id, at least by our own rule, at most by that of WebAuthn.
pub const CREDENTIAL_BYTES: RangeInclusive<usize> = 16..=1023;

/// Bytes of a JSON body of an HTTP request.
pub const JSON_BYTES: usize = 64 * 1024;

/// Bytes of an avatar picture (WebP, made by the client).
pub const AVATAR_BYTES: usize = 256 * 1024;

/// Entries in one page of history.
pub const PAGE_ENTRIES: u16 = 100;

/// Bytes of envelopes in one page of history, at most; a page always has one entry.
pub const PAGE_BYTES: usize = 256 * 1024;

/// Members of a room.
pub const ROOM_MEMBERS: usize = 1_000;

/// Cursors in a `hello`.
pub const CURSORS: usize = 1_000;

/// Milliseconds after which an unanswered call is missed.
pub const RING_MS: u64 = 45_000;

/// Milliseconds that a leg of a call survives without a connection.
pub const LEG_LEASE_MS: u64 = 20_000;

/// Milliseconds after which another member is asked for a grant.
pub const GRANT_REQUEST_MS: u64 = 5_000;

/// Milliseconds until a typing notice fades unless repeated.
pub const TYPING_MS: u64 = 5_000;

/// Milliseconds within which the first frame, `hello`, must arrive.
pub const HELLO_MS: u64 = 10_000;

/// Milliseconds between the server's pings, and of silence until a connection is dead.
pub const PING_MS: u64 = 25_000;
pub const DEAD_MS: u64 = 60_000;

/// The longest file, padded, before it is sealed.
pub const FILE_BYTES: u64 = 100 * 1024 * 1024;

/// What is sealed together of a file; the last part of it may be shorter.
pub const FILE_CHUNK: u64 = 256 * 1024;

/// An upload without a new chunk for this long is gone.
pub const UPLOAD_MS: u64 = 3_600_000;

/// Unfinished uploads of one account.
pub const UPLOADS: u32 = 32;
