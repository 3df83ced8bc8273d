//! Links of rooms, those who come by them, and accounts without a password.
//!
//! An invite is a link of Everyone and has its own bodies in [`super::api`].

use serde::{Deserialize, Serialize};

use super::api::{AccountRecords, InviteLink, NewKeys, PostControl};
use super::{
    AccountId, Blob, ControlEvent, ConversationId, DeviceId, LinkId, Millis, Name, OwnGrant,
    SignedRecord,
};

/// Somebody who has a link and waits to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Knock {
    pub account: AccountId,
    pub link: LinkId,
    /// By the link's key: that this account, with its key, asks; 64 bytes.
    pub signature: Blob,
    pub time: Millis,
}

/// Where an account waits to be let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Waiting {
    pub conversation: ConversationId,
    pub link: LinkId,
}

/// `POST /conversations/{id}/links`: adds a link of a room. Answered by [`Link`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CreateLink {
    /// Chosen by the client, together with the secret; the id of the link in `control`.
    pub id: LinkId,
    pub link: InviteLink,
    /// The `link_add`, with an end within 90 days.
    pub control: PostControl,
    /// How many may come by it, 1 to 1,000.
    pub uses: u32,
}

/// One row of `GET /conversations/{id}/links`. `DELETE /conversations/{id}/links/{link}` with a
/// [`PostControl`] of the `link_revoke` ends it, answered by [`super::Placed`]: guests that came
/// by it leave, and their sessions end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Link {
    pub id: LinkId,
    pub conversation: ConversationId,
    pub by: AccountId,
    pub created: Millis,
    pub expires: Millis,
    /// How many have come by it.
    pub uses: u32,
    pub max_uses: u32,
    /// A member must let each one in.
    pub lobby: bool,
    pub revoked: bool,
}

/// `GET /conversations/{id}/links`, for members who are no guests.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Links {
    pub links: Vec<Link>,
}

/// `POST /links/open`: what a link leads to. 404 when used up, expired, revoked or guessed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OpenLink {
    pub link: LinkId,
    /// Derived from the secret in the link's fragment.
    pub auth: Blob,
}

/// Who made a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Host {
    pub id: AccountId,
    pub name: Name,
}

/// Where a link leads, and what is needed to join by it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OpenedLink {
    pub by: Host,
    pub conversation: ConversationId,
    /// Of the room; none when a member must let in, who alone decides what to tell.
    pub name: Option<Name>,
    /// A member must let in: knock. The rest is empty then.
    pub lobby: bool,
    pub expires: Millis,
    /// The control log from the beginning.
    pub control: Vec<ControlEvent>,
    /// The records of all who signed in the log or are members.
    pub records: Vec<AccountRecords>,
    /// The grants of the link.
    pub grants: Vec<OwnGrant>,
}

/// `POST /guests/start`: begins an account without a password.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct GuestStart {
    pub link: LinkId,
    pub auth: Blob,
    /// Others may have the same.
    pub name: Name,
}

/// What the guest will be called.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct GuestStarted {
    /// Names this guest in `finish`; one minute.
    pub guest: Blob,
    pub account: AccountId,
    pub device: DeviceId,
}

/// `POST /guests/finish`: makes the account and signs it in (cookie), until the link ends.
/// `conflict` when the log went on meanwhile: prepare the join anew and finish again.
/// Answered by [`super::api::Session`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct GuestFinish {
    pub guest: Blob,
    /// Version 1, with the one device.
    pub record: SignedRecord,
    pub device_name: Name,
    /// The `join` by a link that lets in at once.
    pub join: Option<PostControl>,
    /// The signature of the knock at one that does not, 64 bytes.
    pub knock: Option<Blob>,
}

/// `POST /links/{id}/join`: somebody who is signed in joins. Answered by [`super::Placed`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct JoinLink {
    pub auth: Blob,
    /// The `join`.
    pub control: PostControl,
}

/// `POST /links/{id}/knock`: somebody who is signed in asks to be let in; asking again renews it.
/// `DELETE /links/{id}/knock` takes it back. A member lets in by an `add` that names the link,
/// or turns away by `DELETE /conversations/{id}/knocks/{account}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct KnockLink {
    pub auth: Blob,
    pub signature: Blob,
}

/// `POST /account/keep/start`: a guest chooses a password. Answered by
/// [`super::api::PasswordStarted`]; `name_taken` when somebody else has the name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct KeepStart {
    pub name: Name,
    /// OPAQUE registration request, 32 bytes.
    pub request: Blob,
}

/// `POST /account/keep/finish`: from now on an ordinary account. Answered by
/// [`super::api::Session`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct KeepFinish {
    pub registration: Blob,
    /// OPAQUE registration record, 192 bytes.
    pub record: Blob,
    /// The record is the newest one, unchanged.
    pub keys: NewKeys,
}
