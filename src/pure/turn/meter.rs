//! How much is relayed for each call, and for each leg of it.
//!
//! Each allocation has a meter of its own, which only its server writes; so a
//! packet costs an addition or two. What a meter has counted when its
//! allocation ends stays with the call, and calls that have none any more are
//! kept for a while, so that whoever ends a call still finds its sums.

use std::collections::{HashMap, VecDeque};
use std::ops::AddAssign;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::allocation::push;
use crate::pure::wire::{CallId, SessionId};

/// The meters of all calls of a relay, whichever servers it has.
#[derive(Debug, Default)]
pub struct Meters {
    calls: Mutex<Calls>,
}

/// What was relayed for a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// Whether it has allocations.
    pub live: bool,
    /// All packets, each once, where it went.
    pub total: Flow,
    /// In the order in which they came.
    pub legs: Vec<LegUsage>,
}

/// What was relayed for a leg of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LegUsage {
    pub session: SessionId,
    pub sent: Flow,
    pub received: Flow,
}

/// So many packets, with so many bytes of data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flow {
    pub packets: u64,
    pub bytes: u64,
}

/// An allocation's meter. Dropped, it leaves what it has counted.
#[derive(Debug)]
pub(super) struct Meter {
    counts: Arc<Counts>,
    meters: Arc<Meters>,
    call: CallId,
    session: SessionId,
}

#[derive(Debug, Default)]
struct Counts {
    sent: Count,
    received: Count,
    /// Of what was sent, what went to peers outside: nobody here receives that.
    to_outside: Count,
}

#[derive(Debug, Default)]
struct Count {
    packets: AtomicU64,
    bytes: AtomicU64,
}

#[derive(Debug, Default)]
struct Calls {
    held: HashMap<CallId, Record>,
    /// Calls that had no allocation when they came in here, the oldest first.
    over: VecDeque<CallId>,
}

#[derive(Debug, Default)]
struct Record {
    legs: Vec<Leg>,
    to_outside: Flow,
    /// Whether it is among those that are over.
    listed: bool,
}

#[derive(Debug)]
struct Leg {
    session: SessionId,
    sent: Flow,
    received: Flow,
    running: Vec<Arc<Counts>>,
}

impl Meters {
    /// What was relayed for a call, if it had an allocation not long ago.
    pub fn usage(&self, call: CallId) -> Option<Usage> {
        self.lock().held.get(&call).map(Record::usage)
    }

    /// The same of all calls.
    pub fn all(&self) -> Vec<(CallId, Usage)> {
        self.lock().held.iter().map(|(call, record)| (*call, record.usage())).collect()
    }

    /// A meter for a new allocation.
    pub(super) fn open(meters: &Arc<Self>, call: CallId, session: SessionId) -> Meter {
        let counts = Arc::new(Counts::default());
        let mut calls = meters.lock();
        let leg = calls.held.entry(call).or_default().leg(session);
        push(&mut leg.running, Arc::clone(&counts));
        Meter { counts, meters: Arc::clone(meters), call, session }
    }

    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Meter {
    /// The client has sent this much to another client.
    pub(super) fn sent(&self, bytes: usize) {
        self.counts.sent.add(bytes);
    }

    /// The client has sent this much to a peer outside.
    pub(super) fn sent_outside(&self, bytes: usize) {
        self.counts.sent.add(bytes);
        self.counts.to_outside.add(bytes);
    }

    /// The client was sent this much.
    pub(super) fn received(&self, bytes: usize) {
        self.counts.received.add(bytes);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let mut calls = self.meters.lock();
        let Calls { held, over } = &mut *calls;
        let record = held.get_mut(&self.call).expect("a call with a meter is held");
        record.to_outside += self.counts.to_outside.flow();
        let leg = record.leg(self.session);
        leg.sent += self.counts.sent.flow();
        leg.received += self.counts.received.flow();
        leg.running.retain(|running| !Arc::ptr_eq(running, &self.counts));
        if record.is_live() || std::mem::replace(&mut record.listed, true) {
            return;
        }
        over.push_back(self.call);
        if over.len() > KEPT {
            calls.forget_one();
        }
    }
}

impl Calls {
    /// Forgets the call that has been over for longest, unless it goes on.
    fn forget_one(&mut self) {
        let Some(call) = self.over.pop_front() else { return };
        match self.held.get_mut(&call) {
            Some(record) if record.is_live() => record.listed = false,
            _ => {
                self.held.remove(&call);
            }
        }
    }
}

impl Record {
    fn leg(&mut self, session: SessionId) -> &mut Leg {
        let place = self.legs.iter().position(|leg| leg.session == session);
        let place = place.unwrap_or_else(|| {
            let (sent, received) = (Flow::default(), Flow::default());
            push(&mut self.legs, Leg { session, sent, received, running: Vec::new() });
            self.legs.len() - 1
        });
        &mut self.legs[place]
    }

