//! Why the server closes a WebSocket.

use std::borrow::Cow;

use super::Millis;

/// The codes a client can meet; `docs/protocol.md` says what it does then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseCode {
    /// Not the WebSocket protocol (RFC 6455).
    ProtocolError,
    /// A binary message; this protocol is text.
    Unsupported,
    /// A text message that is not UTF-8.
    InvalidText,
    /// A message beyond `limits::FRAME_BYTES`.
    TooLarge,
    /// The server is stopping; come back after this time.
    Stopping { retry: Millis },
    /// Too many connections of this account, or the store cannot be read; come back later.
    TryLater,
    /// The session was signed out or revoked.
    SessionEnded,
    /// The link has ended by which the guest came.
    LinkEnded,
    /// The guest was not let in.
    TurnedAway,
    /// `hello` did not come first, in time, once, or in its form.
    BadHello,
    /// The client reads too slowly; it reconnects and resumes.
    SlowReader,
    /// The client speaks another version; it reloads.
    Version,
    /// Too many bad frames, or a flood that went on.
    Flood,
}

impl CloseCode {
    /// The number on the wire (RFC 6455, section 7.4).
    pub const fn number(self) -> u16 {
        match self {
            Self::ProtocolError => 1002,
            Self::Unsupported => 1003,
            Self::InvalidText => 1007,
            Self::TooLarge => 1009,
            Self::Stopping { .. } => 1012,
            Self::TryLater => 1013,
            Self::SessionEnded | Self::LinkEnded | Self::TurnedAway => 4001,
            Self::BadHello => 4003,
            Self::SlowReader => 4008,
            Self::Version => 4010,
            Self::Flood => 4029,
        }
    }

    /// What the number does not say; the reason in the closing frame.
    pub fn reason(self) -> Cow<'static, str> {
        match self {
            Self::LinkEnded => "link_ended".into(),
            Self::TurnedAway => "turned_away".into(),
            Self::Stopping { retry } => format!("retry_ms={}", retry.0).into(),
            Self::ProtocolError
            | Self::Unsupported
            | Self::InvalidText
            | Self::TooLarge
            | Self::TryLater
            | Self::SessionEnded
            | Self::BadHello
            | Self::SlowReader
            | Self::Version
            | Self::Flood => "".into(),
        }
    }

    /// For one of so many clients of a server that stops: all lost it at the same
    /// moment and should not return at the same one. `chance` is random.
    pub fn stopping(clients: usize, chance: u32) -> Self {
        let window = (clients as u64).saturating_mul(EACH).clamp(SHORTEST, LONGEST);
        Self::Stopping { retry: Millis(FIRST + window * u64::from(chance) / u64::from(u32::MAX)) }
    }
}

/// In milliseconds: until the first comes back, and for each client what its return may take.
const FIRST: u64 = 500;
const EACH: u64 = 4;
/// Of the time in which all of them come back.
const SHORTEST: u64 = 1_000;
const LONGEST: u64 = 30_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_clients_come_back_over_a_longer_time() {
        let retry = |clients, chance| CloseCode::stopping(clients, chance).reason().into_owned();
        assert_eq!(retry(0, 0), "retry_ms=500");
        assert_eq!(retry(10, u32::MAX), "retry_ms=1500");
        assert_eq!(retry(1_000, u32::MAX), "retry_ms=4500");
        assert_eq!(retry(1_000_000, u32::MAX), "retry_ms=30500");
        assert_eq!(retry(usize::MAX, u32::MAX / 2), "retry_ms=15499");
    }
}
