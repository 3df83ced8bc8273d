//! What a connection speaks, from its first byte.

/// The protocols that share a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Tls,
    Stun,
    Http,
}

impl Protocol {
    /// RFC 7983 tells STUN (0–3), its channels (which no client begins with)
    /// and TLS (20–63) apart; HTTP begins with a method in capitals.
    pub(super) fn of(first: u8) -> Option<Self> {
        match first {
            0x16 => Some(Self::Tls),
            0x00..=0x03 => Some(Self::Stun),
            b'A'..=b'Z' => Some(Self::Http),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Protocol;

    #[test]
    fn every_first_byte_has_one_meaning() {
        let count = |wanted| (0..=255).filter(|byte| Protocol::of(*byte) == wanted).count();
        assert_eq!(count(Some(Protocol::Tls)), 1);
        assert_eq!(count(Some(Protocol::Stun)), 4);
        assert_eq!(count(Some(Protocol::Http)), 26);
        assert_eq!(count(None), 225);
    }
}
