//! Connections: who they belong to, and sets of them to deliver to.

use std::sync::Arc;

use super::resume::Resume;
use super::timers::Timer;
use super::{Output, Recipients, Rooms};
use crate::pure::wire::{
    AccountId, ApiError, CloseCode, DeviceId, Event, Millis, Reply, SessionId,
};

/// Names a connection; given by the shell and never given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// Who a connection belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    pub account: AccountId,
    pub device: DeviceId,
    pub session: SessionId,
    /// When the session expires, unless it is used before then.
    pub expires: Millis,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) who: Identity,
    /// Its hello has come.
    pub(super) ready: bool,
    /// It is being closed: what it still says does not count.
    pub(super) closed: bool,
    /// When its person last did something with it.
    pub(super) used: Millis,
    /// What it still has to get of the past.
    pub(super) resume: Option<Box<Resume>>,
}

/// A command to be answered: where, and under which number. Without a number
/// there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asker {
    pub(super) connection: ConnectionId,
    pub(super) id: Option<u32>,
}

/// A set of connections, shared with the outputs that name it.
#[derive(Debug, Default)]
pub(super) struct Audience(Arc<Vec<ConnectionId>>);

impl Audience {
    pub(super) fn add(&mut self, connection: ConnectionId) {
        Arc::make_mut(&mut self.0).push(connection);
    }

    pub(super) fn remove(&mut self, connection: ConnectionId) {
        if let Some(at) = self.0.iter().position(|c| *c == connection) {
            Arc::make_mut(&mut self.0).swap_remove(at);
        }
    }

    pub(super) fn recipients(&self) -> Recipients {
        Recipients::Many(Arc::clone(&self.0))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = ConnectionId> {
        self.0.iter().copied()
    }
}

impl Rooms {
    /// A connection opened. Nothing is sent to it before its hello.
    pub fn handle_connect(&mut self, connection: ConnectionId, who: Identity) {
        let link = Link { who, ready: false, closed: false, used: Millis(0), resume: None };
        self.links.insert(connection, link);
        self.timers.set(who.expires, Timer::Session(connection));
    }

    /// A connection is gone.
    pub fn handle_disconnect(&mut self, now: Millis, connection: ConnectionId) {
        let Some(link) = self.links.remove(&connection) else { return };
        self.timers.clear(link.who.expires, Timer::Session(connection));
        if !link.ready {
            return;
        }
        self.ready.remove(connection);
        self.visitors.remove(connection);
        let mine = self.person(link.who.account).map(|p| p.conversations.clone());
        for conversation in mine.unwrap_or_default() {
            self.conversations.forget(conversation, connection);
        }
        self.detach_legs(now, connection, link.who);
        self.leave_presence(now, connection, link.who.account);
    }

    pub(super) fn close(&mut self, connection: ConnectionId, code: CloseCode) {
        if let Some(link) = self.links.get_mut(&connection)
            && !std::mem::replace(&mut link.closed, true)
        {
            self.outputs.push_back(Output::Close { connection, code });
        }
    }

    pub(super) fn reply(&mut self, to: Asker, reply: Reply) {
        if let Some(id) = to.id
            && self.links.contains_key(&to.connection)
        {
            self.deliver(Recipients::One(to.connection), Event::Reply { id, reply });
        }
    }

    pub(super) fn refuse(&mut self, to: Asker, error: ApiError) {
        if to.id.is_some() && self.links.contains_key(&to.connection) {
            self.deliver(Recipients::One(to.connection), Event::Error { id: to.id, error });
        }
    }
}
