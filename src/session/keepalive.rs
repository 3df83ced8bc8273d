//! The clock of a connection: the hello in time, pings, and silence.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, Sleep};

use super::Limits;

/// What the time asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    Ping,
    /// No `hello` in time.
    Hello,
    /// Silent for too long.
    Dead,
    /// Reading may go on.
    Read,
}

#[derive(Debug)]
pub(super) struct Keepalive {
    /// Set until `hello` has come.
    hello_by: Option<Instant>,
    ping_at: Instant,
    heard: Instant,
    /// Reading pauses until then.
    read_at: Option<Instant>,
    sleep: Pin<Box<Sleep>>,
    ping: std::time::Duration,
    dead: std::time::Duration,
}

impl Keepalive {
    pub(super) fn new(limits: &Limits, now: Instant) -> Self {
        Self {
            hello_by: Some(now + limits.hello),
            ping_at: now + limits.ping,
            heard: now,
            read_at: None,
            sleep: Box::pin(tokio::time::sleep_until(now + limits.hello.min(limits.ping))),
            ping: limits.ping,
            dead: limits.dead,
        }
    }

    /// Something came from the other side.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    /// The `hello` came.
    pub(super) fn greeted(&mut self) {
        self.hello_by = None;
    }

    /// Reading pauses.
    pub(super) fn pause(&mut self, until: Instant) {
        self.read_at = Some(until);
        self.sleep.as_mut().reset(until);
    }

    pub(super) fn is_paused(&self) -> bool {
        self.read_at.is_some()
    }

    /// Whether nothing has come for too long.
    pub(super) fn is_silent(&self, now: Instant) -> bool {
        self.heard + self.dead <= now
    }

    /// The next thing that is due. When that is the end for silence, what has come meanwhile is
    /// to be read first: the clock alone does not know of it.
    pub(super) fn poll_due(&mut self, context: &mut Context<'_>) -> Poll<Due> {
        loop {
            let alarm = self.sleep.deadline();
            ready!(self.sleep.as_mut().poll(context));
            let now = Instant::now();
            self.excuse(now, alarm);
            let due = self.due(now);
            // What is overdue already is not late once more.
            let next = self.next().max(now);
            self.sleep.as_mut().reset(next);
            if let Some(due) = due {
                return Poll::Ready(due);
            }
        }
    }

    /// Who was not awake for the alarm could not hear anything either: neither a ping that was
    /// not sent nor its answer is missing. So a computer that slept asks first who is still there.
    fn excuse(&mut self, now: Instant, alarm: Instant) {
        let late = now.saturating_duration_since(alarm);
        self.heard = (self.heard + late).min(now);
    }

    fn due(&mut self, now: Instant) -> Option<Due> {
        if self.hello_by.is_some_and(|by| by <= now) {
            return Some(Due::Hello);
        }
        // Before silence, which it may end.
        if self.read_at.is_some_and(|at| at <= now) {
            self.read_at = None;
            return Some(Due::Read);
        }
        if self.is_silent(now) {
            return Some(Due::Dead);
        }
        if self.ping_at <= now {
            self.ping_at = now + self.ping;
            return Some(Due::Ping);
        }
        None
    }

    fn next(&self) -> Instant {
        let always = self.ping_at.min(self.heard + self.dead);
        [self.hello_by, self.read_at].into_iter().flatten().fold(always, Instant::min)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

    const PING: Duration = Duration::from_secs(25);
    const DEAD: Duration = Duration::from_secs(60);

    fn keepalive() -> Keepalive {
        let limits = Limits { ping: PING, dead: DEAD, ..Limits::default() };
        Keepalive::new(&limits, Instant::now())
    }

    fn due(keepalive: &mut Keepalive) -> Option<Due> {
        match keepalive.poll_due(&mut Context::from_waker(std::task::Waker::noop())) {
            Poll::Ready(due) => Some(due),
            Poll::Pending => None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_after_two_pings() {
        let mut keepalive = keepalive();
        keepalive.greeted();
        let mut told = Vec::new();
        for second in 1..=60 {
            advance(Duration::from_secs(1)).await;
            while let Some(due) = due(&mut keepalive) {
                told.push((second, due));
                if due == Due::Dead {
                    break;
                }
            }
        }
        assert_eq!(told, [(25, Due::Ping), (50, Due::Ping), (60, Due::Dead)]);
        assert!(keepalive.is_silent(Instant::now()));
        keepalive.heard(Instant::now());
        assert!(!keepalive.is_silent(Instant::now()));
        assert_eq!(due(&mut keepalive), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_standstill_of_our_own_is_no_silence() {
        let mut keepalive = keepalive();
        keepalive.greeted();
        advance(Duration::from_secs(10)).await;
        assert_eq!(due(&mut keepalive), None);
        keepalive.heard(Instant::now());
        // The computer sleeps, and asks before it gives anybody up.
        advance(Duration::from_secs(3600)).await;
        assert_eq!((due(&mut keepalive), due(&mut keepalive)), (Some(Due::Ping), None));
        advance(PING).await;
        assert_eq!((due(&mut keepalive), due(&mut keepalive)), (Some(Due::Ping), None));
        advance(Duration::from_secs(20)).await;
        assert_eq!(due(&mut keepalive), Some(Due::Dead));
    }

    #[tokio::test(start_paused = true)]
    async fn reading_goes_on_before_silence_is_told() {
        let mut keepalive = keepalive();
        keepalive.greeted();
        keepalive.pause(Instant::now() + DEAD);
        advance(DEAD).await;
        assert_eq!(due(&mut keepalive), Some(Due::Read));
        assert!(!keepalive.is_paused());
        assert_eq!(due(&mut keepalive), Some(Due::Dead));
    }
}
