//! STUN on the wire: RFC 8489, the TURN attributes of RFC 8656, ChannelData.
//!
//! Reading borrows from the datagram and allocates nothing; a message that
//! is not exactly formed is refused as a whole. What a message means, and
//! whether its sender may send it, is not known here.

mod address;
mod attribute;
mod channel_data;
mod fingerprint;
mod frame;
mod integrity;
mod message;
mod writer;

pub use address::{read_xor_address, write_xor_address};
pub use attribute::AttributeType;
pub use channel_data::{ChannelData, ChannelNumber};
pub use frame::{Frame, next_frame};
pub use integrity::{LongTermKey, PasswordAlgorithm, check, check_sha256, user_hash};
pub use message::{Attribute, Class, Malformed, Message, Method, TransactionId};
pub use writer::{Writer, header};

/// Every STUN message carries this at bytes 4 to 8 (RFC 8489, 5).
pub const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];

/// Bytes of a message before its first attribute.
pub const HEADER: usize = 20;

#[cfg(test)]
mod tests;
