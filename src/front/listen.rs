//! Listening sockets.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

use crate::config::Listen;

/// Why there is nothing to accept from.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}{}", advice(.source))]
pub struct ListenError {
    pub address: SocketAddr,
    pub source: io::Error,
}

/// Binds all sockets of these settings. Where "every address" is asked for,
/// a computer without IPv6 (or IPv4) does with the other.
pub fn bind(settings: &[Listen]) -> Result<Vec<TcpListener>, ListenError> {
    let mut listeners = Vec::new();
    for setting in settings {
        let before = listeners.len();
        let mut port = None;
        for mut address in setting.addresses() {
            address.set_port(port.unwrap_or(address.port()));
            match listen(address) {
                Ok(listener) => {
                    port = listener.local_addr().ok().map(|local| local.port());
                    listeners.push(listener);
                }
                Err(error) if absent(&error) && listeners.len() > before => {}
                Err(source) => return Err(ListenError { address, source }),
            }
        }
    }
    Ok(listeners)
}

/// Takes over a socket that listens already.
pub fn adopt(listener: std::net::TcpListener) -> io::Result<TcpListener> {
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // A restart must not wait for the old connections' last packets.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(1024)?;
    TcpListener::from_std(socket.into())
}

/// The computer has no addresses of this family.
fn absent(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrNotAvailable
        || error.raw_os_error() == Some(rustix::io::Errno::AFNOSUPPORT.raw_os_error())
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            ": another program uses this port; stop it, or choose another port with --listen"
        }
        io::ErrorKind::PermissionDenied => {
            ": ports below 1024 need a permission (CAP_NET_BIND_SERVICE), or choose another port with --listen"
        }
        io::ErrorKind::AddrNotAvailable => ": this computer does not have that address",
        _ => "",
    }
}
