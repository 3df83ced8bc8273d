//! The formats of end-to-end encryption, as far as the server checks them:
//! envelopes, account records, the control log with its state, grants, links.
//!
//! The server cannot read what it stores. It makes sure that what it stores was
//! signed by the device it says, continues that device's chain, and follows
//! the rules of the conversation's control log; clients check the same again.
//! All signed JSON is kept as the exact bytes that were signed; parsers refuse
//! unknown, missing and repeated fields. Signatures are Ed25519 (RFC 8032),
//! verified strictly: no small-order key, no other encoding of a point or scalar.
//!
//! Never here: secrets of any kind. Nothing in this folder can open anything.

pub mod approval;
pub mod chain;
pub mod control;
pub mod envelope;
pub mod grant;
mod json;
pub mod key;
mod label;
pub mod link;
pub mod padding;
pub mod passkey;
pub mod record;
mod rules;
pub mod state;
pub mod step;
pub mod transcript;

pub use approval::approval_tag;
pub use chain::{BrokenChain, Chain};
pub use control::{Control, History, InvalidControl, NewLink, NewMember, Newcomer, Op};
pub use envelope::{Envelope, EnvelopeKind, Header, InvalidEnvelope, Verified};
pub use grant::{ExpectedGrants, MemberKeys, WrongGrants};
pub use key::{Fixed, Hash, InvalidKey, SealKey, Signature, VerifyKey};
pub use passkey::PasskeySignature;
pub use record::{Device, DeviceRefusal, InvalidRecord, Record, RecordChange};
pub use state::{ControlState, LinkState, MemberState};
pub use step::{Refusal, Step};
pub use transcript::{Transcript, call_entry_id};
