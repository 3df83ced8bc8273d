//! The ways that a packet can come and go.

/// Between whom and us, and over what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// A client over UDP.
    Udp,
    /// A client over TCP.
    Tcp,
    /// A client over TLS.
    Tls,
    /// A peer outside; what goes from one client to another has no such.
    Peer,
}

/// Towards us or away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    In,
    Out,
}

impl Way {
    pub(super) const ALL: [Self; 4] = [Self::Udp, Self::Tcp, Self::Tls, Self::Peer];

    /// Which leg it is, and its transport, in one word each.
    pub(super) const fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Udp => ("client", "udp"),
            Self::Tcp => ("client", "tcp"),
            Self::Tls => ("client", "tls"),
            Self::Peer => ("peer", "udp"),
        }
    }
}

impl Direction {
    pub(super) const ALL: [Self; 2] = [Self::In, Self::Out];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}
