//! What the relay counts, summed up here and handed on once a turn.

use metrics::{Counter, Gauge, counter, gauge};

use crate::pure::turn::DropReason;

/// The counters of one worker.
pub(super) struct Counters {
    packets: u64,
    bytes: u64,
    allocations: usize,
    packets_total: Counter,
    bytes_total: Counter,
    allocations_now: Gauge,
    drops: [Counter; DropReason::ALL.len()],
    too_long: Counter,
    unsent: Counter,
    slow_stream: Counter,
}

impl Counters {
    pub(super) fn new() -> Self {
        let drops =
            |reason: &'static str| counter!("callbox_relay_drops_total", "reason" => reason);
        Self {
            packets: 0,
            bytes: 0,
            allocations: 0,
            packets_total: counter!("callbox_relay_packets_total"),
            bytes_total: counter!("callbox_relay_bytes_total"),
            allocations_now: gauge!("callbox_relay_allocations"),
            drops: DropReason::ALL.map(|reason| drops(reason.as_str())),
            too_long: drops("too_long"),
            unsent: drops("unsent"),
            slow_stream: drops("slow_stream"),
        }
    }

    /// A packet was relayed.
    pub(super) fn relayed(&mut self, bytes: usize) {
        self.packets += 1;
        self.bytes += bytes as u64;
    }

    /// The core dropped a packet.
    pub(super) fn dropped(&self, reason: DropReason) {
        self.drops[reason as usize].increment(1);
    }

    /// A datagram was longer than any we relay.
    pub(super) fn too_long(&self) {
        self.too_long.increment(1);
    }

    /// The system took fewer packets than there were.
    pub(super) fn unsent(&self, count: usize) {
        if count > 0 {
            self.unsent.increment(count as u64);
        }
    }

    /// A stream's queue was full.
    pub(super) fn slow_stream(&self) {
        self.slow_stream.increment(1);
    }

    /// Hands on what has been summed up.
    pub(super) fn flush(&mut self, allocations: usize) {
        if self.packets > 0 {
            self.packets_total.increment(std::mem::take(&mut self.packets));
            self.bytes_total.increment(std::mem::take(&mut self.bytes));
        }
        if self.allocations != allocations {
            // Each worker adds its own.
            self.allocations_now.increment(allocations as f64 - self.allocations as f64);
            self.allocations = allocations;
        }
    }
}
