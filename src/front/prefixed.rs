//! A stream of which some bytes were already read, and which keeps its place.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// Gives the bytes that were taken from the stream once more, then the stream
/// itself. Holds on to `stay` for as long as it lives, wherever it is moved:
/// a connection keeps its place when it becomes a WebSocket.
#[derive(Debug)]
pub(super) struct Prefixed<S, G> {
    prefix: [u8; PREFIX],
    start: usize,
    end: usize,
    inner: S,
    stay: G,
}

/// As long as the preface of HTTP/2.
const PREFIX: usize = 24;

impl<S, G> Prefixed<S, G> {
    /// A stream of which nothing was read.
    pub(super) fn new(inner: S, stay: G) -> Self {
        Self { prefix: [0; PREFIX], start: 0, end: 0, inner, stay }
    }

    /// The bytes read ahead.
    pub(super) fn prefix(&self) -> &[u8] {
        &self.prefix[self.start..self.end]
    }

    /// The bytes read ahead, the stream itself, and what holds its place.
    pub(super) fn into_parts(self) -> (Vec<u8>, S, G) {
        (self.prefix().to_vec(), self.inner, self.stay)
    }
}

impl<S: AsyncRead + Unpin, G> Prefixed<S, G> {
    /// Reads exactly `n` bytes ahead. No `async fn`, which would hold the stream twice.
    pub(super) fn read_ahead(
        inner: S,
        n: usize,
        stay: G,
    ) -> impl Future<Output = io::Result<Self>> {
        let mut stream = Self::new(inner, stay);
        async move {
            stream.inner.read_exact(&mut stream.prefix[..n]).await?;
            stream.end = n;
            Ok(stream)
        }
    }
}

impl<S: AsyncRead + Unpin, G: Unpin> AsyncRead for Prefixed<S, G> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.start == self.end {
            return Pin::new(&mut self.inner).poll_read(context, buffer);
        }
        let n = buffer.remaining().min(self.end - self.start);
        buffer.put_slice(&self.prefix()[..n]);
        self.start += n;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin, G: Unpin> AsyncWrite for Prefixed<S, G> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_is_lost_or_doubled() {
        let mut stream = Prefixed::read_ahead(&b"0123456789"[..], 4, ()).await.unwrap();
        assert_eq!(stream.prefix(), b"0123");
        let mut text = [0; 3];
        stream.read_exact(&mut text).await.unwrap();
        assert_eq!(&text, b"012");
        let mut rest = String::new();
        stream.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "3456789");
    }
}
