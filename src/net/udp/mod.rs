//! UDP sockets that receive and send many datagrams with one system call.
//!
//! The only place in the program with unsafe code, in `linux.rs`; other
//! systems take one datagram at a time. What the datagrams mean is not
//! known here.

#![allow(unsafe_code)]

mod batch;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod portable;
mod socket;

pub use batch::{BATCH, Datagram, Outgoing, Slots};
pub use socket::UdpSocket;

#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(not(target_os = "linux"))]
use portable as platform;
