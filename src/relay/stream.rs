//! One TURN stream: finds the messages in it, and writes what is for it.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use super::mailbox::{Mail, Mailbox};
use super::outbox::{Outflow, outbox};
use super::way::Carrier;
use crate::pure::stun::{Frame, next_frame};
use crate::pure::turn::Client;

/// How long a stream may keep us waiting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For its first message.
    pub(super) first_message: Duration,
    /// When nothing moves in either direction.
    pub(super) idle: Duration,
}

/// Serves a stream until either side ends it.
pub(super) async fn serve<S>(
    stream: S,
    client: Client,
    carrier: Carrier,
    mail: &Mailbox,
    patience: Patience,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let (outbox, queue) = outbox();
    if mail.send(Mail::Opened { client, carrier, outbox }).await.is_err() {
        return;
    }
    let (reading, writing) = tokio::io::split(stream);
    let (written, last_write) = watch::channel(Instant::now());
    let ended = tokio::select! {
        ended = read(reading, client, mail, patience, last_write) => ended,
        ended = write(writing, queue, written) => ended,
    };
    tracing::debug!(?ended, "relay stream ended");
    // The worker that is gone needs no word of it.
    let _ = mail.send(Mail::Closed { client }).await;
}

/// Why a stream has ended.
#[derive(Debug)]
enum Ended {
    ByClient,
    ByWorker,
    Deadline,
    Broken,
    Failed(#[expect(dead_code, reason = "shown by Debug, in the log")] io::Error),
}

async fn read<R: AsyncRead + Unpin>(
    mut reading: R,
    client: Client,
    mail: &Mailbox,
    patience: Patience,
    last_write: watch::Receiver<Instant>,
) -> Ended {
    let mut buffer = BytesMut::with_capacity(READ);
    let mut deadline = Instant::now() + patience.first_message;
    let mut first = true;
    loop {
        buffer.reserve(READ);
        match timeout_at(deadline, reading.read_buf(&mut buffer)).await {
            Ok(Ok(0)) => return Ended::ByClient,
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Ended::Failed(error),
            Err(_) => {
                // A client that only listens is not idle.
                deadline = *last_write.borrow() + patience.idle;
                if first || deadline <= Instant::now() {
                    return Ended::Deadline;
                }
            }
        }
        let Some(whole) = whole_messages(&buffer) else { return Ended::Broken };
        if whole > 0 {
            let bytes = buffer.split_to(whole);
            if mail.send(Mail::Messages { client, bytes }).await.is_err() {
                return Ended::ByWorker;
            }
            deadline = Instant::now() + patience.idle;
            first = false;
        }
    }
}

/// How many bytes at the front are whole messages; nothing if what follows
/// can be no message.
fn whole_messages(bytes: &[u8]) -> Option<usize> {
    let mut end = 0;
    loop {
        match next_frame(&bytes[end..], LONGEST) {
            Frame::Whole { padded, .. } => end += padded,
            Frame::Partial => return Some(end),
            Frame::Broken => return None,
        }
    }
}

async fn write<W: AsyncWrite + Unpin>(
    mut writing: W,
    mut queue: Outflow,
    written: watch::Sender<Instant>,
) -> Ended {
    let mut together = Vec::new();
    // One write: over TLS that is few records.
    while queue.take(&mut together).await {
        let flushed = async {
            writing.write_all(&together).await?;
            writing.flush().await
        };
        match timeout(STUCK, flushed).await {
            Ok(Ok(())) => queue.written(together.len()),
            Ok(Err(error)) => return Ended::Failed(error),
            Err(_) => return Ended::Deadline,
        }
        written.send_replace(Instant::now());
    }
    // Answers are out; the other side sees an orderly end. Whether it still
    // listens is its affair.
    let _ = writing.shutdown().await;
    Ended::ByWorker
}

/// The longest message of a stream: 1,500 bytes of data in a Send indication.
pub(super) const LONGEST: usize = 1536;
/// Room for one read.
const READ: usize = 8 * 1024;
/// How long a client may leave everything unread.
const STUCK: Duration = Duration::from_secs(30);
