//! Writing STUN messages.

use std::net::SocketAddr;

use super::message::join_type;
use super::{
    AttributeType, Class, HEADER, MAGIC_COOKIE, Method, TransactionId, fingerprint, integrity,
    write_xor_address,
};

/// A message in the making; attributes come in the order of the calls.
#[derive(Debug)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// A message without attributes.
    pub fn new(class: Class, method: Method, transaction: TransactionId) -> Self {
        let mut bytes = Vec::with_capacity(128);
        bytes.extend_from_slice(&header(class, method, transaction, 0));
        Self { bytes }
    }

    /// Adds an attribute.
    pub fn attribute(mut self, kind: AttributeType, value: &[u8]) -> Self {
        let length = u16::try_from(value.len()).expect("an attribute is shorter than 64 KiB");
        self.bytes.extend_from_slice(&kind.0.to_be_bytes());
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(value);
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self.set_length();
        self
    }

    /// Adds an address, XORed as its attribute wants.
    pub fn xor_address(self, kind: AttributeType, address: SocketAddr) -> Self {
        let mut value = [0; 20];
        let length = write_xor_address(&mut value, address, self.transaction());
        self.attribute(kind, &value[..length])
    }

    /// Adds ERROR-CODE without a reason phrase: clients know the numbers, and
    /// an answer to a stranger must be small.
    pub fn error_code(self, code: u16) -> Self {
        let [class, number] = [code / 100, code % 100].map(|part| part.to_be_bytes()[1]);
        self.attribute(AttributeType::ERROR_CODE, &[0, 0, class, number])
    }

    /// Adds MESSAGE-INTEGRITY.
    pub fn integrity(self, key: &[u8]) -> Self {
        self.tag(AttributeType::MESSAGE_INTEGRITY, key)
    }

    /// Adds MESSAGE-INTEGRITY-SHA256.
    pub fn integrity_sha256(self, key: &[u8]) -> Self {
        self.tag(AttributeType::MESSAGE_INTEGRITY_SHA256, key)
    }

    /// Adds FINGERPRINT; nothing may follow.
    pub fn fingerprint(self) -> Self {
        let mut writer = self.attribute(AttributeType::FINGERPRINT, &[0; 4]);
        let end = writer.bytes.len();
        let value = fingerprint::value(&writer.bytes[..end - 8]);
        writer.bytes[end - 4..].copy_from_slice(&value.to_be_bytes());
        writer
    }

    /// The message.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn tag(self, kind: AttributeType, key: &[u8]) -> Self {
        let tag = integrity::tag(&self.bytes, kind, key);
        self.attribute(kind, tag.as_ref())
    }

    fn transaction(&self) -> TransactionId {
        let mut id = [0; 12];
        id.copy_from_slice(&self.bytes[8..HEADER]);
        TransactionId(id)
    }

    fn set_length(&mut self) {
        let length = u16::try_from(self.bytes.len() - HEADER);
        let length = length.expect("a message is shorter than 64 KiB");
        self.bytes[2..4].copy_from_slice(&length.to_be_bytes());
    }
}

/// The 20 bytes before `length` bytes of attributes.
pub fn header(
    class: Class,
    method: Method,
    transaction: TransactionId,
    length: u16,
) -> [u8; HEADER] {
    let mut bytes = [0; HEADER];
    bytes[..2].copy_from_slice(&join_type(class, method).to_be_bytes());
    bytes[2..4].copy_from_slice(&length.to_be_bytes());
    bytes[4..8].copy_from_slice(&MAGIC_COOKIE);
    bytes[8..].copy_from_slice(&transaction.0);
    bytes
}
