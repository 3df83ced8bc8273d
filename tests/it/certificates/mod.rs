//! Certificates: from a real ACME server with all its faults, and from files.

mod acme;
mod acme_faults;
mod authority;
mod files;
#[cfg(feature = "instant-acme")]
mod more;
mod wire;
