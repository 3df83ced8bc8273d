//! Socket tools without policy.

pub mod proxy;
pub mod udp;
