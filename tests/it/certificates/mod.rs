//! Certificates: from a real ACME server with all its faults, from files, and made here.

mod acme;
mod acme_faults;
mod authority;
mod files;
mod local;
#[cfg(feature = "instant-acme")]
mod more;
mod wire;
