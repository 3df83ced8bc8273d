//! A worker's letter box: what the hub, other workers and those who accept streams say.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::sync::mpsc;

use super::bell::Bell;
use super::stream::Stream;
use crate::pure::auth::relay::Revocation;
use crate::pure::turn::News;

/// What the worker is told.
#[derive(Debug)]
pub(super) enum Mail {
    /// A stream of a client with this address is the worker's from now on.
    Stream(Box<Stream>, SocketAddr),
    /// The hub has taken something back.
    Revoked(Revocation),
    /// This computer's addresses now.
    Own(Arc<[IpAddr]>),
    /// Another worker's allocations have changed.
    News(News),
    /// It is over.
    Stop,
}

/// The worker's letter box, and the bell beside it.
#[derive(Debug, Clone)]
pub(super) struct Mailbox {
    letters: mpsc::UnboundedSender<Mail>,
    bell: Arc<Bell>,
}

/// The worker's side of the letter box.
#[derive(Debug)]
pub(super) struct Letters(mpsc::UnboundedReceiver<Mail>);

impl Mailbox {
    pub(super) fn new(bell: Arc<Bell>) -> (Self, Letters) {
        let (letters, end) = mpsc::unbounded_channel();
        (Self { letters, bell }, Letters(end))
    }

    /// Puts in a letter. A worker that is gone needs no word of it. There are never
    /// many: the hub, the making of allocations and the places of streams pace them.
    pub(super) fn send(&self, mail: Mail) {
        let _ = self.letters.send(mail);
        self.bell.ring();
    }
}

impl Letters {
    /// The next one, if there is any.
    pub(super) fn next(&mut self) -> Option<Mail> {
        self.0.try_recv().ok()
    }

    /// Whether there are any.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
