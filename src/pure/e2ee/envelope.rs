//! The envelope around every message, call signal and control event: a header
//! of 164 bytes, a body, a signature.
//!
//! | offset | bytes | field |
//! |---|---|---|
//! | 0, 1, 2 | 1, 1, 2 | version 1, kind, flags 0 |
//! | 4, 8 | 4, 16 | epoch, conversation |
//! | 24, 40 | 16, 16 | sender's account, device |
//! | 56, 64 | 8, 8 | n: the device's counter here; the sender's time |
//! | 72, 80 | 8, 32 | newest entry the sender had, transcript at it |
//! | 112 | 32 | id of the device's envelope before this one |
//! | 144, 160 | 16, 4 | salt; length of the body |
//!
//! Only [`Envelope::verify`] gives a [`Verified`], and only that goes further.

use bytes::Bytes;

use super::json::SAFE_INTEGER;
use super::padding::is_padded_len;
use super::{Hash, Signature, VerifyKey, label};
use crate::pure::wire::limits::{CONTROL_BYTES, ENVELOPE_BYTES};
use crate::pure::wire::{AccountId, ConversationId, DeviceId, EnvelopeId, Millis, Seq};

/// Bytes of the header.
pub const HEADER_BYTES: usize = 164;

/// Bytes of the signature.
pub const SIGNATURE_BYTES: usize = 64;

/// Bytes of the tag that a sealed body ends with.
pub const TAG_BYTES: usize = 16;

/// What an envelope is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvelopeKind {
    /// A sealed message; stored.
    Content,
    /// A sealed signal of a call; passed on, never stored.
    Signal,
    /// A control event, readable; stored.
    Control,
}

/// The header, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub kind: EnvelopeKind,
    /// From 1.
    pub epoch: u32,
    pub conversation: ConversationId,
    pub account: AccountId,
    pub device: DeviceId,
    /// This device's counter in this conversation (of a signal: in this call), from 0.
    pub n: u64,
    /// By the sender's clock.
    pub time: Millis,
    pub seen_seq: Seq,
    pub seen_hash: Hash,
    pub prev: Hash,
}

/// An envelope of the right shape. Nobody is known to have signed it yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    bytes: Bytes,
    header: Header,
    id: EnvelopeId,
}

/// An envelope whose signature is that of the device it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified(Envelope);

/// Why bytes are no envelope, or not of the one who should have signed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEnvelope {
    #[error("an envelope has a header, a body as long as that says, and a signature")]
    Length,
    #[error("the envelope is too large for its kind")]
    TooLarge,
    #[error("the envelope has another version")]
    Version,
    #[error("there is no such kind of envelope")]
    Kind,
    #[error("flags must be zero")]
    Flags,
    #[error("epochs count from 1")]
    Epoch,
    #[error("numbers and times are at most 2^53 - 1")]
    Number,
    #[error("the first envelope of a device has none before it, each other one has")]
    Prev,
    #[error("who has seen nothing has a transcript of zeros")]
    Seen,
    #[error("a signal is outside of chain and transcript")]
    Signal,
    #[error("the body has no length that padding leads to")]
    Padding,
    #[error("the signature is not that of the device")]
    Signature,
}

impl Envelope {
    /// Reads an envelope: exact lengths, known values.
    pub fn parse(bytes: Bytes) -> Result<Self, InvalidEnvelope> {
        let header = Header::parse(&bytes)?;
        let id = EnvelopeId::from_bytes(
            *label::sha256(&bytes[..bytes.len() - SIGNATURE_BYTES]).as_bytes(),
        );
        Ok(Self { bytes, header, id })
    }

    /// What the header says.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// SHA-256 of header and body.
    pub fn id(&self) -> EnvelopeId {
        self.id
    }

    /// All bytes, as they came.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Checks the signature with the key that the sender's record has for the header's device.
    pub fn verify(self, device: &VerifyKey) -> Result<Verified, InvalidEnvelope> {
        let (_, signature) = self.bytes.split_at(self.bytes.len() - SIGNATURE_BYTES);
        let signature = Signature::try_from(signature).expect("split at its length");
        if !device.verify(&label::signed("msg", &[self.id.as_bytes()]), &signature) {
            return Err(InvalidEnvelope::Signature);
        }
        Ok(Verified(self))
    }
}

