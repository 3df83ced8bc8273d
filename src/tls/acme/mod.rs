//! Certificates by ACME (RFC 8555): obtained, kept and renewed for each name.
//!
//! The protocol is rustls-acme's. It knows no time limits, tries again too
//! soon, and writes keys for everybody to read, so here it is given one order
//! at a time and let go afterwards: when to order is [`Supervisor`]'s, how long
//! to wait after which fault [`fault::Patience`]'s, and files are [`Folder`]'s.
//! What it cannot do at all is another engine's, `instant`.
//! Each name has orders of its own, so that one that fails holds up no other.

#[cfg(feature = "instant-acme")]
mod client;
mod fault;
mod folder;
#[cfg(feature = "instant-acme")]
mod instant;
mod keeper;
mod name;
mod proof;
mod supervisor;

use folder::Folder;

pub(super) use name::Name;
pub(super) use supervisor::Supervisor;
