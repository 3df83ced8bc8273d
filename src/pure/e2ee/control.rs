//! Control events: who is in a conversation, in which role, under which keys.
//!
//! Their payload is readable JSON inside a signed envelope. An event says what
//! changes and the hash of the state that results; [`super::state`] has the
//! state and [`super::step`] the rules by which one leads to the next.

use serde::Deserialize;

use super::json::{clean_name, moment, nullable_clean_name, nullable_moment, present};
use super::{EnvelopeKind, Hash, Header, SealKey, Signature, Verified, VerifyKey, label};
use crate::pure::wire::{
    AccountId, ConversationKind, EnvelopeId, LinkId, MemberRole, Millis, Name,
};

/// A control event out of a verified envelope; whether it is allowed is not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    pub header: Header,
    pub id: EnvelopeId,
    /// From 0.
    pub index: u32,
    /// The hash of the payload before.
    pub prev: Hash,
    /// In force after it.
    pub epoch: u32,
    /// The commitment to that epoch's secret.
    pub commit: Hash,
    /// The hash of the state after it.
    pub state: Hash,
    /// By the signer's clock.
    pub ts: Millis,
    pub op: Op,
    /// SHA-256 of the payload, which the next event and the grants name.
    pub hash: Hash,
}

/// What an event does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// Begins the conversation; its first member is the signer.
    Create {
        kind: ConversationKind,
        #[serde(deserialize_with = "nullable_clean_name")]
        name: Option<Name>,
        history: History,
        members: Vec<NewMember>,
    },
    Add {
        members: Vec<NewMember>,
    },
    /// The signer comes in by a link.
    Join {
        link: LinkId,
        member: NewMember,
        signature: Signature,
    },
    Remove {
        account: AccountId,
    },
    Leave {},
    /// A new epoch and nothing else.
    Rotate {},
    Role {
        account: AccountId,
        role: MemberRole,
    },
    Rename {
        #[serde(deserialize_with = "clean_name")]
        name: Name,
    },
    LinkAdd {
        link: NewLink,
    },
    LinkRevoke {
        link: LinkId,
    },
    /// Accepts the new identity of a member that lost its old one.
    Readmit {
        member: Newcomer,
    },
}

/// Which epochs a new member gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum History {
    /// All.
    All,
    /// Those from when it joined.
    SinceJoin,
}

/// An account by the key that it is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Newcomer {
    pub account: AccountId,
    /// The fingerprint of its signing key.
    #[serde(rename = "as")]
    pub identity: Hash,
}

/// A member as it comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    pub account: AccountId,
    /// The fingerprint of its signing key.
    #[serde(rename = "as")]
    pub identity: Hash,
    pub role: MemberRole,
    /// The link at which it knocked.
    #[serde(default, deserialize_with = "present")]
    pub via: Option<LinkId>,
}

/// A link as it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLink {
    pub id: LinkId,
    pub sign: VerifyKey,
    pub seal: SealKey,
    /// What those become that join by it; never manager.
    pub role: MemberRole,
    #[serde(deserialize_with = "nullable_moment")]
    pub expires: Option<Millis>,
    /// A member must let each one in.
    pub lobby: bool,
}

/// Why the body of an envelope is no control event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidControl {
    #[error("the envelope is of another kind")]
    Kind,
    #[error("the payload is not well-formed: {0}")]
    Format(String),
    #[error("the payload has another version")]
    Version,
    #[error("header and payload name different epochs")]
    Epoch,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    v: u32,
    index: u32,
    prev: Hash,
    epoch: u32,
    commit: Hash,
    state: Hash,
    #[serde(deserialize_with = "moment")]
    ts: Millis,
    op: Op,
}

impl Control {
    /// Reads the event in an envelope.
    pub fn parse(envelope: &Verified) -> Result<Self, InvalidControl> {
        let header = envelope.header().clone();
        if header.kind != EnvelopeKind::Control {
            return Err(InvalidControl::Kind);
        }
        let payload: Payload = serde_json::from_slice(envelope.body())
            .map_err(|error| InvalidControl::Format(error.to_string()))?;
        if payload.v != 1 {
            return Err(InvalidControl::Version);
        }
        if payload.epoch != header.epoch {
            return Err(InvalidControl::Epoch);
        }
        let Payload { index, prev, epoch, commit, state, ts, op, .. } = payload;
        let (id, hash) = (envelope.id(), label::sha256(envelope.body()));
        Ok(Self { header, id, index, prev, epoch, commit, state, ts, op, hash })
    }
}

impl NewMember {
    /// Without the role.
    pub fn newcomer(&self) -> Newcomer {
        Newcomer { account: self.account, identity: self.identity }
    }
}
