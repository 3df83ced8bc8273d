//! The loop of a connection: outbox to socket, socket to hub.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::Limits;
use super::input::InputWakes;
use super::keepalive::{Due, Keepalive};
use super::rate::Bucket;
use super::socket::{self, Socket};
use super::verify::Verifier;
use crate::hub::{Connection, ConnectionId, Hub, Outbox, Received};
use crate::pure::wire::{ApiError, CloseCode, Command, CommandFrame, ErrorCode, Event};

/// What a bad frame costs of the refusals a connection may run up.
const BAD_FRAME: u32 = 10;

const UNREADABLE: ApiError = ApiError::new(ErrorCode::BadRequest, "not a frame of this protocol");

pub(super) struct Pump<S> {
    socket: Socket<S>,
    hub: Hub,
    connection: ConnectionId,
    verifier: Verifier,
    outbox: Outbox,
    /// Being written: which one, and how far.
    frames: Vec<Utf8Bytes>,
    frame: usize,
    written: usize,
    flushed: bool,
    ping: bool,
    inputs: InputWakes,
    keepalive: Keepalive,
    commands: Bucket,
    signals: Bucket,
    typing: Bucket,
    bytes: Bucket,
    pings: Bucket,
    refusals: Bucket,
}

/// What the loop has to do next.
enum Step {
    Command(CommandFrame),
    /// The end, with the code to say if there is anyone to hear it.
    End(Option<CloseCode>),
}

