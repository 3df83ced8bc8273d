//! Tells wakes by the socket or the clock from wakes by the outbox.
//!
//! A delivery wakes a connection's task only to write. To poll socket and clock
//! too each time would touch as much cold memory as the writing itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

/// Knows whether socket or clock may have something.
#[derive(Debug, Default)]
pub(super) struct InputWakes {
    /// Made with the first poll, which knows the task.
    flag: Option<(Arc<Flag>, Waker)>,
}

#[derive(Debug)]
struct Flag {
    task: Waker,
    raised: AtomicBool,
}

impl InputWakes {
    /// The waker to poll them with, if they woke the task since the last time
    /// (or at first). It wakes the task of this context, and remembers that it did.
    pub(super) fn take(&mut self, context: &Context<'_>) -> Option<Waker> {
        if let Some((flag, waker)) = &self.flag
            && flag.task.will_wake(context.waker())
        {
            return flag.raised.swap(false, Ordering::AcqRel).then(|| waker.clone());
        }
        let task = context.waker().clone();
        let flag = Arc::new(Flag { task, raised: AtomicBool::new(false) });
        let waker = Waker::from(Arc::clone(&flag));
        self.flag = Some((flag, waker.clone()));
        Some(waker)
    }

    /// They may have more, although nobody will wake the task for it.
    pub(super) fn keep(&self) {
        if let Some((flag, _)) = &self.flag {
            flag.raised.store(true, Ordering::Release);
        }
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.raised.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wake_is_taken_once() {
        let mut wakes = InputWakes::default();
        let task = Flag { task: Waker::noop().clone(), raised: AtomicBool::new(false) };
        let task = Waker::from(Arc::new(task));
        let context = Context::from_waker(&task);
        let waker = wakes.take(&context).expect("the first time");
        assert!(wakes.take(&context).is_none(), "nothing has come");
        waker.wake_by_ref();
        assert!(wakes.take(&context).is_some());
        assert!(wakes.take(&context).is_none(), "it was taken");
        wakes.keep();
        assert!(wakes.take(&context).is_some());
    }
}
