//! A worker's letter boxes: what streams, the hub and other workers say.

use std::sync::Arc;

use bytes::BytesMut;
use tokio::sync::mpsc;

use super::bell::Bell;
use super::outbox::Outbox;
use super::way::Carrier;
use crate::pure::auth::relay::Revocation;
use crate::pure::turn::{Client, News};

/// What the worker is told.
#[derive(Debug)]
pub(super) enum Mail {
    /// A stream may now get messages.
    Opened { client: Client, carrier: Carrier, outbox: Outbox },
    /// Whole messages, one behind the other, as they came.
    Messages { client: Client, bytes: BytesMut },
    /// A stream has ended.
    Closed { client: Client },
    /// The hub has taken something back.
    Revoked(Revocation),
    /// Another worker's allocations have changed.
    News(News),
    /// It is over.
    Stop,
}

/// The worker's two letter boxes, and the bell beside them. Orders do not
/// wait behind media.
#[derive(Debug, Clone)]
pub(super) struct Mailbox {
    media: mpsc::Sender<Mail>,
    orders: mpsc::UnboundedSender<Mail>,
    bell: Arc<Bell>,
}

/// The worker's side of the letter boxes.
#[derive(Debug)]
pub(super) struct Letters {
    media: mpsc::Receiver<Mail>,
    orders: mpsc::UnboundedReceiver<Mail>,
}

/// The worker has ended.
#[derive(Debug)]
pub(super) struct Gone;

impl Mailbox {
    pub(super) fn new(bell: Arc<Bell>) -> (Self, Letters) {
        let (media, media_end) = mpsc::channel(MAILBOX);
        let (orders, orders_end) = mpsc::unbounded_channel();
        (Self { media, orders, bell }, Letters { media: media_end, orders: orders_end })
    }

    /// Puts in what a stream says, once there is room.
    pub(super) async fn send(&self, mail: Mail) -> Result<(), Gone> {
        self.media.send(mail).await.map_err(|_| Gone)?;
        self.bell.ring();
        Ok(())
    }

    /// Puts in what must be done. A worker that is gone needs no word of it.
    /// There are never many: the hub and the making of allocations pace them.
    pub(super) fn order(&self, mail: Mail) {
        let _ = self.orders.send(mail);
        self.bell.ring();
    }
}

impl Letters {
    /// The next order, if there is any.
    pub(super) fn order(&mut self) -> Option<Mail> {
        self.orders.try_recv().ok()
    }

    /// The next that a stream says, if there is any.
    pub(super) fn media(&mut self) -> Option<Mail> {
        self.media.try_recv().ok()
    }

    /// Whether there are any.
    pub(super) fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.media.is_empty()
    }
}

/// Reads of streams that may wait for the worker; a stream whose read finds
/// no room waits, and with it only its own client.
const MAILBOX: usize = 1024;
