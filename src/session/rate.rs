//! Token buckets.

use std::time::Duration;

use tokio::time::Instant;

/// So many a second, and so many at once after a pause.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub per_second: u32,
    pub burst: u32,
}

/// What is left of a rate.
#[derive(Debug)]
pub(super) struct Bucket {
    rate: Rate,
    /// May go below zero by `spend`.
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    pub(super) fn new(rate: Rate, now: Instant) -> Self {
        Self { rate, tokens: f64::from(rate.burst), filled: now }
    }

    /// Takes some, or says how long to wait for them.
    pub(super) fn take(&mut self, now: Instant, count: u32) -> Result<(), Duration> {
        self.fill(now);
        let missing = f64::from(count) - self.tokens;
        if missing > 0.0 {
            return Err(self.time_for(missing));
        }
        self.tokens -= f64::from(count);
        Ok(())
    }

    /// Takes what has been used already, and says how long to pause for it.
    pub(super) fn spend(&mut self, now: Instant, count: usize) -> Duration {
        self.fill(now);
        self.tokens -= count as f64;
        self.time_for((-self.tokens).max(0.0))
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        let full = f64::from(self.rate.burst);
        self.tokens = (self.tokens + passed * f64::from(self.rate.per_second)).min(full);
        self.filled = now;
    }

    fn time_for(&self, tokens: f64) -> Duration {
        Duration::from_secs_f64(tokens / f64::from(self.rate.per_second.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_through_and_then_the_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Rate { per_second: 2, burst: 3 }, start);
        for _ in 0..3 {
            assert_eq!(bucket.take(start, 1), Ok(()));
        }
        assert_eq!(bucket.take(start, 1), Err(Duration::from_millis(500)));
        let later = start + Duration::from_millis(500);
        assert_eq!(bucket.take(later, 1), Ok(()));
        assert_eq!(bucket.take(later, 1), Err(Duration::from_millis(500)));
        let much_later = start + Duration::from_secs(60);
        assert_eq!(bucket.take(much_later, 3), Ok(()), "never more than the burst");
        assert!(bucket.take(much_later, 1).is_err());
    }

    #[test]
    fn what_is_spent_beyond_the_burst_is_paused_for() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Rate { per_second: 100, burst: 100 }, start);
        assert_eq!(bucket.spend(start, 100), Duration::ZERO);
        assert_eq!(bucket.spend(start, 50), Duration::from_millis(500));
    }
}
