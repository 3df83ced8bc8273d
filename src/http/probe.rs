//! One look at the store for all who ask at the same time.
//!
//! Anybody may ask whether this server is ready, and each look is a write. So those who ask while
//! one is under way, or right after it, are told what it found.

use std::future::Future;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// What the last look found, and when it ended.
#[derive(Debug)]
pub struct Probe<T>(Mutex<Option<(Instant, T)>>);

impl<T: Copy> Probe<T> {
    /// What a look has found that ended less than a second ago; else this one looks.
    pub(super) async fn ask(&self, look: impl Future<Output = T>) -> T {
        let mut last = self.0.lock().await;
        match *last {
            Some((ended, found)) if ended.elapsed() < AGE => found,
            _ => {
                let found = look.await;
                *last = Some((Instant::now(), found));
                found
            }
        }
    }
}

impl<T> Default for Probe<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

const AGE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures_util::future::join_all;
    use tokio::time::{advance, sleep};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn many_who_ask_cause_one_look() {
        let (probe, looks) = (Probe::default(), AtomicU32::new(0));
        let look = || async {
            sleep(Duration::from_millis(300)).await;
            looks.fetch_add(1, Ordering::Relaxed) + 1
        };
        let found = join_all((0..1000).map(|_| probe.ask(look()))).await;
        assert!(found.into_iter().all(|found| found == 1));
        advance(AGE - Duration::from_millis(1)).await;
        assert_eq!(probe.ask(look()).await, 1);
        advance(Duration::from_millis(1)).await;
        assert_eq!(probe.ask(look()).await, 2);
        // Who gives up leaves nothing behind that the next one would wait for.
        advance(AGE).await;
        drop(tokio::time::timeout(Duration::from_millis(1), probe.ask(look())).await);
        assert_eq!(probe.ask(look()).await, 3);
    }
}
