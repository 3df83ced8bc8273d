//! What makes a server trusted in a network without public names: what it is
//! called there, for what its own authority may vouch (RFC 5280 section
//! 4.2.1.10), and the profile with which Apple's systems take that authority.
//! Never keys, files or certificates themselves.

mod names;
mod profile;
mod scope;

pub use names::{Names, host_names};
pub use profile::profile;
pub use scope::Scope;
