//! The outbox of a connection: frames that wait for its socket.
//!
//! The hub writes, the session reads. Frames count from when they are queued
//! until the session has flushed them, so a slow socket cannot hold more than
//! the limits. The lock is held for a push or a swap, never across a wait.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::handle::Drained;
use crate::pure::wire::CloseCode;

/// What the reading end learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// There are frames to write.
    Frames,
    /// Nothing more will come: close the socket.
    Closed(CloseCode),
}

/// The reading end, for the session. Dropping it disconnects.
#[derive(Debug)]
pub struct Outbox {
    shared: Arc<Mutex<Queue>>,
    drained: Drained,
}

impl Outbox {
    /// Takes all frames that wait, once `frames` is empty.
    ///
    /// The caller empties `frames` when they are flushed: only then their
    /// room is given back. While it still holds some, this tells of nothing
    /// but a close that cannot wait for them.
    pub fn poll_recv(
        &mut self,
        context: &mut Context<'_>,
        frames: &mut Vec<Utf8Bytes>,
    ) -> Poll<Received> {
        let mut queue = lock(&self.shared);
        let may_take = frames.is_empty();
        if may_take {
            queue.messages = queue.frames.len();
            queue.bytes -= std::mem::take(&mut queue.taken_bytes);
            if !queue.frames.is_empty() {
                queue.taken_bytes = queue.bytes;
                std::mem::swap(&mut queue.frames, frames);
                return Poll::Ready(Received::Frames);
            }
        }
        if let Some(code) = queue.closed
            && (may_take || queue.at_once)
        {
            return Poll::Ready(Received::Closed(code));
        }
        match &queue.waker {
            Some(waker) if waker.will_wake(context.waker()) => {}
            _ => queue.waker = Some(context.waker().clone()),
        }
        let drained = may_take && std::mem::take(&mut queue.watched);
        drop(queue);
        if drained {
            self.drained.tell();
        }
        Poll::Pending
    }

    /// Waits for frames or the close.
    pub async fn recv(&mut self, frames: &mut Vec<Utf8Bytes>) -> Received {
        std::future::poll_fn(|context| self.poll_recv(context, frames)).await
    }
}

/// The writing end, for the hub.
#[derive(Debug)]
pub(super) struct OutboxWriter {
    shared: Arc<Mutex<Queue>>,
}

/// How much an outbox holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) messages: usize,
    pub(super) bytes: usize,
    /// From so many queued bytes on, frames that may be lost are.
    pub(super) lossy_bytes: usize,
}

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pushed {
    Queued,
    /// It may be lost, and was.
    Dropped,
    /// The reader is too slow: the outbox has closed.
    Overflow,
}

/// Makes the two ends of a connection's outbox.
pub(super) fn outbox(drained: Drained) -> (OutboxWriter, Outbox) {
    let shared = Arc::new(Mutex::new(Queue::default()));
    (OutboxWriter { shared: Arc::clone(&shared) }, Outbox { shared, drained })
}

impl OutboxWriter {
    /// Queues a frame without waking the reader.
    pub(super) fn push(&self, frame: Utf8Bytes, lossy: bool, bounds: &Bounds) -> Pushed {
        let mut queue = lock(&self.shared);
        if queue.closed.is_some() {
            return Pushed::Dropped;
        }
        if lossy && queue.bytes + frame.len() > bounds.lossy_bytes {
            return Pushed::Dropped;
        }
        // A single frame always fits, however large: `welcome` has no other way.
        let full = queue.messages >= bounds.messages || queue.bytes + frame.len() > bounds.bytes;
        if full && queue.messages > 0 {
            queue.close(CloseCode::SlowReader, true);
            return Pushed::Overflow;
        }
        queue.messages += 1;
        queue.bytes += frame.len();
        queue.frames.push(frame);
        Pushed::Queued
    }

    /// Closes it: at once, or when what is queued has been written.
    pub(super) fn close(&self, code: CloseCode, at_once: bool) {
        lock(&self.shared).close(code, at_once);
    }

    /// Asks to be told, once, when all is written; answers whether it is already.
    pub(super) fn watch(&self) -> bool {
        let mut queue = lock(&self.shared);
        queue.watched = queue.messages > 0;
        !queue.watched
    }

