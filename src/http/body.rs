//! The body of an answer: in memory, or parts that are read while they are sent.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::{BodyExt, Collected, Full};
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;

use crate::store::{Backup, Span};

/// What follows the head of an answer.
#[derive(Debug)]
pub enum Body {
    Whole(Full<Bytes>),
    Parts(Parts),
}

/// Parts on their way, read by a task that is one part ahead of the client.
#[derive(Debug)]
pub struct Parts {
    parts: mpsc::Receiver<io::Result<Bytes>>,
    left: u64,
}

impl Body {
    /// A part of a file. A client that takes nothing for a minute loses it.
    pub fn file(span: Span) -> Self {
        Self::of(span.left(), span)
    }

    /// A backup, for whoever holds the turn to make one.
    pub fn backup(backup: Backup, turn: OwnedSemaphorePermit) -> Self {
        Self::of(backup.left(), (backup, turn))
    }

    /// The same with other bytes for what is in memory, if there are such.
    pub(super) fn hold(self, hold: impl FnOnce(Bytes) -> Option<Bytes>) -> Option<Self> {
        match self {
            Self::Whole(whole) => {
                let whole = whole.collect().now_or_never().expect("it is all there");
                let bytes = whole.map(Collected::to_bytes).unwrap_or_else(|never| match never {});
                hold(bytes).map(|bytes| Self::Whole(Full::new(bytes)))
            }
            parts @ Self::Parts(_) => Some(parts),
        }
    }

    fn of(left: u64, mut source: impl Source) -> Self {
        let (sender, parts) = mpsc::channel(1);
        tokio::spawn(async move {
            while let Some(part) = source.next().await.transpose() {
                if let Err(error) = &part {
                    tracing::warn!(%error, "the disk failed an answer under way");
                }
                let broken = part.is_err();
                let sent = timeout(STALL_TIME, sender.send(part)).await;
                if broken || !matches!(sent, Ok(Ok(()))) {
                    return;
                }
            }
        });
        Self::Parts(Parts { parts, left })
    }
}

/// Something that is read part by part.
trait Source: Send + 'static {
    fn next(&mut self) -> impl Future<Output = io::Result<Option<Bytes>>> + Send;
}

impl Source for Span {
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        Span::next(self).await
    }
}

impl Source for (Backup, OwnedSemaphorePermit) {
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        self.0.next().await
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::Whole(Full::default())
    }
}

impl From<Full<Bytes>> for Body {
    fn from(whole: Full<Bytes>) -> Self {
        Self::Whole(whole)
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut *self {
            Self::Whole(whole) => Pin::new(whole)
                .poll_frame(context)
                .map(|frame| frame.map(|frame| frame.map_err(|never| match never {}))),
            Self::Parts(body) => body.parts.poll_recv(context).map(|part| match part {
                Some(Ok(part)) => {
                    body.left = body.left.saturating_sub(part.len() as u64);
                    Some(Ok(Frame::data(part)))
                }
                Some(Err(error)) => Some(Err(error)),
                None if body.left > 0 => Some(Err(io::ErrorKind::UnexpectedEof.into())),
                None => None,
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.is_end_stream(),
            Self::Parts(body) => body.left == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => whole.size_hint(),
            Self::Parts(body) => SizeHint::with_exact(body.left),
        }
    }
}

const STALL_TIME: Duration = Duration::from_secs(60);
