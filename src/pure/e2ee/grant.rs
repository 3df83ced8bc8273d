//! Grants: the secret of an epoch, sealed to one member or link.
//!
//! The server cannot see what is inside; it makes sure that with a control
//! event comes exactly one for everybody who must be able to read.

use std::collections::HashSet;

use super::rules::Readable;
use super::{ControlState, Hash, LinkState};
use crate::pure::wire::{AccountId, Grant, GranteeId};

/// Bytes of HPKE's encapsulated key.
pub const ENC_BYTES: usize = 32;

/// Bytes of a sealed epoch secret.
pub const CT_BYTES: usize = 48;

/// What an account's newest record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberKeys {
    /// The generation of its keys.
    pub generation: u32,
    /// The fingerprint of its signing key.
    pub identity: Hash,
}

/// The grants that are due, each for one grantee and epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedGrants {
    due: HashSet<(GranteeId, u32)>,
    links: HashSet<GranteeId>,
}

/// Why grants are not the due ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongGrants {
    #[error("a grant has 32 and 48 bytes")]
    Length,
    #[error("a grant is missing")]
    Missing,
    #[error("a grant is not due")]
    NotDue,
    #[error("a grant comes twice")]
    Twice,
    #[error("a grant is sealed to keys of another generation")]
    Generation,
}

impl ExpectedGrants {
    pub(super) fn of(state: &ControlState, rotates: bool, readable: Readable) -> Self {
        let links: HashSet<_> = readers(state).map(|link| link.id.into()).collect();
        let mut due = HashSet::new();
        if rotates {
            let members = state.members.iter().map(|member| member.account.into());
            due.extend(members.chain(links.iter().copied()).map(|to| (to, state.epoch)));
        }
        match readable {
            Readable::None => {}
            Readable::All(to) => {
                due.extend(to.into_iter().flat_map(|to| (1..=state.epoch).map(move |e| (to, e))));
            }
            Readable::Current(to) => {
                due.insert((to, state.epoch));
            }
        }
        Self { due, links }
    }

    /// The grantees and epochs, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (GranteeId, u32)> {
        self.due.iter().copied()
    }

    /// Whether the grants are exactly the due ones, sealed to the newest keys.
    pub fn check(
        &self,
        grants: &[Grant],
        keys: impl Fn(AccountId) -> Option<MemberKeys>,
    ) -> Result<(), WrongGrants> {
        let mut seen = HashSet::with_capacity(grants.len());
        for grant in grants {
            let place = (grant.to, grant.epoch);
            if !self.due.contains(&place) {
                return Err(WrongGrants::NotDue);
            }
            if !seen.insert(place) {
                return Err(WrongGrants::Twice);
            }
            check_one(grant, self.links.contains(&grant.to), &keys)?;
        }
        (seen.len() == self.due.len()).then_some(()).ok_or(WrongGrants::Missing)
    }
}

impl ControlState {
    /// Whether a grant may be given again, outside of any event: to a member or
    /// link, of an epoch that there is.
    pub fn check_regrant(
        &self,
        grant: &Grant,
        keys: impl Fn(AccountId) -> Option<MemberKeys>,
    ) -> Result<(), WrongGrants> {
        let link = readers(self).any(|link| GranteeId::from(link.id) == grant.to);
        let member = self.members.iter().any(|member| GranteeId::from(member.account) == grant.to);
        if !(link || member) || !(1..=self.epoch).contains(&grant.epoch) {
            return Err(WrongGrants::NotDue);
        }
        check_one(grant, link, &keys)
    }
}

/// Links that let in at once. Who comes by another is let in by a member, who grants.
fn readers(state: &ControlState) -> impl Iterator<Item = &LinkState> {
    state.links.iter().filter(|link| !link.lobby)
}

fn check_one(
    grant: &Grant,
    link: bool,
    keys: &impl Fn(AccountId) -> Option<MemberKeys>,
) -> Result<(), WrongGrants> {
    if grant.enc.len() != ENC_BYTES || grant.ct.len() != CT_BYTES {
        return Err(WrongGrants::Length);
    }
    let generation = if link {
        Some(0)
    } else {
        keys(AccountId::from_bytes(*grant.to.as_bytes())).map(|keys| keys.generation)
    };
    (generation == Some(grant.g)).then_some(()).ok_or(WrongGrants::Generation)
}
