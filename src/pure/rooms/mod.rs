//! Every rule of conversations, receipts, presence, resume and calls, as one
//! state machine without a runtime.
//!
//! Inputs go in by `handle_*`, each with the time; what is to be done comes
//! out of `poll_output` and `poll_timeout` says when `handle_timeout` is due.
//! Results of store operations return by `handle_stored` in the order in which
//! the operations came out. The core never waits; what
//! people write is sealed, and of control events it follows what the store has checked.
//!
//! What it promises each connection: of every conversation, the entries after
//! its cursor in rising order without a gap, and none after its removal.

mod calls;
mod commands;
mod connections;
mod control;
mod conversations;
mod directory;
mod entries;
mod grants;
mod guests;
mod messages;
mod output;
mod presence;
mod receipts;
mod resume;
mod sessions;
mod summary;
#[cfg(test)]
mod tests;
mod timers;
mod typing;

use std::collections::{HashMap, VecDeque};

use self::calls::Calls;
use self::connections::{Audience, Link};
use self::conversations::Conversations;
use self::directory::Person;
use self::grants::Requests;
use self::messages::Purpose;
use self::receipts::Unsaved;
use self::timers::Timers;
use crate::pure::wire::{
    Account, AccountId, Call, Conversation, ConversationId, Event, Knock, LinkId, Millis, Seq,
};

pub use self::connections::{ConnectionId, Identity};
pub use self::output::{Operation, Output, Recipients, Stored, Watermark};
pub use self::summary::Summary;

/// What the rooms start from.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The server's version, for `welcome`.
    pub version: String,
    pub epoch: String,
    pub accounts: Vec<Account>,
    pub conversations: Vec<Conversation>,
    /// From where on members see conversations that show newcomers nothing older.
    pub since: Vec<(ConversationId, AccountId, Seq)>,
    /// Who has been in a conversation and is no longer.
    pub former: Vec<(ConversationId, AccountId)>,
    /// Which guests came by which links.
    pub ways: Vec<(ConversationId, AccountId, LinkId)>,
    /// Who waits to be let in, the longest first.
    pub knocks: Vec<(ConversationId, Knock)>,
    /// Calls that were ringing or active when the server last stopped.
    pub calls: Vec<Call>,
    /// How long a call rings until it is missed.
    pub ring: Millis,
}

/// The state of everything that connections share.
#[derive(Debug)]
pub struct Rooms {
    version: String,
    epoch: String,
    people: HashMap<AccountId, Person>,
    conversations: Conversations,
    links: HashMap<ConnectionId, Link>,
    /// The connections after their hello: of ordinary accounts, and of guests.
    ready: Audience,
    visitors: Audience,
    calls: Calls,
    ring: Millis,
    unsaved: Unsaved,
    requests: Requests,
    /// What the operations under way are for, oldest first.
    purposes: VecDeque<Purpose>,
    timers: Timers,
    outputs: VecDeque<Output>,
}

impl Rooms {
    /// The rooms as the store has them; the leases of open calls begin now.
    pub fn new(now: Millis, opening: Opening) -> Self {
        let mut rooms = Self {
            version: opening.version,
            epoch: opening.epoch,
            people: HashMap::new(),
            conversations: Conversations::default(),
            links: HashMap::new(),
            ready: Audience::default(),
            visitors: Audience::default(),
            calls: Calls::default(),
            ring: opening.ring,
            unsaved: Unsaved::default(),
            requests: Requests::default(),
            purposes: VecDeque::new(),
            timers: Timers::default(),
            outputs: VecDeque::new(),
        };
        for account in opening.accounts {
            rooms.people.insert(account.id, Person::new(account));
        }
        for conversation in opening.conversations {
            rooms.open(conversation);
        }
        for (conversation, account, since) in opening.since {
            if let Some(state) = rooms.conversations.find_mut(conversation) {
                state.from_joining = true;
                state.since.insert(account, since);
            }
        }
        for (conversation, account) in opening.former {
            if let Some(state) = rooms.conversations.find_mut(conversation) {
                state.former.insert(account);
            }
        }
        for (conversation, account, link) in opening.ways {
            if let Some(state) = rooms.conversations.find_mut(conversation) {
                state.ways.insert(account, link);
            }
        }
        for (conversation, knock) in opening.knocks {
            rooms.handle_knock(conversation, knock);
        }
        for call in opening.calls {
            rooms.resume_call(now, call);
        }
        rooms
    }

    /// The next thing to do. To be polled until there is none after every input.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When `handle_timeout` is due.
    pub fn poll_timeout(&self) -> Option<Millis> {
        self.timers.next()
    }

    /// Does what has become due.
    pub fn handle_timeout(&mut self, now: Millis) {
        while let Some(timer) = self.timers.pop(now) {
            self.expire(now, timer);
        }
    }

    /// Calls ring so long from now on.
    pub fn set_ring(&mut self, ring: Millis) {
        self.ring = ring;
    }

    /// The server stops: saves what waits. Connections are the shell's to close.
    pub fn handle_stop(&mut self) {
        self.save_watermarks();
        self.save_ended_calls();
    }

    /// An account was made, or its name, picture, role, standing or record changed.
    pub fn handle_account_changed(&mut self, now: Millis, account: Account) {
        self.put_account(now, account);
    }

    fn deliver(&mut self, to: Recipients, event: Event) {
        if !to.is_empty() {
            self.outputs.push_back(Output::Deliver { to, event, lossy: false });
        }
    }

    fn deliver_lossy(&mut self, to: Recipients, event: Event) {
        if !to.is_empty() {
            self.outputs.push_back(Output::Deliver { to, event, lossy: true });
        }
    }

    fn store(&mut self, operation: Operation, purpose: Purpose) {
        self.purposes.push_back(purpose);
        self.outputs.push_back(Output::Store(operation));
    }
}
