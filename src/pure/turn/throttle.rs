//! How often a source address gets an answer it has not earned.
//!
//! A table of fixed size: sources may collide and then share a cell, but no
//! flood of invented addresses makes it grow. All shards have one table, since
//! a source that changes its port changes the shard. A cell is one word.

use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use super::client::network;
use super::hash::Seed;
use crate::pure::wire::Millis;

/// A bucket for each source.
#[derive(Debug)]
pub(super) struct Throttle {
    /// When the bucket will be full again; or, with `SILENT`, until when
    /// nothing is admitted. In nanoseconds, as all spans here: of thousands
    /// a second each takes less than a millisecond.
    cells: Box<[AtomicU64]>,
    seed: Seed,
    interval: u64,
    burst: u64,
    silence: u64,
}

impl Throttle {
    /// At most `count` in `span`, all of them at once if need be.
    pub(super) fn new(seed: Seed, count: u32, span: Millis) -> Self {
        let interval = nanos(span) / u64::from(count.max(1));
        Self {
            cells: (0..CELLS).map(|_| AtomicU64::new(0)).collect(),
            seed,
            interval,
            burst: interval * u64::from(count),
            silence: 0,
        }
    }

    /// The same, and one too many is followed by silence.
    pub(super) fn with_silence(self, silence: Millis) -> Self {
        Self { silence: nanos(silence), ..self }
    }

    /// Counts one and says whether it is within the limit.
    pub(super) fn admit(&self, now: Millis, ip: IpAddr) -> bool {
        let index = self.seed.hash_one(network(ip)) as usize % CELLS;
        let (now, mut admitted) = (nanos(now), false);
        // Each cell is counted on its own, so no order between them matters.
        let _ = self.cells[index].fetch_update(Ordering::Relaxed, Ordering::Relaxed, |cell| {
            let next;
            (admitted, next) = self.count(now, cell);
            next
        });
        admitted
    }

    /// Whether one more is admitted, and what the cell holds then if it changes.
    fn count(&self, now: u64, cell: u64) -> (bool, Option<u64>) {
        let full = match cell & SILENT {
            0 => cell,
            _ if now < cell & !SILENT => return (false, None),
            _ => 0,
        };
        let full = full.max(now) + self.interval;
        if full - now <= self.burst {
            return (true, Some(full));
        }
        let silent = self.silence != 0;
        (false, silent.then(|| (now + self.silence) | SILENT))
    }
}

/// Of a time or a span; 146 years are the end of time, with room for the spans added to it.
fn nanos(millis: Millis) -> u64 {
    millis.0.saturating_mul(1_000_000).min(SILENT / 2)
}

const CELLS: usize = 8192;
/// Marks a cell; no time is that far away.
const SILENT: u64 = 1 << 63;

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: Seed = Seed(1, 2);
    const SOURCE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let throttle = Throttle::new(SEED, 20, Millis(1000));
        let admitted = (0..100).filter(|_| throttle.admit(Millis(5000), SOURCE)).count();
        assert_eq!(admitted, 20);
        assert!(!throttle.admit(Millis(5049), SOURCE));
        assert!(throttle.admit(Millis(5050), SOURCE));
        assert!(!throttle.admit(Millis(5050), SOURCE));
    }

    #[test]
    fn high_rates_are_limits_too() {
        for (count, span) in [(1_001, 1000), (7_000, 1000), (60_001, 60_000), (1_000_000, 60_000)] {
            let throttle = Throttle::new(SEED, count, Millis(span));
            let admitted = |now| (0..).take_while(|_| throttle.admit(now, SOURCE)).count();
            let count = count as usize;
            assert_eq!(admitted(Millis(5000)), count);
            // A hundredth of the span later there is a hundredth of them again.
            let more = admitted(Millis(5000 + span / 100));
            assert!((count / 100..=count / 100 + 1).contains(&more), "{more} of {count}");
        }
    }

    #[test]
    fn the_end_of_time_overflows_nothing() {
        let minute = Millis(60_000);
        let throttle = Throttle::new(SEED, 1, minute).with_silence(minute);
        for now in [0, u64::MAX / 4, u64::MAX] {
            assert!(throttle.admit(Millis(now), SOURCE) || now == u64::MAX);
            assert!(!throttle.admit(Millis(now), SOURCE));
        }
    }

    #[test]
    fn one_too_many_brings_silence() {
        let throttle = Throttle::new(SEED, 10, Millis(60_000)).with_silence(Millis(60_000));
        assert_eq!((0..11).filter(|_| throttle.admit(Millis(0), SOURCE)).count(), 10);
        assert!(!throttle.admit(Millis(30_000), SOURCE));
        assert!(!throttle.admit(Millis(59_999), SOURCE));
        assert!(throttle.admit(Millis(60_000), SOURCE));
    }
}
