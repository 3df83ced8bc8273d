//! From one state of the control log to the next.
//!
//! [`Control::step`] applies an event to the state before it by the rules of
//! `rules.rs`. What it gives is a [`Step`], which lets go of the new state in
//! two ways: [`Step::admit`] for a new event, with its grants and the accounts'
//! keys checked, and [`Step::replay`] for one that was admitted before.

use super::grant::ExpectedGrants;
use super::{Control, ControlState, Hash, MemberKeys, Newcomer, Op, WrongGrants, rules};
use crate::pure::wire::{AccountId, Grant, Millis};

/// An allowed event, with what it leads to.
#[derive(Debug, Clone)]
pub struct Step {
    pub(super) state: ControlState,
    /// Those whose keys come in by this event.
    pub(super) newcomers: Vec<Newcomer>,
    pub(super) grants: ExpectedGrants,
    rotates: bool,
}

/// Why a control event is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the event has not the next index")]
    Index,
    #[error("the event before this one is another")]
    Prev,
    #[error("the event belongs to another conversation")]
    Conversation,
    #[error("a conversation begins with its creation, and only with that")]
    Beginning,
    #[error("the signer is not a member")]
    NotMember,
    #[error("the signer's role does not allow it")]
    Role,
    #[error("this kind of conversation does not allow it")]
    Kind,
    #[error("rooms have a name, other conversations have none")]
    Name,
    #[error("the members a conversation begins with do not fit its kind")]
    Founders,
    #[error("nobody is named")]
    Nobody,
    #[error("the account is a member already, or named twice")]
    AlreadyMember,
    #[error("the account named is not a member")]
    NoSuchMember,
    #[error("nobody comes in with that role")]
    NewRole,
    #[error("leaving is a thing of its own")]
    Oneself,
    #[error("somebody must stay manager")]
    LastManager,
    #[error("the event changes nothing")]
    Nothing,
    #[error("there are too many members or links")]
    TooMany,
    #[error("there is a link of that id already")]
    LinkTwice,
    #[error("there is no such link in force")]
    NoSuchLink,
    #[error("a member must let in who comes by this link")]
    Lobby,
    #[error("one comes by a link by joining, or in its role by being let in")]
    Via,
    #[error("links of rooms are for guests, those of Everyone for members without a lobby")]
    LinkRole,
    #[error("one joins for oneself, in the role that the link says")]
    JoinOther,
    #[error("the signature is not that of the link")]
    JoinSignature,
    #[error("the epoch is not the one that follows")]
    Epoch,
    #[error("the commitment changes with the epoch, and only with it")]
    Commit,
    #[error("the state after the event is another")]
    State,
    #[error("the account has no keys, or others than the event says")]
    Identity,
    #[error(transparent)]
    Grants(#[from] WrongGrants),
}

impl Control {
    /// Applies the event; `at` is the server's time of it, by which links expire.
    pub fn step(&self, before: Option<&ControlState>, at: Millis) -> Result<Step, Refusal> {
        let Some(before) = before else {
            return self.begin();
        };
        if before.conversation != self.header.conversation {
            return Err(Refusal::Conversation);
        }
        if before.index.checked_add(1) != Some(self.index) {
            return Err(Refusal::Index);
        }
        if self.prev != before.last {
            return Err(Refusal::Prev);
        }
        let effect = rules::apply(self, before, at)?;
        let epoch = if effect.rotates { before.epoch.checked_add(1) } else { Some(before.epoch) };
        if epoch != Some(self.epoch) {
            return Err(Refusal::Epoch);
        }
        if (self.commit == before.commit) == effect.rotates {
            return Err(Refusal::Commit);
        }
        self.finish(effect)
    }

    /// Whether the event may go before a renewal of keys that is due: it brings
    /// a new epoch itself, or ends the signer's part.
    pub fn may_precede_rotation(&self, before: &ControlState) -> bool {
        matches!(self.op, Op::Leave {}) || self.epoch > before.epoch
    }

    fn begin(&self) -> Result<Step, Refusal> {
        if self.index != 0 {
            return Err(Refusal::Index);
        }
        if self.prev != Hash::ZERO {
            return Err(Refusal::Prev);
        }
        if self.epoch != 1 {
            return Err(Refusal::Epoch);
        }
        self.finish(rules::begin(self)?)
    }

    fn finish(&self, effect: rules::Effect) -> Result<Step, Refusal> {
        let rules::Effect { mut state, newcomers, readable, rotates } = effect;
        state.index = self.index;
        state.last = self.hash;
        state.epoch = self.epoch;
        state.commit = self.commit;
        if state.hash() != self.state {
            return Err(Refusal::State);
        }
        let grants = ExpectedGrants::of(&state, rotates, readable);
        Ok(Step { state, newcomers, grants, rotates })
    }
}

impl Step {
    /// Takes a new event in: those who come in are who they are said to be, and
    /// the grants are exactly the due ones. `keys` knows the newest record of each account.
    pub fn admit(
        self,
        grants: &[Grant],
        keys: impl Fn(AccountId) -> Option<MemberKeys>,
    ) -> Result<ControlState, Refusal> {
        for newcomer in &self.newcomers {
            if keys(newcomer.account).map(|keys| keys.identity) != Some(newcomer.identity) {
                return Err(Refusal::Identity);
            }
        }
        self.grants.check(grants, keys)?;
        Ok(self.state)
    }

    /// The state after an event that was admitted when it was new.
    pub fn replay(self) -> ControlState {
        self.state
    }

    /// Whether a new epoch begins, so that a renewal of keys that was due is done.
    pub fn rotates(&self) -> bool {
        self.rotates
    }

    /// The grants that must come with it.
    pub fn grants(&self) -> &ExpectedGrants {
        &self.grants
    }
}
