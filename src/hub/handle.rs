//! The handle that sessions, HTTP handlers and boot hold.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot};

use super::outbox::Outbox;
use crate::pure::e2ee::Verified;
use crate::pure::rooms::{ConnectionId, Identity, Summary};
use crate::pure::wire::{
    Account, AccountId, Call, CloseCode, CommandFrame, ConversationId, Millis, SessionId, Waiting,
};
use crate::store::{Controlled, Expired, Knocked, MadeGuest, Registered, TurnedAway};

/// A handle to the hub; clones are cheap. The hub runs until `stop`.
#[derive(Debug, Clone)]
pub struct Hub {
    mailbox: mpsc::UnboundedSender<Input>,
    /// The bound of the mailbox: commands take a permit, which the hub gives
    /// back when it has read them. What is not a command is bounded by the
    /// number of connections and requests, and must not wait behind a flood.
    room: Arc<Semaphore>,
}

/// One connection: its name in commands, and its outbox.
#[derive(Debug)]
pub struct Connection {
    pub id: ConnectionId,
    pub outbox: Outbox,
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the hub is stopping")]
    Stopping,
    #[error("the account has too many connections")]
    TooMany,
    #[error("the session has just ended")]
    SessionEnded,
}

impl Hub {
    /// The handle and the hub's end of its mailbox.
    pub(super) fn new(commands: usize) -> (Self, mpsc::UnboundedReceiver<Input>, Arc<Semaphore>) {
        let (mailbox, inputs) = mpsc::unbounded_channel();
        let room = Arc::new(Semaphore::new(commands));
        (Self { mailbox, room: Arc::clone(&room) }, inputs, room)
    }

    /// Opens a connection. It ends when its outbox is dropped.
    pub async fn connect(&self, who: Identity) -> Result<Connection, Refused> {
        let (answer, answered) = oneshot::channel();
        self.tell(Input::Connect { who, answer });
        answered.await.unwrap_or(Err(Refused::Stopping))
    }

    /// Hands a command in, with the verified envelope of it; waits while the mailbox is full.
    pub async fn command(
        &self,
        connection: ConnectionId,
        frame: CommandFrame,
        envelope: Option<Verified>,
    ) {
        // The semaphore is never closed; without a hub the command is moot anyway.
        if let Ok(permit) = self.room.acquire().await {
            permit.forget();
            let envelope = envelope.map(Box::new);
            self.tell(Input::Command { connection, frame, envelope });
        }
    }

    /// An account was made. Call it, as all that follow, right after the commit, where nothing
    /// can cancel in between.
    pub fn registered(&self, registered: Registered) {
        self.account_changed(registered.account);
        if let Some(controlled) = registered.everyone {
            self.controlled(controlled);
        }
    }

    /// A control event was stored.
    pub fn controlled(&self, controlled: Controlled) {
        if !controlled.duplicate {
            self.tell(Input::Controlled(Box::new(controlled)));
        }
    }

    /// A guest's account was made.
    pub fn guest_made(&self, made: MadeGuest) {
        self.account_changed(made.account);
        if let Some(controlled) = made.entered {
            self.controlled(controlled);
        }
        if let Some(knocked) = made.knocked {
            self.knocked(knocked);
        }
    }

    /// Somebody waits to be let in.
    pub fn knocked(&self, knocked: Knocked) {
        self.tell(Input::Knocked(Box::new(knocked)));
    }

    /// Somebody waits no longer, by their own wish.
    pub fn knocks_withdrawn(&self, account: AccountId, waiting: Vec<Waiting>) {
        for waiting in waiting {
            self.tell(Input::KnockGone { account, waiting, refused: false });
        }
    }

    /// Somebody was not let in: a guest's session is over with it.
    pub fn turned_away(&self, account: AccountId, turned: TurnedAway) {
        let TurnedAway { waiting, ended } = turned;
        self.tell(Input::GuestsEnded { sessions: ended, code: CloseCode::TurnedAway });
        self.tell(Input::KnockGone { account, waiting, refused: true });
    }

