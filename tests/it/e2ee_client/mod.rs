//! The client's side of the encryption, for tests and benches: makes keys,
//! records, control events and grants, seals and opens envelopes.
//!
//! Written from the description of the formats and not with the server's code,
//! so that the two check each other. Benches include it by `#[path]`.
#![allow(dead_code, unused_imports)]

pub mod crypto;
pub mod enrol;
pub mod envelope;
pub mod keys;
pub mod pen;
pub mod person;
pub mod talk;

pub use crypto::{Chance, SealPair, b64, label};
pub use envelope::{Draft, open};
pub use pen::Pen;
pub use person::{Device, Person};
pub use talk::{Posted, Talk};
