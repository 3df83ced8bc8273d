//! A TCP connection, perhaps with TLS in it, that never waits.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;

use mio::event::Source;
use mio::net::TcpStream;
use rustls::ServerConnection;

/// A connection and what is spoken on it.
pub(super) struct Wire {
    socket: TcpStream,
    tls: Option<Box<ServerConnection>>,
}

/// What reading once has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// All that was there.
    All,
    /// As much as fits; there may be more.
    Some,
    /// The other side has nothing more to say.
    End,
}

/// Bytes that wait to be written.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    bytes: Vec<u8>,
    /// How many of them are written.
    written: usize,
}

impl Wire {
    /// A connection whose handshake, if it has TLS, is over.
    pub(super) fn new(socket: TcpStream, tls: Option<Box<ServerConnection>>) -> Self {
        Self { socket, tls }
    }

    /// What the system tells of.
    pub(super) fn source(&mut self) -> &mut impl Source {
        &mut self.socket
    }

    /// Takes what TLS has decrypted before it came here.
    pub(super) fn read_ahead(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
        match &mut self.tls {
            Some(tls) => decrypt(tls, into).map(drop),
            None => Ok(()),
        }
    }

    /// Reads once from the socket, at most as much as `raw` has room for, and adds
    /// what that says to `into`.
    pub(super) fn read(&mut self, raw: &mut [u8], into: &mut Vec<u8>) -> io::Result<Found> {
        let count = match self.socket.read(raw) {
            Ok(0) => return Ok(Found::End),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Found::All),
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(Found::Some),
            Err(error) => return Err(error),
        };
        let all = if count < raw.len() { Found::All } else { Found::Some };
        let mut bytes = &raw[..count];
        let Some(tls) = &mut self.tls else {
            into.extend_from_slice(bytes);
            return Ok(all);
        };
        while !bytes.is_empty() {
            // It takes some kilobytes at a time, and nothing after the end.
            let taken = tls.read_tls(&mut bytes)?;
            if decrypt(tls, into)? == Found::End || taken == 0 {
                return Ok(Found::End);
            }
        }
        Ok(all)
    }

    /// Writes what waits, and says whether nothing does any more. TLS puts all there is
    /// into few records.
    pub(super) fn write(&mut self, waiting: &mut Waiting) -> io::Result<bool> {
        loop {
            if !self.write_records()? {
                return Ok(false);
            }
            if waiting.is_empty() {
                waiting.clear();
                return Ok(true);
            }
            let written = match &mut self.tls {
                Some(tls) => tls.writer().write(waiting.rest()),
                None => self.socket.write(waiting.rest()),
            };
            match written {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => waiting.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Says that nothing more will come from here, as far as that goes without waiting.
    pub(super) fn finish(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
        }
        // Whether the other side still listens is its affair.
        let _ = self.write_records();
        let _ = self.socket.shutdown(Shutdown::Write);
    }

    /// Writes the records that are made; says whether all are out.
    fn write_records(&mut self) -> io::Result<bool> {
        let Some(tls) = &mut self.tls else { return Ok(true) };
        while tls.wants_write() {
            match tls.write_tls(&mut self.socket) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

/// Adds what has come in to `into`.
fn decrypt(tls: &mut ServerConnection, into: &mut Vec<u8>) -> io::Result<Found> {
    let state = tls.process_new_packets().map_err(io::Error::other)?;
    let (start, count) = (into.len(), state.plaintext_bytes_to_read());
    into.resize(start + count, 0);
    tls.reader().read_exact(&mut into[start..])?;
    Ok(if state.peer_has_closed() { Found::End } else { Found::All })
}

impl Waiting {
    /// How many bytes wait.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.written
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a message.
    pub(super) fn add(&mut self, parts: &[&[u8]]) {
        if self.written > KEPT {
            self.bytes.drain(..self.written);
            self.written = 0;
        }
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
    }

    fn rest(&self) -> &[u8] {
        &self.bytes[self.written..]
    }

    /// All is written.
    fn clear(&mut self) {
        self.written = 0;
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
    }
}

/// Room that stays while nothing waits.
const KEPT: usize = 16 * 1024;