    /// The time of some links is over.
    pub fn links_expired(&self, expired: &Expired) {
        let sessions = expired.ended.clone();
        self.tell(Input::GuestsEnded { sessions, code: CloseCode::LinkEnded });
        for (conversation, link) in &expired.links {
            let waiting = Waiting { conversation: *conversation, link: *link };
            self.tell(Input::LinkExpired(waiting));
        }
    }

    /// Grants were given to members again.
    pub fn granted(&self, conversation: ConversationId, accounts: Vec<AccountId>) {
        self.tell(Input::Granted { conversation, accounts });
    }

    /// Conversations need new keys, by what happened to a member or link.
    pub fn rotation_required(&self, conversations: Vec<ConversationId>) {
        if !conversations.is_empty() {
            self.tell(Input::RotationRequired(conversations));
        }
    }

    /// An account's name, picture, role, standing or record changed.
    pub fn account_changed(&self, account: Account) {
        self.tell(Input::AccountChanged(Box::new(account)));
    }

    /// Sessions ended: closes their sockets, ends their legs and relay allocations.
    pub fn sessions_ended(&self, sessions: Vec<SessionId>) {
        self.tell(Input::SessionsEnded(sessions));
    }

    /// Counts people, connections and calls; none once the hub has stopped. That
    /// it answers shows that the hub does its work.
    pub async fn summary(&self) -> Option<Summary> {
        let (answer, answered) = oneshot::channel();
        self.tell(Input::Count(answer));
        answered.await.ok()
    }

    /// The calls in progress; none once the hub has stopped.
    pub async fn calls(&self) -> Option<Vec<Call>> {
        let (answer, answered) = oneshot::channel();
        self.tell(Input::Calls(answer));
        answered.await.ok()
    }

    /// Calls ring so long from now on.
    pub fn set_ring(&self, ring: Duration) {
        self.tell(Input::Ring(Millis(u64::try_from(ring.as_millis()).unwrap_or(u64::MAX))));
    }

    /// Saves what waits, closes all connections and ends the hub. Returns
    /// when everything is in the store.
    pub async fn stop(&self) {
        let (answer, answered) = oneshot::channel();
        self.tell(Input::Stop(answer));
        // An error means that it had stopped before.
        let _ = answered.await;
    }

    /// Tells the hub; it has no ears once it has stopped.
    fn tell(&self, input: Input) {
        let _ = self.mailbox.send(input);
    }

    /// Everything queued for the connection has been written.
    pub(super) fn writable(&self, connection: ConnectionId) {
        self.tell(Input::Writable(connection));
    }

    /// What an outbox holds on to.
    pub(super) fn drained(&self, connection: ConnectionId) -> Drained {
        Drained { connection, hub: self.clone() }
    }
}

/// What comes into the mailbox.
#[derive(Debug)]
pub(super) enum Input {
    Connect { who: Identity, answer: oneshot::Sender<Result<Connection, Refused>> },
    Command { connection: ConnectionId, frame: CommandFrame, envelope: Option<Box<Verified>> },
    Writable(ConnectionId),
    Disconnected(ConnectionId),
    Controlled(Box<Controlled>),
    Knocked(Box<Knocked>),
    KnockGone { account: AccountId, waiting: Waiting, refused: bool },
    LinkExpired(Waiting),
    GuestsEnded { sessions: Vec<SessionId>, code: CloseCode },
    Granted { conversation: ConversationId, accounts: Vec<AccountId> },
    RotationRequired(Vec<ConversationId>),
    AccountChanged(Box<Account>),
    SessionsEnded(Vec<SessionId>),
    Count(oneshot::Sender<Summary>),
    Calls(oneshot::Sender<Vec<Call>>),
    Ring(Millis),
    Stop(oneshot::Sender<()>),
}

/// Tells the hub that an outbox is empty, and at last that it is gone.
#[derive(Debug)]
pub(super) struct Drained {
    connection: ConnectionId,
    hub: Hub,
}

impl Drained {
    pub(super) fn tell(&self) {
        self.hub.writable(self.connection);
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        self.hub.tell(Input::Disconnected(self.connection));
    }
}
