//! How often a source address gets an answer it has not earned.
//!
//! A table of fixed size: sources may collide and then share a cell, but no
//! flood of invented addresses makes it grow.

use std::hash::BuildHasher;
use std::net::IpAddr;

use super::hash::Seed;
use crate::pure::wire::Millis;

/// A bucket for each source.
#[derive(Debug)]
pub(super) struct Throttle {
    cells: Box<[Cell]>,
    seed: Seed,
    interval: u64,
    burst: u64,
    silence: Millis,
}

#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    /// When the bucket will be full again.
    full: Millis,
    silent_until: Millis,
}

impl Throttle {
    /// At most `count` in `span`, all of them at once if need be.
    pub(super) fn new(seed: Seed, count: u32, span: Millis) -> Self {
        let interval = span.0 / u64::from(count.max(1));
        Self {
            cells: vec![Cell::default(); CELLS].into_boxed_slice(),
            seed,
            interval,
            burst: interval * u64::from(count),
            silence: Millis(0),
        }
    }

    /// The same, and one too many is followed by silence.
    pub(super) fn with_silence(self, silence: Millis) -> Self {
        Self { silence, ..self }
    }

    /// Counts one and says whether it is within the limit.
    pub(super) fn admit(&mut self, now: Millis, ip: IpAddr) -> bool {
        let index = self.seed.hash_one(source(ip)) as usize % CELLS;
        let cell = &mut self.cells[index];
        if now < cell.silent_until {
            return false;
        }
        let full = cell.full.max(now).plus(Millis(self.interval));
        if full.since(now).0 > self.burst {
            cell.silent_until = now.plus(self.silence);
            return false;
        }
        cell.full = full;
        true
    }
}

/// Whoever has one IPv6 address has its /64.
fn source(ip: IpAddr) -> u64 {
    match ip {
        IpAddr::V4(ip) => u64::from(ip.to_bits()),
        IpAddr::V6(ip) => (ip.to_bits() >> 64) as u64,
    }
}

const CELLS: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: Seed = Seed(1, 2);
    const SOURCE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let mut throttle = Throttle::new(SEED, 20, Millis(1000));
        let admitted = (0..100).filter(|_| throttle.admit(Millis(5000), SOURCE)).count();
        assert_eq!(admitted, 20);
        assert!(!throttle.admit(Millis(5049), SOURCE));
        assert!(throttle.admit(Millis(5050), SOURCE));
        assert!(!throttle.admit(Millis(5050), SOURCE));
    }

    #[test]
    fn one_too_many_brings_silence() {
        let mut throttle = Throttle::new(SEED, 10, Millis(60_000)).with_silence(Millis(60_000));
        assert_eq!((0..11).filter(|_| throttle.admit(Millis(0), SOURCE)).count(), 10);
        assert!(!throttle.admit(Millis(30_000), SOURCE));
        assert!(!throttle.admit(Millis(59_999), SOURCE));
        assert!(throttle.admit(Millis(60_000), SOURCE));
    }
}
