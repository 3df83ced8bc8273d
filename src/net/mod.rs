//! Socket tools without policy.

pub mod mdns;
pub mod names;
pub mod proxy;
pub mod udp;
