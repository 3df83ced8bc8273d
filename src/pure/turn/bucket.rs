//! A token bucket for the bandwidth of one allocation.

use crate::pure::wire::Millis;

/// Bytes that may pass now; fills with time up to half a second's worth.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    level: u64,
    at: Millis,
}

/// How fast a bucket fills.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    bytes_per_second: u64,
}

impl Rate {
    pub(super) fn from_bits(bits_per_second: u64) -> Self {
        Self { bytes_per_second: bits_per_second / 8 }
    }

    /// What a full bucket holds: a key frame must pass at once.
    pub(super) fn depth(self) -> u64 {
        self.bytes_per_second / 2
    }

    /// How long it takes for so many bytes to come.
    pub(super) fn nanos(self, bytes: u64) -> u64 {
        let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(self.bytes_per_second.max(1));
        u64::try_from(nanos).unwrap_or(u64::MAX)
    }
}

impl Bucket {
    pub(super) fn full(rate: Rate, now: Millis) -> Self {
        Self { level: rate.depth(), at: now }
    }

    /// Whether `bytes` may pass; `take` then takes them.
    pub(super) fn holds(&mut self, rate: Rate, now: Millis, bytes: u64) -> bool {
        let passed = now.since(self.at).0;
        if passed > 0 {
            let more = rate.bytes_per_second.saturating_mul(passed) / 1000;
            // A slow rate must not lose what a short span brings.
            if more > 0 {
                self.level = self.level.saturating_add(more).min(rate.depth());
                self.at = now;
            }
        }
        self.level >= bytes
    }

    pub(super) fn take(&mut self, bytes: u64) {
        self.level = self.level.saturating_sub(bytes);
    }
}
