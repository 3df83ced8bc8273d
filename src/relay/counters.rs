//! What the relay counts.
//!
//! A worker counts in plain numbers of its own and shows them once a turn on a
//! board that only it writes; whoever reads sums up the boards. So counting
//! costs a packet nothing that another worker could make it wait for.

use std::iter::once;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{Label, counter, gauge};

use super::way::{Direction, Way};
use crate::pure::turn::{DropReason, Failure, Tally};

/// The counters of one worker.
pub(super) struct Counters {
    values: [u64; PLACES],
    board: Arc<Board>,
}

/// One worker's counters, for others to read.
#[derive(Debug)]
struct Board([AtomicU64; PLACES]);

/// The counters of all workers of a relay; they can be read as long as they are held.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    boards: Vec<Arc<Board>>,
}

/// One number and what it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub name: &'static str,
    /// Pairs of a label's name and its value.
    pub labels: Vec<(&'static str, &'static str)>,
    pub value: u64,
}

/// What is lost outside the core.
#[derive(Debug, Clone, Copy)]
pub(super) enum Loss {
    /// A datagram was longer than any we relay.
    TooLong,
    /// The system took fewer packets than there were.
    Unsent,
    /// A stream's queue was full.
    SlowStream,
    /// Another worker has too much waiting.
    Handover,
}

impl Counters {
    /// Counters that the figures include from now on.
    pub(super) fn new(figures: &mut Figures) -> Self {
        let board = Arc::new(Board(std::array::from_fn(|_| AtomicU64::new(0))));
        figures.boards.push(Arc::clone(&board));
        Self { values: [0; PLACES], board }
    }

    /// A packet with so many bytes of data came in, or went out, and was relayed.
    pub(super) fn relayed(&mut self, way: Way, direction: Direction, bytes: usize) {
        let place = 2 * (2 * way as usize + direction as usize);
        self.values[place] += 1;
        self.values[place + 1] += bytes as u64;
    }

    /// The core dropped a packet.
    pub(super) fn dropped(&mut self, reason: DropReason) {
        self.values[DROPS + reason as usize] += 1;
    }

    /// So many were lost here.
    pub(super) fn lost(&mut self, loss: Loss, count: usize) {
        self.values[LOSSES + loss as usize] += count as u64;
    }

    /// Shows what has been counted, here and in the core.
    pub(super) fn show(&mut self, allocations: usize, tally: &Tally) {
        self.values[FAILURES..SUPPRESSED].copy_from_slice(&tally.failures);
        self.values[SUPPRESSED] = tally.suppressed;
        self.values[MADE] = tally.allocations;
        self.values[NOW] = allocations as u64;
        for (shown, value) in self.board.0.iter().zip(self.values) {
            shown.store(value, Ordering::Relaxed);
        }
    }
}

impl Figures {
    /// All of them, as they are now.
    pub fn read(&self) -> Vec<Figure> {
        let sum = |place: usize| -> u64 {
            self.boards.iter().map(|board| board.0[place].load(Ordering::Relaxed)).sum()
        };
        let figure = |(place, (name, labels))| Figure { name, labels, value: sum(place) };
        names().enumerate().map(figure).collect()
    }

    /// How many allocations there are.
    pub fn allocations(&self) -> u64 {
        self.boards.iter().map(|board| board.0[NOW].load(Ordering::Relaxed)).sum()
    }

    /// Hands all of them to the recorder of metrics.
    pub fn publish(&self) {
        for Figure { name, labels, value } in self.read() {
            let labels: Vec<_> = labels
                .into_iter()
                .map(|(key, value)| Label::from_static_parts(key, value))
                .collect();
            match name {
                ALLOCATIONS => gauge!(name, labels).set(value as f64),
                name => counter!(name, labels).absolute(value),
            }
        }
    }
}

