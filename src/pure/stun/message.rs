//! A STUN message, read in place.

use super::fingerprint;
use super::{AttributeType, HEADER, MAGIC_COOKIE};

/// The bytes are no STUN message; the reason is for counters and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("shorter than a header")]
    Short,
    #[error("the first two bits are not zero")]
    NotStun,
    #[error("the magic cookie is missing")]
    Cookie,
    #[error("the length does not fit")]
    Length,
    #[error("an attribute reaches beyond the message")]
    Attribute,
    #[error("more than 32 attributes")]
    TooManyAttributes,
    #[error("the fingerprint is wrong or not last")]
    Fingerprint,
}

/// The 96 bits that join a response to its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransactionId(pub [u8; 12]);

/// What kind of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    Request,
    Indication,
    Success,
    Error,
}

/// The 12-bit method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Method(u16);

impl Method {
    pub const BINDING: Self = Self(0x001);
    pub const ALLOCATE: Self = Self(0x003);
    pub const REFRESH: Self = Self(0x004);
    pub const SEND: Self = Self(0x006);
    pub const DATA: Self = Self(0x007);
    pub const CREATE_PERMISSION: Self = Self(0x008);
    pub const CHANNEL_BIND: Self = Self(0x009);

    /// A method by number; bits beyond the twelfth are cut off.
    pub const fn new(number: u16) -> Self {
        Self(number & 0xFFF)
    }

    /// The number.
    pub const fn number(self) -> u16 {
        self.0
    }
}

/// One attribute: its type and its value without padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    pub kind: AttributeType,
    pub value: &'a [u8],
    /// Where the attribute's header starts in the message.
    pub offset: usize,
}

/// A well-formed message that borrows the bytes it came in.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    bytes: &'a [u8],
    class: Class,
    method: Method,
}

impl<'a> Message<'a> {
    /// Reads a message that fills `bytes` exactly.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if bytes.len() < HEADER {
            return Err(Malformed::Short);
        }
        let first = u16::from_be_bytes([bytes[0], bytes[1]]);
        if first & 0xC000 != 0 {
            return Err(Malformed::NotStun);
        }
        if bytes[4..8] != MAGIC_COOKIE {
            return Err(Malformed::Cookie);
        }
        let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
        if length % 4 != 0 || length != bytes.len() - HEADER {
            return Err(Malformed::Length);
        }
        let (class, method) = split_type(first);
        let message = Self { bytes, class, method };
        message.check_attributes()?;
        Ok(message)
    }

    /// Request, indication or response.
    pub fn class(&self) -> Class {
        self.class
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The transaction id.
    pub fn transaction(&self) -> TransactionId {
        let mut id = [0; 12];
        id.copy_from_slice(&self.bytes[8..HEADER]);
        TransactionId(id)
    }

    /// The whole message as it came.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The attributes that count, in order. Behind MESSAGE-INTEGRITY only
    /// MESSAGE-INTEGRITY-SHA256 and FINGERPRINT do, and behind the former
    /// only FINGERPRINT (RFC 8489, 14.5 and 14.6): the rest is unprotected.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let mut protected = Protection::None;
        Walk { bytes: self.bytes, at: HEADER }.filter(move |attribute| {
            let counts = protected.admits(attribute.kind);
            if counts {
                protected.advance(attribute.kind);
            }
            counts
        })
    }

    /// The value of the first attribute of a type; repeats are ignored
    /// (RFC 8489, 14).
    pub fn first(&self, kind: AttributeType) -> Option<&'a [u8]> {
        self.find(kind).map(|attribute| attribute.value)
    }

    /// The first attribute of a type, with its place.
    pub fn find(&self, kind: AttributeType) -> Option<Attribute<'a>> {
        self.attributes().find(|attribute| attribute.kind == kind)
    }

    fn check_attributes(&self) -> Result<(), Malformed> {
        let mut walk = Walk { bytes: self.bytes, at: HEADER };
        let mut count = 0;
        for attribute in walk.by_ref() {
            count += 1;
            if count > MAX_ATTRIBUTES {
                return Err(Malformed::TooManyAttributes);
            }
            if attribute.kind == AttributeType::FINGERPRINT
                && !fingerprint::is_right(self.bytes, &attribute)
            {
                return Err(Malformed::Fingerprint);
            }
        }
        if walk.at == self.bytes.len() { Ok(()) } else { Err(Malformed::Attribute) }
    }
}

/// Steps from attribute to attribute; stops where the bytes do not fit.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Walk<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        let rest = &self.bytes[self.at..];
        let (head, rest) = rest.split_at_checked(4)?;
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let padded = length.next_multiple_of(4);
        if padded > rest.len() {
            return None;
        }
        let attribute = Attribute {
            kind: AttributeType(u16::from_be_bytes([head[0], head[1]])),
            value: &rest[..length],
            offset: self.at,
        };
        self.at += 4 + padded;
        Some(attribute)
    }
}

/// Which integrity attribute has passed by.
enum Protection {
    None,
    Sha1,
    Sha256,
}

impl Protection {
    fn admits(&self, kind: AttributeType) -> bool {
        match self {
            Self::None => true,
            Self::Sha1 => {
                matches!(kind, AttributeType::MESSAGE_INTEGRITY_SHA256 | AttributeType::FINGERPRINT)
            }
            Self::Sha256 => kind == AttributeType::FINGERPRINT,
        }
    }

    fn advance(&mut self, kind: AttributeType) {
        match kind {
            AttributeType::MESSAGE_INTEGRITY => *self = Self::Sha1,
            AttributeType::MESSAGE_INTEGRITY_SHA256 => *self = Self::Sha256,
            _ => {}
        }
    }
}

/// Class and method are interleaved in the first 14 bits (RFC 8489, 5).
fn split_type(first: u16) -> (Class, Method) {
    let class = match (first & 0x0100 != 0, first & 0x0010 != 0) {
        (false, false) => Class::Request,
        (false, true) => Class::Indication,
        (true, false) => Class::Success,
        (true, true) => Class::Error,
    };
    let method = (first & 0x000F) | ((first & 0x00E0) >> 1) | ((first & 0x3E00) >> 2);
    (class, Method(method))
}

/// The first 16 bits of a message.
pub(super) fn join_type(class: Class, method: Method) -> u16 {
    let class = match class {
        Class::Request => 0x0000,
        Class::Indication => 0x0010,
        Class::Success => 0x0100,
        Class::Error => 0x0110,
    };
    let m = method.0;
    class | (m & 0x000F) | ((m & 0x0070) << 1) | ((m & 0x0F80) << 2)
}

/// More than any real message has; bounds the work a message can cause.
const MAX_ATTRIBUTES: usize = 32;
