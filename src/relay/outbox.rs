//! What waits for a stream: the worker puts messages together, and the
//! stream's task writes all there is as one, which over TLS is few records.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc;

/// The worker's side.
#[derive(Debug)]
pub(super) struct Outbox {
    queue: mpsc::Sender<Bytes>,
    /// Whole messages that are not in the queue yet.
    gathered: BytesMut,
    /// Bytes in the queue, and those that are being written.
    under_way: Arc<AtomicUsize>,
}

/// The side of the stream's task.
#[derive(Debug)]
pub(super) struct Outflow {
    queue: mpsc::Receiver<Bytes>,
    taken: Vec<Bytes>,
    under_way: Arc<AtomicUsize>,
}

/// The client does not read, and loses the message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Slow;

/// Both sides.
pub(super) fn outbox() -> (Outbox, Outflow) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let under_way = Arc::<AtomicUsize>::default();
    let outbox =
        Outbox { queue: sender, gathered: BytesMut::new(), under_way: Arc::clone(&under_way) };
    (outbox, Outflow { queue: receiver, taken: Vec::with_capacity(QUEUE), under_way })
}

impl Outbox {
    /// Adds a message; says whether it is the first since the last `send`.
    pub(super) fn add(&mut self, parts: &[&[u8]]) -> Result<bool, Slow> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let waiting = self.under_way.load(Ordering::Relaxed) + self.gathered.len();
        if waiting + length > MOST || self.queue.capacity() == 0 {
            return Err(Slow);
        }
        let first = self.gathered.is_empty();
        self.gathered.reserve(length);
        parts.iter().for_each(|part| self.gathered.extend_from_slice(part));
        Ok(first)
    }

    /// Hands over what was added.
    pub(super) fn send(&mut self) {
        let bytes = self.gathered.split().freeze();
        self.under_way.fetch_add(bytes.len(), Ordering::Relaxed);
        // There was room when the first was added, and a stream that has
        // ended needs nothing.
        let _ = self.queue.try_send(bytes);
    }
}

impl Outflow {
    /// Waits for messages and puts all there are into `together`; false when
    /// there will be none any more.
    pub(super) async fn take(&mut self, together: &mut Vec<u8>) -> bool {
        together.clear();
        if self.queue.recv_many(&mut self.taken, QUEUE).await == 0 {
            return false;
        }
        self.taken.drain(..).for_each(|bytes| together.extend_from_slice(&bytes));
        true
    }

    /// So many bytes have been written.
    pub(super) fn written(&self, bytes: usize) {
        self.under_way.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Bytes that wait for a slow client; more are lost.
const MOST: usize = 384 * 1024;
/// Batches that do.
const QUEUE: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_are_taken_together_and_those_too_many_refused() {
        let (mut outbox, mut outflow) = outbox();
        let mut together = Vec::new();
        for round in 0..3 {
            assert_eq!(outbox.add(&[b"he", b"llo"]), Ok(true));
            assert_eq!(outbox.add(&[b" world"]), Ok(false));
            outbox.send();
            assert_eq!(outbox.add(&[b"!"]), Ok(true), "{round}");
            outbox.send();
            assert!(outflow.take(&mut together).await);
            assert_eq!(together, b"hello world!");
            outflow.written(together.len());
        }
        let message = [0; 1000];
        let fits = (0..1000).take_while(|_| outbox.add(&[&message]).is_ok()).count();
        assert_eq!(fits, MOST / 1000);
        outbox.send();
        assert_eq!(outbox.add(&[&message]), Err(Slow));
        assert!(outflow.take(&mut together).await);
        assert_eq!(outbox.add(&[&message]), Err(Slow), "it is not written yet");
        outflow.written(together.len());
        assert_eq!(outbox.add(&[&message]), Ok(true));
        outbox.send();
        drop(outbox);
        assert!(outflow.take(&mut together).await);
        assert!(!outflow.take(&mut together).await);
    }
}
