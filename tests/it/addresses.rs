//! Addresses for programs that cannot be told to take any free port.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU8, Ordering};

/// A loopback address that no other test has, so that its ports are ours.
pub fn own_address() -> Ipv4Addr {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let [.., high, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, 100 + high % 100, low, NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Addresses there whose ports are free.
pub fn free_addresses<const N: usize>(ip: Ipv4Addr) -> [SocketAddr; N] {
    let listeners: [TcpListener; N] =
        std::array::from_fn(|_| TcpListener::bind((IpAddr::V4(ip), 0)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap())
}
