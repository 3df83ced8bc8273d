//! Proofs: relay credentials, the password protocol, tokens, attempt limits.
//!
//! Time and randomness are arguments; secrets have no `Debug` that shows them.

pub mod approvals;
pub mod attempts;
pub mod opaque;
pub mod pending;
pub mod relay;
pub mod token;