    fn is_live(&self) -> bool {
        self.legs.iter().any(|leg| !leg.running.is_empty())
    }

    fn usage(&self) -> Usage {
        let mut usage = Usage { live: self.is_live(), total: self.to_outside, legs: Vec::new() };
        for leg in &self.legs {
            let (mut sent, mut received) = (leg.sent, leg.received);
            for counts in &leg.running {
                sent += counts.sent.flow();
                received += counts.received.flow();
                usage.total += counts.to_outside.flow();
            }
            usage.total += received;
            usage.legs.push(LegUsage { session: leg.session, sent, received });
        }
        usage
    }
}

impl Count {
    /// Only one thread adds, so nothing can be lost between reading and writing.
    fn add(&self, bytes: usize) {
        let add = |to: &AtomicU64, more: u64| {
            to.store(to.load(Ordering::Relaxed) + more, Ordering::Relaxed);
        };
        add(&self.packets, 1);
        add(&self.bytes, bytes as u64);
    }

    fn flow(&self) -> Flow {
        let read = |from: &AtomicU64| from.load(Ordering::Relaxed);
        Flow { packets: read(&self.packets), bytes: read(&self.bytes) }
    }
}

impl AddAssign for Flow {
    fn add_assign(&mut self, more: Self) {
        self.packets += more.packets;
        self.bytes += more.bytes;
    }
}

/// Calls without allocations that are remembered.
const KEPT: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn call(n: u16) -> CallId {
        CallId::from_bytes(u128::from(n).to_be_bytes())
    }

    fn session(n: u8) -> SessionId {
        SessionId::from_bytes([n; 16])
    }

    #[test]
    fn sums_outlive_the_allocations_they_are_of() {
        let meters = Arc::new(Meters::default());
        assert_eq!(meters.usage(call(1)), None);
        let (a, b) = (
            Meters::open(&meters, call(1), session(1)),
            Meters::open(&meters, call(1), session(2)),
        );
        for bytes in [100, 50] {
            a.sent(bytes);
            b.received(bytes);
        }
        let again = Meters::open(&meters, call(1), session(1));
        again.sent_outside(7);
        let of = |packets, bytes| Flow { packets, bytes };
        let expected = |live| Usage {
            live,
            total: of(3, 157),
            legs: vec![
                LegUsage { session: session(1), sent: of(3, 157), received: of(0, 0) },
                LegUsage { session: session(2), sent: of(0, 0), received: of(2, 150) },
            ],
        };
        assert_eq!(meters.usage(call(1)), Some(expected(true)));
        drop((a, again));
        assert_eq!(meters.usage(call(1)), Some(expected(true)));
        drop(b);
        assert_eq!(meters.usage(call(1)), Some(expected(false)));
        assert_eq!(meters.all(), [(call(1), expected(false))]);
    }

    #[test]
    fn calls_that_are_over_are_forgotten_in_the_end_and_others_are_not() {
        let meters = Arc::new(Meters::default());
        let open = |n| Meters::open(&meters, call(n), session(1));
        // One that comes and goes takes no more room than others.
        for _ in 0..3000 {
            drop(open(0));
        }
        assert_eq!(meters.lock().over.len(), 1);
        let kept = open(0);
        for n in 1..=1024 {
            drop(open(n));
        }
        assert!(meters.usage(call(0)).is_some() && meters.usage(call(1)).is_some());
        drop(open(2000));
        assert!(meters.usage(call(1)).is_none());
        drop(kept);
        assert!(meters.usage(call(0)).is_some());
        assert!(meters.all().len() <= 1024);
        assert_eq!(meters.all().len(), meters.lock().over.len());
    }
}