impl<S> Pump<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    pub(super) fn new(
        socket: Socket<S>,
        hub: Hub,
        connection: Connection,
        verifier: Verifier,
        limits: Limits,
    ) -> Self {
        let now = Instant::now();
        Self {
            socket,
            hub,
            connection: connection.id,
            verifier,
            outbox: connection.outbox,
            frames: Vec::new(),
            frame: 0,
            written: 0,
            flushed: true,
            ping: false,
            inputs: InputWakes::default(),
            keepalive: Keepalive::new(&limits, now),
            commands: Bucket::new(limits.commands, now),
            signals: Bucket::new(limits.signals, now),
            typing: Bucket::new(limits.typing, now),
            bytes: Bucket::new(limits.bytes, now),
            pings: Bucket::new(limits.pings, now),
            refusals: Bucket::new(limits.refusals, now),
        }
    }

    /// Runs until the connection is to be closed, with this code.
    pub(super) async fn run(mut self) -> (Socket<S>, Option<CloseCode>) {
        loop {
            match poll_fn(|context| self.poll_step(context)).await {
                Step::Command(frame) => match self.verifier.envelope(&frame.command).await {
                    Ok(envelope) => self.hub.command(self.connection, frame, envelope).await,
                    Err(error) => {
                        let refused = self.refuse(Instant::now(), frame.id, error, 1);
                        if let Some(Step::End(code)) = refused {
                            return (self.socket, code);
                        }
                    }
                },
                Step::End(code) => return (self.socket, code),
            }
        }
    }

    fn poll_step(&mut self, context: &mut Context<'_>) -> Poll<Step> {
        let Some(waker) = self.inputs.take(context) else {
            // Only the outbox has something, as most of the time.
            return self.poll_out(context);
        };
        let mut reading = Context::from_waker(&waker);
        while let Poll::Ready(due) = self.keepalive.poll_due(&mut reading) {
            match due {
                Due::Ping => self.ping = true,
                Due::Hello => return Poll::Ready(Step::End(Some(CloseCode::BadHello))),
                // What came while this process slept has not been heard yet.
                Due::Dead => match self.poll_socket(context, &mut reading) {
                    Poll::Ready(step) => return Poll::Ready(step),
                    Poll::Pending if self.keepalive.is_silent(Instant::now()) => {
                        return Poll::Ready(Step::End(None));
                    }
                    Poll::Pending => {}
                },
                Due::Read => {}
            }
        }
        self.poll_socket(context, &mut reading)
    }

    fn poll_socket(&mut self, context: &mut Context<'_>, reading: &mut Context<'_>) -> Poll<Step> {
        if let Poll::Ready(step) = self.poll_out(context) {
            return Poll::Ready(step);
        }
        self.poll_in(context, reading)
    }

    /// Writes until there is nothing left or the socket is full.
    fn poll_out(&mut self, context: &mut Context<'_>) -> Poll<Step> {
        loop {
            match self.outbox.poll_recv(context, &mut self.frames) {
                Poll::Ready(Received::Closed(code)) => {
                    return Poll::Ready(Step::End(Some(code)));
                }
                Poll::Ready(Received::Frames) => {}
                Poll::Pending if self.frames.is_empty() && self.flushed && !self.ping => {
                    return Poll::Pending;
                }
                Poll::Pending => {}
            }
            match ready!(self.poll_write(context)) {
                Ok(()) => {}
                // Reading finds out what is wrong.
                Err(_) => return Poll::Ready(Step::End(None)),
            }
        }
    }

    /// Writes and flushes what there is.
    fn poll_write(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), tokio_tungstenite::tungstenite::Error>> {
        while self.ping || self.frame < self.frames.len() {
            ready!(Pin::new(&mut self.socket).poll_ready(context))?;
            self.flushed = false;
            if std::mem::take(&mut self.ping) {
                Pin::new(&mut self.socket).start_send(Message::Ping(bytes::Bytes::new()))?;
                continue;
            }
            let frame = &self.frames[self.frame];
            let (message, end) = socket::piece(frame, self.written);
            (self.frame, self.written) =
                if end == frame.len() { (self.frame + 1, 0) } else { (self.frame, end) };
            Pin::new(&mut self.socket).start_send(message)?;
        }
        ready!(Pin::new(&mut self.socket).poll_flush(context))?;
        self.flushed = true;
        self.frame = 0;
        self.frames.clear();
        // Room for a burst is not kept over the quiet after it.
        self.frames.shrink_to(8);
        Poll::Ready(Ok(()))
    }

    /// Reads until there is a command for the hub.
    fn poll_in(&mut self, context: &mut Context<'_>, reading: &mut Context<'_>) -> Poll<Step> {
        loop {
            // Who does not read its answers is not asked for more.
            if self.keepalive.is_paused() || self.frames.len() >= MAX_UNWRITTEN {
                self.inputs.keep();
                return Poll::Pending;
            }
            let next = ready!(Pin::new(&mut self.socket).poll_next(reading));
            let now = Instant::now();
            self.keepalive.heard(now);
            let pause = self.bytes.spend(now, self.socket.get_mut().take_read());
            if !pause.is_zero() {
                self.keepalive.pause(now + pause);
            }
            let step = match next {
                Some(Ok(Message::Text(text))) => self.take(now, &text),
                Some(Ok(Message::Binary(_))) => Some(Step::End(Some(CloseCode::Unsupported))),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                    let flood = self.pings.take(now, 1).is_err();
                    flood.then_some(Step::End(Some(CloseCode::Flood)))
                }
                // The answer to it is flushed by the next read, which then ends.
                Some(Ok(Message::Close(_) | Message::Frame(_))) => None,
                Some(Err(error)) => Some(Step::End(socket::code_for(&error))),
                None => Some(Step::End(None)),
            };
            if let Some(step) = step {
                // There may be more behind it.
                self.inputs.keep();
                return Poll::Ready(step);
            }
            // An answer of our own may have been added, or the pause begun.
            if let Poll::Ready(step) = self.poll_out(context) {
                return Poll::Ready(step);
            }
            if self.keepalive.is_paused() {
                reading.waker().wake_by_ref();
            }
        }
    }

    /// A text message: a command, if it is one and comes within its rate.
    fn take(&mut self, now: Instant, text: &str) -> Option<Step> {
        let Ok(frame) = serde_json::from_str::<CommandFrame>(text) else {
            return self.refuse(now, None, UNREADABLE, BAD_FRAME);
        };
        let bucket = match &frame.command {
            Command::Signal { .. } | Command::RelayCredentials { .. } => &mut self.signals,
            Command::Typing { .. } => &mut self.typing,
            Command::Hello { .. } => {
                self.keepalive.greeted();
                &mut self.commands
            }
            _ => &mut self.commands,
        };
        match bucket.take(now, 1) {
            Ok(()) => Some(Step::Command(frame)),
            Err(wait) => {
                let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
                self.refuse(now, frame.id, ApiError::rate_limited(wait), 1)
            }
        }
    }

    /// Answers with an error; too many of them end the connection.
    fn refuse(
        &mut self,
        now: Instant,
        id: Option<u32>,
        error: ApiError,
        cost: u32,
    ) -> Option<Step> {
        if self.refusals.take(now, cost).is_err() {
            return Some(Step::End(Some(CloseCode::Flood)));
        }
        if id.is_some() || error.code == ErrorCode::BadRequest {
            let event = Event::Error { id, error };
            let text = serde_json::to_string(&event).expect("events have a form in JSON");
            self.frames.push(text.into());
        }
        None
    }
}

/// From so many frames that wait for the socket on, nothing is read.
const MAX_UNWRITTEN: usize = 512;
