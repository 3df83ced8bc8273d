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
    /// Packets that a nap would gather, if there were many lately.
    gathering: Option<usize>,
    /// Packets of the last wake-up, and receivers that some were sent to.
    woken_for: usize,
    receivers: usize,
}

impl Pace {
    /// Naps of this length; none if it is zero.
    pub(super) fn new(nap: Duration, now: Instant) -> Self {
        Self { nap, since: now, packets: 0, gathering: None, woken_for: 0, receivers: 0 }
    }

    /// Packets were received.
    pub(super) fn count(&mut self, packets: usize) {
        self.packets += packets;
        self.woken_for += packets;
    }

    /// Something was sent to so many.
    pub(super) fn sent(&mut self, receivers: usize) {
        self.receivers += receivers;
    }

    /// How long to sleep before waiting for packets: only while many come, and come few
    /// at a time, or those for one receiver would come together. When they come in
    /// clumps for many, there is little to gain.
    pub(super) fn nap(&mut self, now: Instant) -> Option<Duration> {
        let woken_for = std::mem::take(&mut self.woken_for);
        let receivers = std::mem::take(&mut self.receivers);
        let span = now.saturating_duration_since(self.since);
        if span >= SPAN {
            let per_second = self.packets as u128 * 1_000_000 / span.as_micros();
            let gathering = per_second * self.nap.as_micros() / 1_000_000;
            self.gathering = (per_second >= MANY).then_some(gathering as usize);
            (self.since, self.packets) = (now, 0);
        }
        let gathering = self.gathering.filter(|_| !self.nap.is_zero())?;
        let few = (1..ENOUGH).contains(&woken_for);
        let apart = woken_for < TOGETHER * receivers && receivers <= gathering;
        (few || apart).then_some(self.nap)
    }
}

/// How long packets are counted before it is said whether they are many.
const SPAN: Duration = Duration::from_millis(10);
/// Packets per second from which on waiting pays.
const MANY: u128 = 2_000;
/// Packets of one wake-up that are worth it.
const ENOUGH: usize = 24;
/// Packets for one receiver that are worth sending.
const TOGETHER: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    const NAP: Duration = Duration::from_micros(100);

    /// Lets so many packets for so many receivers come in each of 400 wake-ups, so far
    /// apart; gives how many naps there were.
    fn naps(pace: &mut Pace, now: &mut Instant, packets: [usize; 2], apart: Duration) -> usize {
        let [packets, receivers] = packets;
        let mut naps = 0;
        for _ in 0..400 {
            *now += apart;
            pace.count(packets);
            pace.sent(receivers);
            naps += usize::from(pace.nap(*now).is_some());
        }
        naps
    }

    #[test]
    fn naps_are_taken_while_many_packets_come_few_at_a_time() {
        let mut now = Instant::now();
        let mut pace = Pace::new(NAP, now);
        let (millis, micros) = (Duration::from_millis, Duration::from_micros);
        assert_eq!(naps(&mut pace, &mut now, [1, 1], millis(20)), 0, "50 a second");
        assert!(naps(&mut pace, &mut now, [1, 1], micros(50)) > 100, "20,000 a second");
        assert_eq!(naps(&mut pace, &mut now, [50, 50], millis(1)), 0, "50,000 in clumps");
        assert!(naps(&mut pace, &mut now, [4, 4], millis(1)) > 300, "4,000 a second");
        assert!(naps(&mut pace, &mut now, [1, 1], millis(20)) <= 1, "and calm again");
        // Woken by something else than packets.
        assert!(naps(&mut pace, &mut now, [4, 4], millis(1)) > 300);
        assert_eq!(naps(&mut pace, &mut now, [0, 0], millis(1)), 0);
        let mut never = Pace::new(Duration::ZERO, now);
        assert_eq!(naps(&mut never, &mut now, [4, 4], millis(1)), 0);
    }

    #[test]
    fn naps_gather_what_is_for_one_receiver() {
        let mut now = Instant::now();
        let mut pace = Pace::new(NAP, now);
        let micros = Duration::from_micros;
        // 400,000 a second: 40 come in a nap.
        assert!(naps(&mut pace, &mut now, [40, 10], micros(100)) > 250, "four for each");
        let last = naps(&mut pace, &mut now, [40, 40], micros(100));
        assert!(last > 250, "another one for each");
        assert_eq!(naps(&mut pace, &mut now, [41, 41], micros(103)), 0, "none for some");
        assert_eq!(naps(&mut pace, &mut now, [80, 10], micros(200)), 0, "enough for each");
    }
}
