//! Who may do what to a conversation, and what that makes of it.

use super::link::verify_join;
use super::{
    Control, ControlState, Hash, History, LinkState, MemberState, NewLink, NewMember, Newcomer, Op,
    Refusal, Signature,
};
use crate::pure::wire::limits::{LINKS, ROOM_MEMBERS};
use crate::pure::wire::{AccountId, ConversationKind, GranteeId, LinkId, MemberRole, Millis, Name};

/// What an event does, before epoch and hash are compared.
pub(super) struct Effect {
    pub(super) state: ControlState,
    pub(super) newcomers: Vec<Newcomer>,
    /// Those who get the secrets of epochs that began before they came.
    pub(super) readable: Readable,
    pub(super) rotates: bool,
}

/// Which earlier epochs go to whom.
pub(super) enum Readable {
    /// None.
    None,
    /// All from the first.
    All(Vec<GranteeId>),
    /// The one in force.
    Current(GranteeId),
}

/// The creation of a conversation.
pub(super) fn begin(event: &Control) -> Result<Effect, Refusal> {
    let Op::Create { kind, name, history, members } = &event.op else {
        return Err(Refusal::Beginning);
    };
    if (*kind == ConversationKind::Room) != name.is_some() {
        return Err(Refusal::Name);
    }
    check_founders(event.header.account, *kind, members)?;
    if members.iter().any(|member| member.via.is_some()) {
        return Err(Refusal::Via);
    }
    let mut state = ControlState {
        conversation: event.header.conversation,
        kind: *kind,
        history: *history,
        name: name.clone(),
        members: Vec::new(),
        links: Vec::new(),
        index: 0,
        last: Hash::ZERO,
        epoch: 1,
        commit: event.commit,
    };
    enter(&mut state, members)?;
    let newcomers = members.iter().map(NewMember::newcomer).collect();
    Ok(Effect { state, newcomers, readable: Readable::None, rotates: true })
}

fn check_founders(
    creator: AccountId,
    kind: ConversationKind,
    members: &[NewMember],
) -> Result<(), Refusal> {
    let (first, others) = members.split_first().ok_or(Refusal::Founders)?;
    let fit = match kind {
        ConversationKind::Everyone => first.role == MemberRole::Manager && others.is_empty(),
        ConversationKind::Room => first.role == MemberRole::Manager,
        ConversationKind::Direct => {
            others.len() == 1 && members.iter().all(|m| m.role == MemberRole::Member)
        }
    };
    (fit && first.account == creator).then_some(()).ok_or(Refusal::Founders)
}

/// Any later event, applied to the state before it.
pub(super) fn apply(event: &Control, before: &ControlState, at: Millis) -> Result<Effect, Refusal> {
    let signer = event.header.account;
    let change = Change { before, state: before.clone(), signer };
    match &event.op {
        Op::Create { .. } => Err(Refusal::Beginning),
        Op::Add { members } => change.add(members, at),
        Op::Join { link, member, signature } => {
            change.join(*link, *member, signature, event.index, at)
        }
        Op::Remove { account } => change.remove(*account),
        Op::Leave {} => change.leave(),
        Op::Rotate {} => change.rotate(),
        Op::Role { account, role } => change.set_role(*account, *role),
        Op::Rename { name } => change.rename(name),
        Op::LinkAdd { link } => change.add_link(link),
        Op::LinkRevoke { link } => change.revoke_link(*link, at),
        Op::Readmit { member } => change.readmit(*member),
    }
}

struct Change<'a> {
    before: &'a ControlState,
    state: ControlState,
    signer: AccountId,
}

