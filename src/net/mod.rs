//! Socket tools without policy.

pub mod udp;
