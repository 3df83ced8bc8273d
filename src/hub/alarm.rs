//! Wakes the task at the core's next deadline.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use super::task::now;
use crate::pure::wire::Millis;

/// One timer, set anew when the deadline moves.
#[derive(Default)]
pub(super) struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
    set_for: Option<Millis>,
}

impl Alarm {
    /// Whether the deadline has come.
    pub(super) fn poll(&mut self, context: &mut Context<'_>, deadline: Option<Millis>) -> bool {
        let Some(deadline) = deadline else {
            self.set_for = None;
            return false;
        };
        let wait = deadline.since(now());
        if wait == Millis(0) {
            return true;
        }
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(LOOK_AGAIN)));
        if self.set_for != Some(deadline) || sleep.is_elapsed() {
            self.set_for = Some(deadline);
            // The clock on the wall may be moved meanwhile.
            let wait = Duration::from_millis(wait.0).min(LOOK_AGAIN);
            sleep.as_mut().reset(Instant::now() + wait);
        }
        sleep.as_mut().poll(context).is_ready()
    }
}

const LOOK_AGAIN: Duration = Duration::from_secs(10);
