//! Accepting TURN over TCP.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

use super::handle::Handle;

/// Binds an address and gives it with its real port. An IPv6 socket takes
/// IPv4 too, unless `only_ipv6`.
pub(super) fn bind(
    address: SocketAddr,
    only_ipv6: bool,
) -> io::Result<(std::net::TcpListener, SocketAddr)> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(only_ipv6)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(1024)?;
    let listener = std::net::TcpListener::from(socket);
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Accepts streams for ever.
pub(super) async fn accept(listener: TcpListener, handle: Handle) {
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "accepting TURN failed");
                // Out of descriptors, most likely; asking again at once would spin.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // Media must not wait for more media.
        let _ = stream.set_nodelay(true);
        let Ok(local) = stream.local_addr() else { continue };
        let handle = handle.clone();
        tokio::spawn(async move { handle.serve_stream(stream, local, peer).await });
    }
}
