//! What was revoked, until the credentials that it names have expired.

use std::collections::{HashMap, VecDeque};

use super::client::Now;
use super::hash::Seed;
use crate::pure::auth::relay::{Grant, Revocation, TTL};
use crate::pure::wire::Millis;

/// The memory of revocations of the last hour.
#[derive(Debug)]
pub(super) struct Revocations {
    entries: HashMap<Revocation, Entry, Seed>,
    /// When to forget; in order, since all are kept for the same time.
    order: VecDeque<(Millis, Revocation)>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Credentials that expire until this second were made before.
    until: u64,
    forget: Millis,
}

impl Revocations {
    pub(super) fn new(seed: Seed) -> Self {
        Self { entries: HashMap::with_hasher(seed), order: VecDeque::new() }
    }

    /// Remembers a revocation. A leg that later rejoins its call gets
    /// credentials that expire later than all it covers.
    pub(super) fn add(&mut self, now: Now, revocation: Revocation) {
        let forget = now.at.plus(TTL).plus(Millis(1000));
        self.entries.insert(revocation, Entry { until: now.unix + TTL.0 / 1000, forget });
        self.order.push_back((forget, revocation));
    }

    /// Whether these credentials were revoked.
    pub(super) fn cover(&self, grant: &Grant) -> bool {
        [
            Revocation::Call(grant.call),
            Revocation::Leg(grant.call, grant.session),
            Revocation::Session(grant.session),
        ]
        .iter()
        .any(|subject| self.entries.get(subject).is_some_and(|entry| grant.expires <= entry.until))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// When something can be forgotten next.
    pub(super) fn next(&self) -> Option<Millis> {
        self.order.front().map(|(at, _)| *at)
    }

    /// Forgets what is due.
    pub(super) fn expire(&mut self, now: Millis) {
        while let Some((at, revocation)) = self.order.front().copied()
            && at <= now
        {
            self.order.pop_front();
            if self.entries.get(&revocation).is_some_and(|entry| entry.forget == at) {
                self.entries.remove(&revocation);
            }
        }
    }
}
