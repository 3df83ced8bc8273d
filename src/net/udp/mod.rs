//! UDP sockets that receive and send many datagrams with one system call.
//!
//! Has unsafe code in `linux.rs` and `control.rs`; other
//! systems, and Linux when asked or where the calls are not to be had, take one datagram at a time. What the datagrams mean is not
//! known here.

#![allow(unsafe_code)]

mod batch;
#[cfg(target_os = "linux")]
mod control;
#[cfg(all(test, target_os = "linux"))]
mod fallback;
#[cfg(target_os = "linux")]
mod linux;
mod portable;
#[cfg(target_os = "linux")]
mod room;
mod socket;
#[cfg(test)]
mod tests;

pub use batch::{BATCH, Datagram, HEAD, Head, Outgoing, Slots};
pub use socket::{Engine, UdpSocket, split_sent};