    /// Wakes the reader, if it waits.
    pub(super) fn wake(&self) {
        let waker = lock(&self.shared).waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

#[derive(Debug, Default)]
struct Queue {
    frames: Vec<Utf8Bytes>,
    /// Queued or being written.
    messages: usize,
    bytes: usize,
    /// The part of `bytes` that the reader has in hand.
    taken_bytes: usize,
    closed: Option<CloseCode>,
    at_once: bool,
    watched: bool,
    waker: Option<Waker>,
}

impl Queue {
    fn close(&mut self, code: CloseCode, at_once: bool) {
        if self.closed.is_some() {
            return;
        }
        self.closed = Some(code);
        self.at_once = at_once;
        if at_once {
            self.frames = Vec::new();
        }
    }
}

/// A panic elsewhere cannot leave a queue half-changed: nothing under the lock panics.
fn lock(shared: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::super::Hub;
    use super::*;
    use crate::pure::rooms::ConnectionId;

    const BOUNDS: Bounds = Bounds { messages: 4, bytes: 100, lossy_bytes: 30 };

    /// The two ends, and the reader's frames in hand.
    fn ends() -> (OutboxWriter, Outbox, Vec<Utf8Bytes>) {
        let (hub, ..) = Hub::new(1);
        let (writer, reader) = outbox(hub.drained(ConnectionId(1)));
        (writer, reader, Vec::new())
    }

    fn poll(reader: &mut Outbox, frames: &mut Vec<Utf8Bytes>) -> Poll<Received> {
        reader.poll_recv(&mut Context::from_waker(Waker::noop()), frames)
    }

    fn frame(bytes: usize) -> Utf8Bytes {
        "x".repeat(bytes).into()
    }

    #[test]
    fn the_reader_takes_all_there_is_once_it_has_written() {
        let (writer, mut reader, mut frames) = ends();
        assert_eq!(poll(&mut reader, &mut frames), Poll::Pending);
        writer.push(frame(1), false, &BOUNDS);
        writer.push(frame(2), false, &BOUNDS);
        assert_eq!(poll(&mut reader, &mut frames), Poll::Ready(Received::Frames));
        assert_eq!(frames.len(), 2);
        writer.push(frame(3), false, &BOUNDS);
        assert_eq!(poll(&mut reader, &mut frames), Poll::Pending, "it has some in hand");
        frames.clear();
        assert_eq!(poll(&mut reader, &mut frames), Poll::Ready(Received::Frames));
        assert_eq!(frames, [frame(3)]);
    }

    #[test]
    fn h54_what_is_being_written_counts_until_it_is_written() {
        let (writer, mut reader, mut frames) = ends();
        for _ in 0..4 {
            assert_eq!(writer.push(frame(1), false, &BOUNDS), Pushed::Queued);
        }
        assert_eq!(poll(&mut reader, &mut frames), Poll::Ready(Received::Frames));
        assert_eq!(writer.push(frame(1), false, &BOUNDS), Pushed::Overflow);
        // It is told although it still writes, and nothing is kept for it.
        let closed = Poll::Ready(Received::Closed(CloseCode::SlowReader));
        assert_eq!(poll(&mut reader, &mut frames), closed);
        assert_eq!(writer.push(frame(1), false, &BOUNDS), Pushed::Dropped);

        let (writer, ..) = ends();
        assert_eq!(writer.push(frame(60), false, &BOUNDS), Pushed::Queued);
        assert_eq!(writer.push(frame(60), false, &BOUNDS), Pushed::Overflow);
    }

    #[test]
    fn what_may_be_lost_goes_first_and_a_large_frame_goes_alone() {
        let (writer, mut reader, mut frames) = ends();
        assert_eq!(writer.push(frame(20), true, &BOUNDS), Pushed::Queued);
        assert_eq!(writer.push(frame(20), true, &BOUNDS), Pushed::Dropped);
        assert_eq!(writer.push(frame(20), false, &BOUNDS), Pushed::Queued);
        assert_eq!(poll(&mut reader, &mut frames), Poll::Ready(Received::Frames));
        frames.clear();
        assert_eq!(poll(&mut reader, &mut frames), Poll::Pending);
        assert_eq!(writer.push(frame(1_000), false, &BOUNDS), Pushed::Queued);
    }

    #[test]
    fn a_close_waits_for_what_is_queued_unless_it_must_not() {
        let (writer, mut reader, mut frames) = ends();
        writer.push(frame(1), false, &BOUNDS);
        writer.close(CloseCode::TryLater, false);
        assert_eq!(poll(&mut reader, &mut frames), Poll::Ready(Received::Frames));
        assert_eq!(poll(&mut reader, &mut frames), Poll::Pending);
        frames.clear();
        let closed = Poll::Ready(Received::Closed(CloseCode::TryLater));
        assert_eq!(poll(&mut reader, &mut frames), closed);

        let (writer, mut reader, mut frames) = ends();
        writer.push(frame(1), false, &BOUNDS);
        writer.close(CloseCode::SessionEnded, true);
        let closed = Poll::Ready(Received::Closed(CloseCode::SessionEnded));
        assert_eq!(poll(&mut reader, &mut frames), closed);
    }

    #[test]
    fn the_hub_hears_once_that_everything_is_written() {
        let (hub, mut inputs, _) = Hub::new(1);
        let (writer, mut reader) = outbox(hub.drained(ConnectionId(1)));
        let mut frames = Vec::new();
        assert!(writer.watch(), "there is nothing to write");
        writer.push(frame(1), false, &BOUNDS);
        assert!(!writer.watch());
        assert_eq!(poll(&mut reader, &mut frames), Poll::Ready(Received::Frames));
        assert!(inputs.try_recv().is_err(), "it is not written yet");
        frames.clear();
        assert_eq!(poll(&mut reader, &mut frames), Poll::Pending);
        assert!(matches!(inputs.try_recv(), Ok(super::super::handle::Input::Writable(_))));
        assert_eq!(poll(&mut reader, &mut frames), Poll::Pending);
        assert!(inputs.try_recv().is_err());
        drop(reader);
        assert!(matches!(inputs.try_recv(), Ok(super::super::handle::Input::Disconnected(_))));
    }
}
