//! Logins and registrations between their two halves.
//!
//! Each is named by a random id, used at most once, forgotten after a minute,
//! and answered only to the network that began it. One network has a bounded
//! number of them, and so has the server: the oldest give way.

use std::collections::{BTreeMap, HashMap};

use crate::pure::wire::Millis;

/// What names one; 16 random bytes.
pub type PendingId = [u8; 16];

/// A bounded set of things that were begun.
#[derive(Debug)]
pub struct Pending<N, T> {
    entries: HashMap<PendingId, Begun<N, T>>,
    /// By deadline; the number keeps those of one moment apart.
    deadlines: BTreeMap<(Millis, u64), PendingId>,
    by_network: HashMap<N, BTreeMap<(Millis, u64), PendingId>>,
    count: u64,
}

#[derive(Debug)]
struct Begun<N, T> {
    network: N,
    deadline: (Millis, u64),
    what: T,
}

impl<N: Clone + Eq + std::hash::Hash, T> Pending<N, T> {
    /// An empty set.
    pub fn new() -> Self {
        Self {
            entries: HashMap::new(),
            deadlines: BTreeMap::new(),
            by_network: HashMap::new(),
            count: 0,
        }
    }

    /// Keeps something for a minute under a fresh random id.
    pub fn begin(&mut self, id: PendingId, network: N, what: T, now: Millis) {
        self.expire(now);
        let oldest_here = self
            .by_network
            .get(&network)
            .filter(|own| own.len() >= PER_NETWORK)
            .and_then(|own| own.values().next().copied());
        let oldest = (self.entries.len() >= IN_ALL)
            .then(|| self.deadlines.values().next().copied())
            .flatten();
        for id in oldest_here.into_iter().chain(oldest) {
            self.remove(&id);
        }
        self.remove(&id);
        let deadline = (now.plus(LIFETIME), self.count);
        self.count += 1;
        self.deadlines.insert(deadline, id);
        self.by_network.entry(network.clone()).or_default().insert(deadline, id);
        self.entries.insert(id, Begun { network, deadline, what });
    }

    /// Takes it out, once. From another network, it is used up as well.
    pub fn take(&mut self, id: &[u8], network: &N, now: Millis) -> Option<T> {
        self.expire(now);
        let begun = self.remove(id.try_into().ok()?)?;
        (begun.network == *network).then_some(begun.what)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn expire(&mut self, now: Millis) {
        while let Some((&(deadline, _), &id)) = self.deadlines.first_key_value() {
            if deadline > now {
                break;
            }
            self.remove(&id);
        }
    }

    fn remove(&mut self, id: &PendingId) -> Option<Begun<N, T>> {
        let begun = self.entries.remove(id)?;
        self.deadlines.remove(&begun.deadline);
        if let Some(own) = self.by_network.get_mut(&begun.network) {
            own.remove(&begun.deadline);
            if own.is_empty() {
                self.by_network.remove(&begun.network);
            }
        }
        Some(begun)
    }
}

impl<N: Clone + Eq + std::hash::Hash, T> Default for Pending<N, T> {
    fn default() -> Self {
        Self::new()
    }
}

/// From the first half to the second.
const LIFETIME: Millis = Millis(60_000);

/// A household or office behind one address may sign in at the same time.
const PER_NETWORK: usize = 32;
const IN_ALL: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u16) -> PendingId {
        let mut id = [0; 16];
        id[..2].copy_from_slice(&n.to_be_bytes());
        id
    }

    #[test]
    fn h29_it_is_taken_once_in_time_and_from_the_same_network() {
        let mut pending = Pending::new();
        for n in 0..3 {
            pending.begin(id(n), "here", n, Millis(0));
        }
        assert_eq!(pending.take(&id(0), &"here", Millis(59_999)), Some(0));
        assert_eq!(pending.take(&id(0), &"here", Millis(59_999)), None);
        assert_eq!(pending.take(&id(1), &"there", Millis(59_999)), None);
        assert_eq!(pending.take(&id(1), &"here", Millis(59_999)), None);
        assert_eq!(pending.take(&id(2), &"here", Millis(60_000)), None);
        assert_eq!(pending.take(b"short", &"here", Millis(0)), None);
        assert!(pending.is_empty() && pending.deadlines.is_empty());
        assert!(pending.by_network.is_empty());
    }

    #[test]
    fn h30_one_network_holds_a_bounded_number() {
        let mut pending = Pending::new();
        pending.begin(id(9_999), "elsewhere", 0, Millis(0));
        for n in 0..1_000 {
            pending.begin(id(n), "here", 0, Millis(0));
        }
        assert_eq!(pending.len(), PER_NETWORK + 1);
        assert!(pending.take(&id(999), &"here", Millis(1)).is_some());
        assert!(pending.take(&id(0), &"here", Millis(1)).is_none());
        assert!(pending.take(&id(9_999), &"elsewhere", Millis(1)).is_some());
    }

    #[test]
    fn h30_all_networks_together_are_bounded_too() {
        let mut pending = Pending::new();
        for n in 0..10_000 {
            pending.begin(id(n), n, 0, Millis(0));
        }
        assert_eq!(pending.len(), IN_ALL);
        pending.begin(id(10_001), 0, 0, Millis(60_000));
        assert_eq!((pending.len(), pending.by_network.len()), (1, 1));
    }
}
