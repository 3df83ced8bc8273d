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
use crate::pure::turn::{Client, Link};

/// Hands accepted streams to a running relay; cheap to clone.
#[derive(Debug, Clone)]
pub struct Handle {
    pub(super) mail: mpsc::Sender<Mail>,
    places: Arc<Places>,
    next: Arc<AtomicU32>,
    patience: Patience,
}

/// What streams tell the worker.
#[derive(Debug)]
pub(super) enum Mail {
    /// A stream may now get messages.
    Opened { client: Client, outbox: mpsc::Sender<Bytes> },
    /// Whole messages, one behind the other, as they came.
    Messages { client: Client, bytes: BytesMut },
    /// A stream has ended.
    Closed { client: Client },
}

/// A handle and the worker's end of it.
pub(super) fn channel(config: &Config) -> (Handle, mpsc::Receiver<Mail>) {
    let (mail, mailbox) = mpsc::channel(MAILBOX);
    let (most, most_per_ip) = (config.streams, config.streams_per_ip);
    let places = Arc::new(Places { taken: Mutex::default(), most, most_per_ip });
    let patience = Patience { first_message: config.first_message, idle: config.idle };
    (Handle { mail, places, next: Arc::default(), patience }, mailbox)
}

impl Handle {
    /// Serves an accepted stream until it ends, or refuses it if its address
    /// has too many. Bytes that were already read from it must be read again
    /// from `stream`. `local` and `peer` are the ends of the connection, as
    /// the client would name them.
    pub async fn serve_stream<S>(&self, stream: S, local: SocketAddr, peer: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let address = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        let Some(_place) = Places::take(&self.places, address.ip()) else {
            tracing::debug!(%local, %peer, "too many relay streams, refused one");
            return;
        };
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let client = Client { link: Link::Stream(number), address };
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
struct Place {
    places: Arc<Places>,
    ip: IpAddr,
}

impl Places {
    fn take(places: &Arc<Self>, ip: IpAddr) -> Option<Place> {
        let mut taken = places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = taken.values().sum();
        let of_ip = taken.get(&ip).copied().unwrap_or(0);
        if all >= places.most || of_ip >= places.most_per_ip {
            return None;
        }
        taken.insert(ip, of_ip + 1);
        Some(Place { places: Arc::clone(places), ip })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.ip) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.ip);
            }
        }
    }
}

/// Reads of streams that may wait for the worker; a stream whose read finds
/// no room waits, and with it only its own client.
const MAILBOX: usize = 1024;
