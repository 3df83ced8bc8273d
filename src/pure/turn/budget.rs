//! Bandwidth that several shards spend together.
//!
//! The shards of a relay run beside each other, and a packet must not cost
//! more because of that: each draws a share at a time and spends it on its
//! own. So the common word is touched a few times a second, not per packet.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::bucket::Rate;
use crate::pure::wire::Millis;

/// What all shards may spend: fills with time up to half a second's worth.
#[derive(Debug)]
pub(super) struct Budget {
    rate: Rate,
    /// When it will be full again, in nanoseconds.
    full: AtomicU64,
}

/// One shard's part of a budget.
#[derive(Debug, Default)]
pub(super) struct Share {
    /// Nothing can be spent before there is one.
    budget: Option<Arc<Budget>>,
    drawn: u64,
}

impl Budget {
    pub(super) fn full(rate: Rate) -> Self {
        Self { rate, full: AtomicU64::new(0) }
    }

    /// Takes that much, if it is there.
    fn draw(&self, now: Millis, bytes: u64) -> bool {
        let now = now.0.saturating_mul(1_000_000);
        let cost = self.rate.nanos(bytes);
        // Each is a change of this word alone, so no order between words matters.
        let drawn = self.full.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full| {
            let full = full.max(now).saturating_add(cost);
            (full - now <= DEPTH).then_some(full)
        });
        drawn.is_ok()
    }
}

impl Share {
    pub(super) fn of(budget: &Arc<Budget>) -> Self {
        Self { budget: Some(Arc::clone(budget)), drawn: 0 }
    }

    /// Draws on this from now on.
    pub(super) fn set_budget(&mut self, budget: Arc<Budget>) {
        self.budget = Some(budget);
    }

    /// Whether `bytes` may be spent; `take` then takes them.
    pub(super) fn holds(&mut self, now: Millis, bytes: u64) -> bool {
        if self.drawn >= bytes {
            return true;
        }
        let Some(budget) = &self.budget else { return false };
        let missing = bytes - self.drawn;
        // Near the limit, no more than what is needed.
        for more in [missing.max(budget.rate.depth() / PORTIONS), missing] {
            if budget.draw(now, more) {
                self.drawn += more;
                return true;
            }
        }
        false
    }

    pub(super) fn take(&mut self, bytes: u64) {
        self.drawn = self.drawn.saturating_sub(bytes);
    }
}

/// Half a second.
const DEPTH: u64 = 500_000_000;
/// Of a full budget, one is drawn at a time.
const PORTIONS: u64 = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_together_spend_what_one_would() {
        // 64 kB at once, and then 128 in each second.
        let budget = Arc::new(Budget::full(Rate::from_bits(8 * 128_000)));
        let mut shares: [Share; 4] = std::array::from_fn(|_| Share::of(&budget));
        let mut spend = |now: u64| {
            let spent = (0..1000_usize).filter(|n| {
                let share = &mut shares[n % 4];
                let enough = share.holds(Millis(now), 1000);
                if enough {
                    share.take(1000);
                }
                enough
            });
            spent.count()
        };
        assert!((60..=64).contains(&spend(7_000)), "a portion may be left in each share");
        assert_eq!(spend(7_000), 0);
        let second: usize = (1..=100).map(|n| spend(7_000 + 10 * n)).sum();
        assert!((120..=132).contains(&second), "{second}");
        assert!((60..=68).contains(&spend(90_000)), "what was not used is not saved up");
    }

    #[test]
    fn one_shard_spends_all_of_it() {
        let budget = Arc::new(Budget::full(Rate::from_bits(8 * 15_000)));
        let mut share = Share::of(&budget);
        let mut spent = 0;
        while share.holds(Millis(0), 1000) {
            share.take(1000);
            spent += 1000;
        }
        assert_eq!(spent, 7000);
        assert!(share.holds(Millis(0), 500));
        assert!(!Share::default().holds(Millis(0), 1));
    }

    #[test]
    fn without_limit_nothing_overflows() {
        let mut share = Share::of(&Arc::new(Budget::full(Rate::from_bits(u64::MAX / 1000))));
        for now in [0, 1, u64::MAX / 2] {
            assert!(share.holds(Millis(now), 1 << 40));
            share.take(1 << 40);
        }
    }
}
