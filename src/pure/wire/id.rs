//! Identifiers, sequence numbers and times as they travel.
//!
//! An id is 16 random bytes, written as 22 characters of base64url; that of an
//! envelope is its SHA-256, 43 characters. Each has a type of its own so that
//! an account can never be passed for a device.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The text was not canonical base64url of the id's length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is 22 characters of base64url, that of an envelope 43")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident = $type:literal) => {
        id!($(#[$doc])* $name[16] = $type);
    };
    ($(#[$doc:meta])* $name:ident[$bytes:literal] = $type:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(test, derive(ts_rs::TS))]
        #[cfg_attr(test, ts(type = $type))]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// Wraps the bytes.
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// The bytes as stored.
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = InvalidId;

            fn try_from(bytes: &[u8]) -> Result<Self, InvalidId> {
                bytes.try_into().map(Self).map_err(|_| InvalidId)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0; LONGEST_TEXT];
                f.write_str(format(&self.0, &mut text))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut text = [0; LONGEST_TEXT];
                serializer.serialize_str(format(&self.0, &mut text))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(IdVisitor).map(Self)
            }
        }
    };
}

id!(
    /// A person.
    AccountId = "string & { readonly brand: 'AccountId' }"
);
id!(
    /// One browser profile (or other client) of an account.
    DeviceId = "string & { readonly brand: 'DeviceId' }"
);
id!(
    /// One signed-in stay of a device; ends at sign-out or revocation.
    SessionId = "string & { readonly brand: 'SessionId' }"
);
id!(
    /// The Everyone room, a room, or a direct conversation.
    ConversationId = "string & { readonly brand: 'ConversationId' }"
);
id!(
    /// An envelope: the SHA-256 of its header and body. Message and control
    /// event alike are named by it.
    EnvelopeId[32] = "string & { readonly brand: 'EnvelopeId' }"
);
id!(
    /// A call, named by the client that starts it.
    CallId = "string & { readonly brand: 'CallId' }"
);
id!(
    /// A link with which somebody comes into a conversation without an invitation by name.
    LinkId = "string & { readonly brand: 'LinkId' }"
);
id!(
    /// An invite link to this server. Made by a client, it is a link of Everyone with the same bytes.
    InviteId = "string & { readonly brand: 'InviteId' }"
);
id!(
    /// Whom a grant is for: the bytes of an account or of a link.
    GranteeId = "string & { readonly brand: 'GranteeId' }"
);
id!(
    /// A new device's request to be let in by another one of the account.
    ApprovalId = "string & { readonly brand: 'ApprovalId' }"
);
id!(
    /// One of the ways in which an account's master key is kept.
    WrapId = "string & { readonly brand: 'WrapId' }"
);

id!(
    /// A link with which somebody chooses a new password.
    ResetId = "string & { readonly brand: 'ResetId' }"
);

id!(
    /// A file, named by the client that uploads it.
    FileId = "string & { readonly brand: 'FileId' }"
);

struct IdVisitor<const N: usize>;

impl<const N: usize> de::Visitor<'_> for IdVisitor<N> {
    type Value = [u8; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id as base64url")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<[u8; N], E> {
        parse(text).map_err(|_| E::invalid_value(de::Unexpected::Other("text"), &self))
    }
}

fn parse<const N: usize>(text: &str) -> Result<[u8; N], InvalidId> {
    // Room for the decoder's estimate, which is more than the bytes themselves.
    let mut room = [0; 36];
    if text.len() != (N * 4).div_ceil(3) {
        return Err(InvalidId);
    }
    let n = URL_SAFE_NO_PAD.decode_slice(text, &mut room).map_err(|_| InvalidId)?;
    room[..n].try_into().map_err(|_| InvalidId)
}

fn format<'a>(bytes: &[u8], text: &'a mut [u8; LONGEST_TEXT]) -> &'a str {
    let n = URL_SAFE_NO_PAD.encode_slice(bytes, text).expect("32 bytes are 43 characters");
    std::str::from_utf8(&text[..n]).expect("base64 is ASCII")
}

/// Characters of the longest id.
const LONGEST_TEXT: usize = 43;

/// The server's number of an entry in its conversation: 1, 2, 3, … without gaps.
/// As a cursor or watermark, 0 means "nothing yet".
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(type = "number"))]
pub struct Seq(pub u64);

impl From<AccountId> for GranteeId {
    fn from(account: AccountId) -> Self {
        Self(account.0)
    }
}

impl From<LinkId> for GranteeId {
    fn from(link: LinkId) -> Self {
        Self(link.0)
    }
}

impl From<InviteId> for LinkId {
    fn from(invite: InviteId) -> Self {
        Self(invite.0)
    }
}

impl Seq {
    /// The number after this one.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// A moment or a span in milliseconds; a moment counts from the Unix epoch.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(test, ts(type = "number"))]
pub struct Millis(pub u64);

impl Millis {
    /// This moment moved by a span; saturates.
    pub const fn plus(self, span: Millis) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The span since an earlier moment; zero when that one is later.
    pub const fn since(self, earlier: Millis) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_written() {
        let id = AccountId::from_bytes(*b"0123456789abcdef");
        assert_eq!(id.to_string(), "MDEyMzQ1Njc4OWFiY2RlZg");
        assert_eq!(id.to_string().parse(), Ok(id));
        let json = serde_json::to_string(&id).expect("serializes");
        assert_eq!(serde_json::from_str::<AccountId>(&json).expect("parses"), id);
    }

    #[test]
    fn other_texts_are_no_ids() {
        for text in [
            "",
            "MDEyMzQ1Njc4OWFiY2RlZ",
            "MDEyMzQ1Njc4OWFiY2RlZgA",
            "MDEyMzQ1Njc4OWFiY2RlZh",
            "MDEyMzQ1Njc4OWFiY2Rl!g",
            "MDEyMzQ1Njc4OWFiY2Rl==",
        ] {
            assert_eq!(text.parse::<AccountId>(), Err(InvalidId), "{text}");
        }
    }
}
