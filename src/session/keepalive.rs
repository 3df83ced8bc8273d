//! The clock of a connection: the hello in time, pings, and silence.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

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

    /// The next thing that is due.
    pub(super) fn poll_due(&mut self, context: &mut Context<'_>) -> Poll<Due> {
        loop {
            if self.sleep.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            let now = Instant::now();
            let next = self.next();
            self.sleep.as_mut().reset(next);
            if next > now {
                continue;
            }
            if self.hello_by.is_some_and(|by| by <= now) {
                return Poll::Ready(Due::Hello);
            }
            if self.heard + self.dead <= now {
                return Poll::Ready(Due::Dead);
            }
            if self.read_at.is_some_and(|at| at <= now) {
                self.read_at = None;
                return Poll::Ready(Due::Read);
            }
            self.ping_at = now + self.ping;
            return Poll::Ready(Due::Ping);
        }
    }

    fn next(&self) -> Instant {
        let always = self.ping_at.min(self.heard + self.dead);
        [self.hello_by, self.read_at].into_iter().flatten().fold(always, Instant::min)
    }
}