impl Change<'_> {
    fn add(mut self, members: &[NewMember], at: Millis) -> Result<Effect, Refusal> {
        self.signer_above_guest()?;
        self.not_direct()?;
        if members.is_empty() {
            return Err(Refusal::Nobody);
        }
        if members.iter().any(|member| member.role == MemberRole::Manager) {
            return Err(Refusal::NewRole);
        }
        for member in members {
            let Some(link) = member.via else { continue };
            let link = self.in_force(link, at)?;
            if !link.lobby || link.role != member.role {
                return Err(Refusal::Via);
            }
        }
        enter(&mut self.state, members)?;
        let newcomers = members.iter().map(NewMember::newcomer).collect();
        Ok(match self.state.history {
            History::All => {
                let to = members.iter().map(|member| member.account.into()).collect();
                self.stays(newcomers, Readable::All(to))
            }
            History::SinceJoin => self.rotates(newcomers, Readable::None),
        })
    }

    fn join(
        mut self,
        link: LinkId,
        member: NewMember,
        signature: &Signature,
        index: u32,
        at: Millis,
    ) -> Result<Effect, Refusal> {
        let link = self.in_force(link, at)?;
        if link.lobby {
            return Err(Refusal::Lobby);
        }
        if member.account != self.signer || member.role != link.role {
            return Err(Refusal::JoinOther);
        }
        if member.via.is_some() {
            return Err(Refusal::Via);
        }
        let NewMember { account, identity, .. } = member;
        let conversation = self.state.conversation;
        if !verify_join(&link.sign, conversation, index, account, &identity, signature) {
            return Err(Refusal::JoinSignature);
        }
        enter(&mut self.state, &[NewMember { via: Some(link.id), ..member }])?;
        let readable = match self.state.history {
            History::All => Readable::All(vec![account.into()]),
            History::SinceJoin => Readable::Current(account.into()),
        };
        Ok(self.stays(vec![member.newcomer()], readable))
    }

    fn remove(mut self, account: AccountId) -> Result<Effect, Refusal> {
        self.signer_is_manager()?;
        if account == self.signer {
            return Err(Refusal::Oneself);
        }
        let place = self.place(account)?;
        self.state.members.remove(place);
        Ok(self.rotates(Vec::new(), Readable::None))
    }

    fn leave(mut self) -> Result<Effect, Refusal> {
        self.role()?;
        if self.state.kind != ConversationKind::Room {
            return Err(Refusal::Kind);
        }
        let place = self.place(self.signer)?;
        self.state.members.remove(place);
        if !has_manager(&self.state) {
            let mut rest = self.state.members.iter_mut();
            if let Some(heir) = rest.find(|member| member.role != MemberRole::Guest) {
                heir.role = MemberRole::Manager;
            }
        }
        Ok(self.stays(Vec::new(), Readable::None))
    }

    fn rotate(self) -> Result<Effect, Refusal> {
        self.signer_above_guest()?;
        Ok(self.rotates(Vec::new(), Readable::None))
    }

    fn set_role(mut self, account: AccountId, role: MemberRole) -> Result<Effect, Refusal> {
        self.signer_is_manager()?;
        let place = self.place(account)?;
        if self.state.members[place].role == role {
            return Err(Refusal::Nothing);
        }
        self.state.members[place].role = role;
        if role != MemberRole::Guest {
            self.state.members[place].via = None;
        }
        if !has_manager(&self.state) {
            return Err(Refusal::LastManager);
        }
        Ok(self.stays(Vec::new(), Readable::None))
    }

    fn rename(mut self, name: &Name) -> Result<Effect, Refusal> {
        self.signer_is_manager()?;
        if self.state.kind != ConversationKind::Room {
            return Err(Refusal::Kind);
        }
        self.state.name = Some(name.clone());
        Ok(self.stays(Vec::new(), Readable::None))
    }

    fn add_link(mut self, link: &NewLink) -> Result<Effect, Refusal> {
        self.signer_above_guest()?;
        let NewLink { id, sign, seal, role, expires, lobby } = *link;
        let fits = match self.state.kind {
            ConversationKind::Everyone => role == MemberRole::Member && !lobby,
            ConversationKind::Room => role == MemberRole::Guest,
            ConversationKind::Direct => return Err(Refusal::Kind),
        };
        if !fits {
            return Err(Refusal::LinkRole);
        }
        // Grants name accounts and links alike, so that their ids must differ too.
        let mut taken = self.state.members.iter().map(|member| GranteeId::from(member.account));
        if self.state.link(id).is_some() || taken.any(|taken| taken == id.into()) {
            return Err(Refusal::LinkTwice);
        }
        if self.state.links.len() >= LINKS {
            return Err(Refusal::TooMany);
        }
        let by = self.signer;
        self.state.links.push(LinkState { id, sign, seal, role, expires, lobby, by });
        Ok(match self.state.history {
            History::All if lobby => self.stays(Vec::new(), Readable::None),
            History::All => self.stays(Vec::new(), Readable::All(vec![id.into()])),
            History::SinceJoin => self.rotates(Vec::new(), Readable::None),
        })
    }

    /// Those who came by the link and are still guests go with it.
    fn revoke_link(mut self, id: LinkId, at: Millis) -> Result<Effect, Refusal> {
        self.signer_above_guest()?;
        let place = self.state.links.iter().position(|link| link.id == id);
        let place = place.ok_or(Refusal::NoSuchLink)?;
        let link = &self.state.links[place];
        if link.by != self.signer && link.in_force(at) {
            self.signer_is_manager()?;
        }
        self.state.links.remove(place);
        self.state.members.retain(|m| m.via != Some(id) || m.role != MemberRole::Guest);
        Ok(self.rotates(Vec::new(), Readable::None))
    }

    fn readmit(mut self, member: Newcomer) -> Result<Effect, Refusal> {
        self.signer_above_guest()?;
        if member.account == self.signer {
            return Err(Refusal::Oneself);
        }
        let place = self.place(member.account)?;
        if self.state.members[place].identity == member.identity {
            return Err(Refusal::Nothing);
        }
        self.state.members[place].identity = member.identity;
        let readable = match self.state.history {
            History::All => Readable::All(vec![member.account.into()]),
            History::SinceJoin => Readable::None,
        };
        Ok(self.rotates(vec![member], readable))
    }

    fn in_force(&self, id: LinkId, at: Millis) -> Result<LinkState, Refusal> {
        let link = self.before.link(id).filter(|link| link.in_force(at));
        link.copied().ok_or(Refusal::NoSuchLink)
    }

    fn role(&self) -> Result<MemberRole, Refusal> {
        self.before.member(self.signer).map(|member| member.role).ok_or(Refusal::NotMember)
    }

    fn signer_above_guest(&self) -> Result<(), Refusal> {
        (self.role()? != MemberRole::Guest).then_some(()).ok_or(Refusal::Role)
    }

    fn signer_is_manager(&self) -> Result<(), Refusal> {
        (self.role()? == MemberRole::Manager).then_some(()).ok_or(Refusal::Role)
    }

    fn not_direct(&self) -> Result<(), Refusal> {
        (self.state.kind != ConversationKind::Direct).then_some(()).ok_or(Refusal::Kind)
    }

    fn place(&self, account: AccountId) -> Result<usize, Refusal> {
        let place = self.state.members.iter().position(|member| member.account == account);
        place.ok_or(Refusal::NoSuchMember)
    }

    fn stays(self, newcomers: Vec<Newcomer>, readable: Readable) -> Effect {
        Effect { state: self.state, newcomers, readable, rotates: false }
    }

    fn rotates(self, newcomers: Vec<Newcomer>, readable: Readable) -> Effect {
        Effect { state: self.state, newcomers, readable, rotates: true }
    }
}

fn has_manager(state: &ControlState) -> bool {
    state.members.iter().any(|member| member.role == MemberRole::Manager)
}

fn enter(state: &mut ControlState, members: &[NewMember]) -> Result<(), Refusal> {
    for NewMember { account, identity, role, via } in members {
        let id = GranteeId::from(*account);
        let taken = state.links.iter().any(|link| GranteeId::from(link.id) == id);
        if taken || state.member(*account).is_some() {
            return Err(Refusal::AlreadyMember);
        }
        let full = state.kind == ConversationKind::Room && state.members.len() >= ROOM_MEMBERS;
        if full {
            return Err(Refusal::TooMany);
        }
        let (account, identity, role, via) = (*account, *identity, *role, *via);
        state.members.push(MemberState { account, identity, role, via });
    }
    Ok(())
}
