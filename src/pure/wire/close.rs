//! Why the server closes a WebSocket.

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
    /// The server is stopping; come back soon.
    Stopping,
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
            Self::Stopping => 1012,
            Self::TryLater => 1013,
            Self::SessionEnded | Self::LinkEnded | Self::TurnedAway => 4001,
            Self::BadHello => 4003,
            Self::SlowReader => 4008,
            Self::Version => 4010,
            Self::Flood => 4029,
        }
    }

    /// What the number does not say; the reason in the closing frame.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::LinkEnded => "link_ended",
            Self::TurnedAway => "turned_away",
            Self::ProtocolError
            | Self::Unsupported
            | Self::InvalidText
            | Self::TooLarge
            | Self::Stopping
            | Self::TryLater
            | Self::SessionEnded
            | Self::BadHello
            | Self::SlowReader
            | Self::Version
            | Self::Flood => "",
        }
    }
}
