//! When waking up can wait: at a few thousand packets a second and more, most
//! of what a relay spends is waking up for one or two of them at a time.

use std::time::{Duration, Instant};

/// Knows how much there is to do lately.
#[derive(Debug)]
pub(super) struct Pace {
    nap: Duration,
    /// When the present span began.
    since: Instant,
    /// Packets of the present span.
    packets: usize,
    /// Of the last wake-up.
    woken_for: usize,
    busy: bool,
}

impl Pace {
    /// Naps of this length; none if it is zero.
    pub(super) fn new(nap: Duration, now: Instant) -> Self {
        Self { nap, since: now, packets: 0, woken_for: 0, busy: false }
    }

    /// Packets were received.
    pub(super) fn count(&mut self, packets: usize) {
        self.packets += packets;
        self.woken_for += packets;
    }

    /// How long to sleep before waiting for packets: only while many come,
    /// and come few at a time. When they come in clumps, there is little to gain.
    pub(super) fn nap(&mut self, now: Instant) -> Option<Duration> {
        let woken_for = std::mem::take(&mut self.woken_for);
        let span = now.saturating_duration_since(self.since);
        if span >= SPAN {
            self.busy = self.packets as u128 * 1_000_000 >= MANY * span.as_micros();
            (self.since, self.packets) = (now, 0);
        }
        let few = (1..ENOUGH).contains(&woken_for);
        (self.busy && few && !self.nap.is_zero()).then_some(self.nap)
    }
}

/// How long packets are counted before it is said whether they are many.
const SPAN: Duration = Duration::from_millis(10);
/// Packets per second from which on waiting pays.
const MANY: u128 = 2_000;
/// Packets of one wake-up that are worth it.
const ENOUGH: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const NAP: Duration = Duration::from_micros(100);

    /// Lets so many packets come in each of 400 wake-ups, so far apart;
    /// gives how many naps there were.
    fn naps(pace: &mut Pace, now: &mut Instant, packets: usize, apart: Duration) -> usize {
        let mut naps = 0;
        for _ in 0..400 {
            *now += apart;
            pace.count(packets);
            naps += usize::from(pace.nap(*now).is_some());
        }
        naps
    }

    #[test]
    fn naps_are_taken_while_many_packets_come_few_at_a_time() {
        let mut now = Instant::now();
        let mut pace = Pace::new(NAP, now);
        let millis = Duration::from_millis;
        assert_eq!(naps(&mut pace, &mut now, 1, millis(20)), 0, "50 a second");
        assert!(naps(&mut pace, &mut now, 1, Duration::from_micros(50)) > 100, "20,000 a second");
        assert_eq!(naps(&mut pace, &mut now, 50, millis(1)), 0, "50,000 in clumps");
        assert!(naps(&mut pace, &mut now, 4, millis(1)) > 300, "4,000 a second");
        assert!(naps(&mut pace, &mut now, 1, millis(20)) <= 1, "and calm again");
        // Woken by something else than packets.
        assert!(naps(&mut pace, &mut now, 4, millis(1)) > 300);
        assert_eq!(naps(&mut pace, &mut now, 0, millis(1)), 0);
        let mut never = Pace::new(Duration::ZERO, now);
        assert_eq!(naps(&mut never, &mut now, 4, millis(1)), 0);
    }
}
