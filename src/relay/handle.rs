//! The way into the worker for streams, with the count of those there are.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

use super::Config;
use super::stream::{self, Patience};
use crate::pure::auth::relay::Revocation;
use crate::pure::turn::{Client, Link};

/// Hands accepted streams to a running relay; cheap to clone.
#[derive(Debug, Clone)]
pub struct Handle {
    mail: Mailbox,
    places: Arc<Places>,
    next: Arc<AtomicU32>,
    patience: Patience,
}

/// What the worker is told.
#[derive(Debug)]
pub(super) enum Mail {
    /// A stream may now get messages.
    Opened { client: Client, outbox: mpsc::Sender<Bytes> },
    /// Whole messages, one behind the other, as they came.
    Messages { client: Client, bytes: BytesMut },
    /// A stream has ended.
    Closed { client: Client },
    /// The hub has taken something back.
    Revoked(Revocation),
    /// It is over.
    Stop,
}

/// The worker's two letter boxes, and the bell beside them. Orders do not
/// wait behind media.
#[derive(Debug, Clone)]
pub(super) struct Mailbox {
    media: mpsc::Sender<Mail>,
    orders: mpsc::UnboundedSender<Mail>,
    bell: Arc<mio::Waker>,
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
    pub(super) fn new(bell: mio::Waker) -> (Self, Letters) {
        let (media, media_end) = mpsc::channel(MAILBOX);
        let (orders, orders_end) = mpsc::unbounded_channel();
        let mailbox = Self { media, orders, bell: Arc::new(bell) };
        (mailbox, Letters { media: media_end, orders: orders_end })
    }

    /// Puts in what a stream says, once there is room.
    pub(super) async fn send(&self, mail: Mail) -> Result<(), Gone> {
        self.media.send(mail).await.map_err(|_| Gone)?;
        self.ring();
        Ok(())
    }

    /// Puts in what must be done. A worker that is gone needs no word of it.
    pub(super) fn order(&self, mail: Mail) {
        let _ = self.orders.send(mail);
        self.ring();
    }

    fn ring(&self) {
        if let Err(error) = self.bell.wake() {
            tracing::debug!(%error, "waking the relay failed");
        }
    }
}

impl Letters {
    /// The next one, if there is any.
    pub(super) fn take(&mut self) -> Option<Mail> {
        self.orders.try_recv().ok().or_else(|| self.media.try_recv().ok())
    }

    /// Whether there are any.
    pub(super) fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.media.is_empty()
    }
}

impl Handle {
    pub(super) fn new(config: &Config, mail: Mailbox) -> Self {
        let (most, most_per_ip) = (config.streams, config.streams_per_ip);
        let places = Arc::new(Places { taken: Mutex::default(), most, most_per_ip });
        let patience = Patience { first_message: config.first_message, idle: config.idle };
        Self { mail, places, next: Arc::default(), patience }
    }

    /// Serves an accepted stream until it ends, or refuses it if its address
    /// has too many. Bytes that were already read from it must be read again
    /// from `stream`. `local` and `peer` are the ends of the connection, as
    /// the client would name them.
    pub async fn serve_stream<S>(&self, stream: S, local: SocketAddr, peer: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        if let Some(place) = self.admit(local, peer) {
            self.serve_admitted(stream, place).await;
        }
    }

    /// Takes a place for a stream, if there is one.
    pub(super) fn admit(&self, local: SocketAddr, peer: SocketAddr) -> Option<Place> {
        let address = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        let place = Places::take(&self.places, address);
        if place.is_none() {
            tracing::debug!(%local, %peer, "too many relay streams, refused one");
        }
        place
    }

    /// Serves a stream that has a place.
    pub(super) async fn serve_admitted<S>(&self, stream: S, place: Place)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let client = Client { link: Link::Stream(number), address: place.address };
        stream::serve(stream, client, &self.mail, self.patience).await;
    }
}

/// How many streams there are, and of whom.
#[derive(Debug)]
struct Places {
    taken: Mutex<HashMap<IpAddr, usize>>,
    most: usize,
    most_per_ip: usize,
}

/// One stream's place; given back when dropped.
pub(super) struct Place {
    places: Arc<Places>,
    address: SocketAddr,
}

impl Places {
    fn take(places: &Arc<Self>, address: SocketAddr) -> Option<Place> {
        let mut taken = places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = taken.values().sum();
        let of_ip = taken.get(&address.ip()).copied().unwrap_or(0);
        if all >= places.most || of_ip >= places.most_per_ip {
            return None;
        }
        taken.insert(address.ip(), of_ip + 1);
        Some(Place { places: Arc::clone(places), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let ip = self.address.ip();
        if let Some(count) = taken.get_mut(&ip) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&ip);
            }
        }
    }
}

/// Reads of streams that may wait for the worker; a stream whose read finds
/// no room waits, and with it only its own client.
const MAILBOX: usize = 1024;
