//! How many connections there may be, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts open connections; clones share the counts.
#[derive(Debug, Clone)]
pub(super) struct Admission {
    counts: Arc<Mutex<Counts>>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub total: usize,
    pub per_address: u32,
    /// Whether addresses of this computer count as an address.
    pub count_loopback: bool,
}

#[derive(Debug)]
struct Counts {
    limits: Limits,
    total: usize,
    addresses: HashMap<Key, u32>,
}

/// An IPv4 address or an IPv6 /64 network, which one subscriber owns all of.
type Key = u128;

/// One admitted connection; the place is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    key: Option<Key>,
    counts: Arc<Mutex<Counts>>,
}

/// Which limit a connection ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    Total,
    Address,
}

impl Admission {
    pub(super) fn new(limits: Limits) -> Self {
        let counts = Counts { limits, total: 0, addresses: HashMap::new() };
        Self { counts: Arc::new(Mutex::new(counts)) }
    }

    /// Other limits are in force from now on; who is in stays in.
    pub(super) fn set_limits(&self, limits: Limits) {
        lock(&self.counts).limits = limits;
    }

    /// Takes a place for a connection from this address.
    pub(super) fn admit(&self, client: IpAddr) -> Result<Place, Full> {
        let counted = lock(&self.counts).limits.count_loopback || !client.is_loopback();
        self.take(counted.then(|| key(client)))
    }

    /// Takes a place for a connection from a proxy, which stands for many clients.
    pub(super) fn admit_proxy(&self) -> Result<Place, Full> {
        self.take(None)
    }

    fn take(&self, key: Option<Key>) -> Result<Place, Full> {
        let mut counts = lock(&self.counts);
        let limits = counts.limits;
        if counts.total >= limits.total {
            return Err(Full::Total);
        }
        if let Some(key) = key {
            let count = counts.addresses.entry(key).or_default();
            if *count >= limits.per_address {
                return Err(Full::Address);
            }
            *count += 1;
        }
        counts.total += 1;
        Ok(Place { key, counts: Arc::clone(&self.counts) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = lock(&self.counts);
        counts.total -= 1;
        let Some(key) = self.key else { return };
        if let Some(count) = counts.addresses.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                counts.addresses.remove(&key);
            }
        }
    }
}

fn key(client: IpAddr) -> Key {
    match client {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address) >> 64 << 64,
    }
}

fn lock(counts: &Mutex<Counts>) -> MutexGuard<'_, Counts> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(total: usize, count_loopback: bool) -> Admission {
        Admission::new(Limits { total, per_address: 2, count_loopback })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn h6_an_address_has_so_many_places() {
        let admission = admission(100, false);
        let first = admission.admit(ip("192.0.2.1")).unwrap();
        let _second = admission.admit(ip("192.0.2.1")).unwrap();
        assert_eq!(admission.admit(ip("192.0.2.1")).unwrap_err(), Full::Address);
        assert!(admission.admit(ip("192.0.2.2")).is_ok());
        drop(first);
        assert!(admission.admit(ip("192.0.2.1")).is_ok());
    }

    #[test]
    fn h6_an_ipv6_network_counts_as_one() {
        let admission = admission(100, false);
        let places = ["2001:db8::1", "2001:db8::2"].map(|text| admission.admit(ip(text)).unwrap());
        assert_eq!(admission.admit(ip("2001:db8::3")).unwrap_err(), Full::Address);
        assert!(admission.admit(ip("2001:db8:0:1::3")).is_ok());
        drop(places);
        assert!(lock(&admission.counts).addresses.is_empty());
    }

    #[test]
    fn h6_all_together_have_so_many_places() {
        let admission = admission(3, false);
        let _places: Vec<_> =
            (1..=3).map(|n| admission.admit([192, 0, 2, n].into()).unwrap()).collect();
        assert_eq!(admission.admit(ip("192.0.2.9")).unwrap_err(), Full::Total);
    }

    #[test]
    fn a_proxy_has_as_many_places_as_there_are() {
        let admission = admission(3, true);
        let _places: Vec<_> = (0..3).map(|_| admission.admit_proxy().unwrap()).collect();
        assert_eq!(admission.admit_proxy().unwrap_err(), Full::Total);
    }

    #[test]
    fn this_computer_counts_only_when_asked_for() {
        let places = |admission: &Admission| {
            let places: Vec<_> = (0..3).map(|_| admission.admit(ip("127.0.0.1"))).collect();
            places.iter().filter(|place| place.is_ok()).count()
        };
        assert_eq!(places(&admission(100, false)), 3);
        assert_eq!(places(&admission(100, true)), 2);
    }
}
