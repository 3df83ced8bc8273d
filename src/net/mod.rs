//! Socket tools without policy.

pub mod names;
pub mod proxy;
pub mod udp;
