//! The answer to an operation that is under way.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use super::StoreError;

/// The future of an operation's result.
///
/// The operation is already queued when this exists, and runs even when this
/// is dropped. Needs no runtime to be completed, borrows nothing, is `Unpin`.
/// All writes of one transaction are answered together, right after its
/// commit, so a task that holds many of them is woken once for the batch.
#[derive(Debug)]
#[must_use = "the operation runs, but whether it succeeded is lost"]
pub struct Pending<T>(State<T>);

#[derive(Debug)]
enum State<T> {
    Done(Option<Result<T, StoreError>>),
    Queued(oneshot::Receiver<Result<T, StoreError>>),
}

impl<T> Pending<T> {
    /// One that was not queued.
    pub(super) fn refused(error: StoreError) -> Self {
        Self(State::Done(Some(Err(error))))
    }

    /// One that needed no queue.
    pub(super) fn done(result: T) -> Self {
        Self(State::Done(Some(Ok(result))))
    }

    /// One that will be answered through the channel.
    pub(super) fn queued(answer: oneshot::Receiver<Result<T, StoreError>>) -> Self {
        Self(State::Queued(answer))
    }

    /// Waits on this thread; for threads outside a runtime.
    pub fn wait(self) -> Result<T, StoreError> {
        match self.0 {
            State::Done(result) => result.unwrap_or_else(|| Err(stopped())),
            State::Queued(answer) => answer.blocking_recv().unwrap_or_else(|_| Err(stopped())),
        }
    }
}

/// Nothing inside is pinned.
impl<T> Unpin for Pending<T> {}

impl<T> Future for Pending<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Done(result) => {
                Poll::Ready(result.take().expect("a future is not polled after it was ready"))
            }
            State::Queued(answer) => Pin::new(answer)
                .poll(context)
                .map(|answer| answer.unwrap_or_else(|_| Err(stopped()))),
        }
    }
}

/// The thread that should have answered is gone.
fn stopped() -> StoreError {
    StoreError::Failed("the store has stopped".into())
}