impl Verified {
    /// Reads back an envelope that was verified before it was stored.
    pub fn stored(bytes: Bytes) -> Result<Self, InvalidEnvelope> {
        Envelope::parse(bytes).map(Self)
    }

    /// What the header says.
    pub fn header(&self) -> &Header {
        &self.0.header
    }

    /// SHA-256 of header and body.
    pub fn id(&self) -> EnvelopeId {
        self.0.id
    }

    /// Sealed, or of a control event the payload.
    pub fn body(&self) -> &[u8] {
        &self.0.bytes[HEADER_BYTES..self.0.bytes.len() - SIGNATURE_BYTES]
    }

    /// All bytes, as they came.
    pub fn bytes(&self) -> &Bytes {
        &self.0.bytes
    }
}

impl Header {
    fn parse(bytes: &[u8]) -> Result<Self, InvalidEnvelope> {
        let (header, rest) =
            bytes.split_first_chunk::<HEADER_BYTES>().ok_or(InvalidEnvelope::Length)?;
        let mut reader = Reader(header);
        let [version] = reader.take();
        if version != VERSION {
            return Err(InvalidEnvelope::Version);
        }
        let kind = match reader.take() {
            [0x01] => EnvelopeKind::Content,
            [0x06] => EnvelopeKind::Signal,
            [0x10] => EnvelopeKind::Control,
            _ => return Err(InvalidEnvelope::Kind),
        };
        if reader.take() != [0, 0] {
            return Err(InvalidEnvelope::Flags);
        }
        let header = Self {
            kind,
            epoch: u32::from_be_bytes(reader.take()),
            conversation: ConversationId::from_bytes(reader.take()),
            account: AccountId::from_bytes(reader.take()),
            device: DeviceId::from_bytes(reader.take()),
            n: u64::from_be_bytes(reader.take()),
            time: Millis(u64::from_be_bytes(reader.take())),
            seen_seq: Seq(u64::from_be_bytes(reader.take())),
            seen_hash: Hash::new(reader.take()),
            prev: Hash::new(reader.take()),
        };
        let _salt: [u8; 16] = reader.take();
        let body = usize::try_from(u32::from_be_bytes(reader.take()));
        let body = body.map_err(|_| InvalidEnvelope::Length)?;
        if rest.len().checked_sub(SIGNATURE_BYTES) != Some(body) {
            return Err(InvalidEnvelope::Length);
        }
        header.check()?;
        header.check_body(body)?;
        Ok(header)
    }

    fn check(&self) -> Result<(), InvalidEnvelope> {
        if self.epoch == 0 {
            return Err(InvalidEnvelope::Epoch);
        }
        if [self.n, self.time.0, self.seen_seq.0].into_iter().any(|number| number > SAFE_INTEGER) {
            return Err(InvalidEnvelope::Number);
        }
        if self.kind == EnvelopeKind::Signal {
            let apart =
                self.seen_seq == Seq(0) && self.seen_hash == Hash::ZERO && self.prev == Hash::ZERO;
            return apart.then_some(()).ok_or(InvalidEnvelope::Signal);
        }
        if (self.n == 0) != (self.prev == Hash::ZERO) {
            return Err(InvalidEnvelope::Prev);
        }
        if (self.seen_seq == Seq(0)) != (self.seen_hash == Hash::ZERO) {
            return Err(InvalidEnvelope::Seen);
        }
        Ok(())
    }

    fn check_body(&self, body: usize) -> Result<(), InvalidEnvelope> {
        let limit = match self.kind {
            EnvelopeKind::Content | EnvelopeKind::Signal => ENVELOPE_BYTES,
            EnvelopeKind::Control => CONTROL_BYTES,
        };
        if HEADER_BYTES + body + SIGNATURE_BYTES > limit {
            return Err(InvalidEnvelope::TooLarge);
        }
        let fits = match self.kind {
            EnvelopeKind::Content | EnvelopeKind::Signal => {
                body.checked_sub(TAG_BYTES).is_some_and(is_padded_len)
            }
            EnvelopeKind::Control => true,
        };
        fits.then_some(()).ok_or(InvalidEnvelope::Padding)
    }
}

/// Takes a header apart, field by field.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (field, rest) = self.0.split_first_chunk().expect("the fields are those of a header");
        self.0 = rest;
        *field
    }
}

const VERSION: u8 = 1;
