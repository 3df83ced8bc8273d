//! What wakes a worker that waits for the system.

use std::sync::atomic::{AtomicBool, Ordering, fence};

/// A bell that costs a system call only when somebody sleeps.
#[derive(Debug)]
pub(super) struct Bell {
    waker: mio::Waker,
    asleep: AtomicBool,
}

impl Bell {
    pub(super) fn new(waker: mio::Waker) -> Self {
        Self { waker, asleep: AtomicBool::new(false) }
    }

    /// Wakes the worker, after something was put where it looks.
    pub(super) fn ring(&self) {
        // Either this sees that the worker sleeps, or the worker, which looks
        // once more after it has said so, sees what was put there.
        fence(Ordering::SeqCst);
        let asleep = self.asleep.load(Ordering::Relaxed);
        if asleep
            && self.asleep.swap(false, Ordering::Relaxed)
            && let Err(error) = self.waker.wake()
        {
            tracing::debug!(%error, "waking the relay failed");
        }
    }

    /// The worker is about to sleep, and looks once more.
    pub(super) fn fall_asleep(&self) {
        self.asleep.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
    }

    /// The worker looks by itself.
    pub(super) fn stay_awake(&self) {
        self.asleep.store(false, Ordering::Relaxed);
    }
}
