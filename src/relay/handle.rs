//! The way into the workers for streams, with the count of those there are.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::config::{Config, Mode};
use super::mailbox::{Mail, Mailbox};
use super::stream::Stream;
use crate::pure::turn::network;

/// Hands accepted streams to a running relay; cheap to clone.
#[derive(Debug, Clone)]
pub struct Handle {
    /// Of each worker.
    mail: Arc<[Mailbox]>,
    places: Arc<Places>,
    next: Arc<AtomicU32>,
    /// Where relayed addresses are, which no network takes away; nothing in a closed relay.
    faces: Option<Arc<[IpAddr]>>,
}

impl Handle {
    pub(super) fn new(config: &Config, mail: Arc<[Mailbox]>) -> Self {
        let (most, most_per_ip) = (config.streams, config.streams_per_ip);
        let places = Arc::new(Places { taken: Mutex::default(), most, most_per_ip });
        let faces = match &config.mode {
            Mode::Closed => None,
            Mode::Open(sockets) => Some(sockets.faces().collect()),
        };
        Self { mail, places, next: Arc::default(), faces }
    }

    /// Takes over which addresses this computer has now: no peer may have them.
    pub fn set_own_addresses(&self, own: &[IpAddr]) {
        let Some(faces) = &self.faces else { return };
        let own: Arc<[IpAddr]> = own.iter().chain(faces.iter()).copied().collect();
        for worker in self.mail.iter() {
            worker.send(Mail::Own(Arc::clone(&own)));
        }
    }

    /// Gives an accepted stream to a worker, which serves it until it ends, or refuses
    /// it if its address has too many. `local` and `peer` are the ends of the
    /// connection, as the client would name them.
    pub fn serve(&self, stream: Stream, local: SocketAddr, peer: SocketAddr) {
        if let Some(place) = self.admit(local, peer) {
            self.serve_admitted(stream, place);
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

    /// Gives a stream that has a place to the worker whose turn it is.
    pub(super) fn serve_admitted(&self, stream: Stream, place: Place) {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) as usize % self.mail.len();
        let address = place.address;
        self.mail[turn].send(Mail::Stream(Box::new(stream.keep(place)), address));
    }
}

/// How many streams there are, and of whom.
#[derive(Debug)]
struct Places {
    /// By network.
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
        let network = network(address.ip());
        let of_network = taken.get(&network).copied().unwrap_or(0);
        if all >= places.most || of_network >= places.most_per_ip {
            return None;
        }
        taken.insert(network, of_network + 1);
        Some(Place { places: Arc::clone(places), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let network = network(self.address.ip());
        if let Some(count) = taken.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_has_the_places_of_one_address() {
        let places = Arc::new(Places { taken: Mutex::default(), most: 100, most_per_ip: 2 });
        let take = |ip: &str| Places::take(&places, SocketAddr::new(ip.parse().unwrap(), 7));
        let first = take("2a00:7::1");
        let second = take("2a00:7:0:0:ffff::2");
        assert!(first.is_some() && second.is_some());
        assert!(take("2a00:7::3").is_none());
        assert!(take("2a00:7:0:1::1").is_some(), "the next network");
        assert!(take("192.0.2.1").is_some() && take("192.0.2.2").is_some());
        drop(second);
        assert!(take("2a00:7::3").is_some());
        drop(first);
        assert!(places.taken.lock().unwrap().is_empty());
    }
}
