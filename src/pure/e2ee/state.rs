//! What a conversation's control log amounts to: its members, links and the
//! epoch in force. Client and server compute it alike and compare its hash.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Hash, History, SealKey, VerifyKey, label};
use crate::pure::wire::{
    AccountId, ConversationId, ConversationKind, LinkId, MemberRole, Millis, Name,
};

/// The state after some control event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlState {
    pub conversation: ConversationId,
    pub kind: ConversationKind,
    pub history: History,
    pub name: Option<Name>,
    /// In order of joining.
    pub members: Vec<MemberState>,
    /// In order of adding; those that expired stay until they are revoked.
    pub links: Vec<LinkState>,
    /// The index of the last event.
    pub index: u32,
    /// The hash of the last event's payload.
    pub last: Hash,
    /// The epoch in force.
    pub epoch: u32,
    /// The commitment to its secret.
    pub commit: Hash,
}

/// A member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberState {
    pub account: AccountId,
    /// The fingerprint of the signing key by which it was let in.
    pub identity: Hash,
    pub role: MemberRole,
    /// The link it came by, while it is there as a guest.
    pub via: Option<LinkId>,
}

/// A link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkState {
    pub id: LinkId,
    pub sign: VerifyKey,
    pub seal: SealKey,
    pub role: MemberRole,
    pub expires: Option<Millis>,
    pub lobby: bool,
    /// Who made it and so may revoke it; not part of the hash.
    pub by: AccountId,
}

impl ControlState {
    /// The member with this account.
    pub fn member(&self, account: AccountId) -> Option<&MemberState> {
        self.members.iter().find(|member| member.account == account)
    }

    /// The link with this id, expired or not.
    pub fn link(&self, id: LinkId) -> Option<&LinkState> {
        self.links.iter().find(|link| link.id == id)
    }

    /// What a control event must name as the state after it.
    pub fn hash(&self) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(label::signed("state", &[]));
        hasher.update([kind_byte(self.kind), history_byte(self.history)]);
        let name = self.name.as_ref().map_or("", Name::as_str);
        hasher.update(u16::try_from(name.len()).expect("a name is short").to_be_bytes());
        hasher.update(name);
        hasher.update(count(self.members.len()));
        for member in &self.members {
            hasher.update(member.account.as_bytes());
            hasher.update(member.identity);
            hasher.update([role_byte(member.role)]);
            hasher.update(member.via.map_or([0; 16], |link| *link.as_bytes()));
        }
        hasher.update(count(self.links.len()));
        for link in &self.links {
            hasher.update(link.id.as_bytes());
            hasher.update(link.sign.as_bytes());
            hasher.update(link.seal.as_bytes());
            hasher.update([role_byte(link.role)]);
            hasher.update(link.expires.unwrap_or_default().0.to_be_bytes());
            hasher.update([u8::from(link.lobby)]);
        }
        Hash::new(hasher.finalize().into())
    }
}

impl LinkState {
    /// Whether it still lets anybody in at this time.
    pub fn in_force(&self, at: Millis) -> bool {
        self.expires.is_none_or(|expires| at < expires)
    }
}

fn count(length: usize) -> [u8; 4] {
    u32::try_from(length).expect("a payload has far fewer").to_be_bytes()
}

fn kind_byte(kind: ConversationKind) -> u8 {
    match kind {
        ConversationKind::Everyone => 0,
        ConversationKind::Room => 1,
        ConversationKind::Direct => 2,
    }
}

fn history_byte(history: History) -> u8 {
    match history {
        History::All => 0,
        History::SinceJoin => 1,
    }
}

fn role_byte(role: MemberRole) -> u8 {
    match role {
        MemberRole::Member => 0,
        MemberRole::Manager => 1,
        MemberRole::Guest => 2,
    }
}