type Name = (&'static str, Vec<(&'static str, &'static str)>);

/// What each place is of.
fn names() -> impl Iterator<Item = Name> {
    let ways =
        Way::ALL.into_iter().flat_map(|way| Direction::ALL.map(|direction| (way, direction)));
    let traffic = ways.flat_map(|(way, direction)| {
        let (leg, transport) = way.labels();
        let labels =
            vec![("leg", leg), ("transport", transport), ("direction", direction.as_str())];
        [("callbox_relay_packets_total", labels.clone()), ("callbox_relay_bytes_total", labels)]
    });
    let drops = DropReason::ALL.into_iter().map(DropReason::as_str).chain(LOST);
    let by_reason = |name: &'static str| move |reason| (name, vec![("reason", reason)]);
    let drops = drops.map(by_reason("callbox_relay_drops_total"));
    let failures = Failure::ALL.into_iter().map(Failure::as_str);
    let failures = failures.map(by_reason("callbox_relay_authentication_failures_total"));
    let plain = |name| once((name, Vec::new()));
    traffic
        .chain(drops)
        .chain(failures)
        .chain(plain("callbox_relay_challenges_suppressed_total"))
        .chain(plain("callbox_relay_allocations_total"))
        .chain(plain(ALLOCATIONS))
}

/// A gauge; all others only rise.
const ALLOCATIONS: &str = "callbox_relay_allocations";

/// Each [`Loss`] in one word.
const LOST: [&str; 4] = ["too_long", "unsent", "slow_stream", "handover"];

/// Places on a board: packets and bytes each way, and then these.
const DROPS: usize = 2 * 2 * Way::ALL.len();
const LOSSES: usize = DROPS + DropReason::ALL.len();
const FAILURES: usize = LOSSES + LOST.len();
const SUPPRESSED: usize = FAILURES + Failure::ALL.len();
const MADE: usize = SUPPRESSED + 1;
const NOW: usize = MADE + 1;
const PLACES: usize = NOW + 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn value(figures: &Figures, name: &str, labels: &[&str]) -> u64 {
        let read = figures.read();
        let found = read.iter().filter(|figure| {
            figure.name == name
                && figure.labels.iter().map(|(_, value)| *value).eq(labels.iter().copied())
        });
        let values: Vec<_> = found.map(|figure| figure.value).collect();
        assert_eq!(values.len(), 1, "{name} {labels:?}");
        values[0]
    }

    #[test]
    fn every_number_has_a_name_of_its_own_and_workers_are_summed_up() {
        let mut figures = Figures::default();
        let mut workers = [Counters::new(&mut figures), Counters::new(&mut figures)];
        assert_eq!(names().count(), PLACES);
        for counters in &mut workers {
            counters.relayed(Way::Tls, Direction::Out, 100);
            counters.relayed(Way::Peer, Direction::In, 7);
            counters.dropped(DropReason::Bandwidth);
            counters.lost(Loss::SlowStream, 3);
        }
        assert_eq!(figures.read().iter().map(|figure| figure.value).sum::<u64>(), 0, "not shown");
        let mut tally = Tally { allocations: 5, suppressed: 2, ..Tally::default() };
        tally.failures[Failure::Password as usize] = 9;
        let [first, second] = &mut workers;
        first.show(4, &tally);
        second.show(1, &Tally::default());
        let (packets, bytes) = ("callbox_relay_packets_total", "callbox_relay_bytes_total");
        assert_eq!(value(&figures, packets, &["client", "tls", "out"]), 2);
        assert_eq!(value(&figures, bytes, &["client", "tls", "out"]), 200);
        assert_eq!(value(&figures, bytes, &["peer", "udp", "in"]), 14);
        assert_eq!(value(&figures, packets, &["client", "udp", "in"]), 0);
        assert_eq!(value(&figures, "callbox_relay_drops_total", &["bandwidth"]), 2);
        assert_eq!(value(&figures, "callbox_relay_drops_total", &["slow_stream"]), 6);
        let failures = "callbox_relay_authentication_failures_total";
        assert_eq!(value(&figures, failures, &["password"]), 9);
        assert_eq!(value(&figures, "callbox_relay_challenges_suppressed_total", &[]), 2);
        assert_eq!(value(&figures, "callbox_relay_allocations_total", &[]), 5);
        assert_eq!((value(&figures, ALLOCATIONS, &[]), figures.allocations()), (5, 5));
    }
}
