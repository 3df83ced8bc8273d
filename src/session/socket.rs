//! The WebSocket itself: its bounds, its metering, its end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::SinkExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use crate::pure::wire::{CloseCode, limits};

/// Buffers and pieces: small, because they stay for as long as a connection does.
const BUFFER: usize = 4 * 1024;

/// What one message may take on the wire, with the headers of its fragments.
const RAW_MESSAGE: usize = 2 * limits::FRAME_BYTES;

/// How long, and for how many bytes, a closed connection may take to leave.
const FAREWELL: Duration = Duration::from_secs(2);
const FAREWELL_BYTES: usize = 256 * 1024;

pub(super) type Socket<S> = WebSocketStream<Metered<S>>;

pub(super) async fn open<S>(io: S) -> Socket<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_write_buffer_size(8 * BUFFER)
        .max_message_size(Some(limits::FRAME_BYTES))
        .max_frame_size(Some(limits::FRAME_BYTES));
    let io = Metered { io, read: 0 };
    WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await
}

/// Says why, and waits a little for the other side to have read it: closing a
/// socket with unread input would reset it and lose the farewell.
pub(super) async fn close<S>(mut socket: Socket<S>, code: CloseCode)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let farewell = async {
        let reason = Utf8Bytes::from(code.reason().into_owned());
        let frame = CloseFrame { code: code.number().into(), reason };
        // An error means that there is nobody left to tell.
        let _ = socket.send(Message::Close(Some(frame))).await;
        let mut io = socket.into_inner().io;
        let _ = io.shutdown().await;
        let mut buffer = [0; 512];
        let mut left = FAREWELL_BYTES;
        while let Ok(count @ 1..) = io.read(&mut buffer).await
            && left > 0
        {
            left = left.saturating_sub(count);
        }
    };
    let _ = tokio::time::timeout(FAREWELL, farewell).await;
}

/// The code that fits what went wrong; none when there is nobody left to tell.
pub(super) fn code_for(error: &Error) -> Option<CloseCode> {
    match error {
        Error::Capacity(_) => Some(CloseCode::TooLarge),
        Error::Utf8(_) => Some(CloseCode::InvalidText),
        Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => Some(CloseCode::TooLarge),
        Error::Protocol(
            tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
        ) => None,
        Error::Protocol(_) => Some(CloseCode::ProtocolError),
        _ => None,
    }
}

/// The next piece of a text frame, and how far it goes. Long frames are
/// fragmented (RFC 6455, section 5.4), or the write buffer would grow to the
/// longest frame ever and stay so.
pub(super) fn piece(frame: &Utf8Bytes, from: usize) -> (Message, usize) {
    if from == 0 && frame.len() <= BUFFER {
        return (Message::Text(frame.clone()), frame.len());
    }
    let to = frame.len().min(from + BUFFER);
    let bytes: &Bytes = frame.as_ref();
    let code = if from == 0 { Data::Text } else { Data::Continue };
    let frame = Frame::message(bytes.slice(from..to), OpCode::Data(code), to == frame.len());
    (Message::Frame(frame), to)
}

/// Counts what is read below the WebSocket, where fragments, pings and
/// headers are still to be seen.
#[derive(Debug)]
pub(super) struct Metered<S> {
    io: S,
    read: usize,
}

impl<S> Metered<S> {
    /// The bytes read since the last call, which was at the last message.
    pub(super) fn take_read(&mut self) -> usize {
        std::mem::take(&mut self.read)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.read > RAW_MESSAGE {
            let reason = "a message in too many fragments";
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, reason)));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(context, buffer))?;
        self.read += buffer.filled().len() - before;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
