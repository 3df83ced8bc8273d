//! Accepting TURN over TCP and TLS.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::handle::Handle;
use super::stream::Stream;

/// How TLS is spoken.
pub(super) type Tls = Arc<rustls::ServerConfig>;

/// A socket that listens, and what is spoken there.
pub(super) struct Listener {
    socket: std::net::TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
}

/// One that the runtime knows.
pub(super) struct Ready {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Listener {
    /// Binds an address. An IPv6 socket takes IPv4 too, unless `only_ipv6`.
    pub(super) fn bind(address: SocketAddr, only_ipv6: bool, tls: Option<Tls>) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        if address.is_ipv6() {
            socket.set_only_v6(only_ipv6)?;
        }
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(1024)?;
        let socket = std::net::TcpListener::from(socket);
        let address = socket.local_addr()?;
        Ok(Self { socket, address, tls })
    }

    /// Where it listens, with its real port.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes it known to the current runtime.
    pub(super) fn ready(self) -> io::Result<Ready> {
        let listener = TcpListener::from_std(self.socket)?;
        Ok(Ready { listener, tls: self.tls.map(TlsAcceptor::from) })
    }
}

impl Ready {
    /// Accepts streams for ever.
    pub(super) async fn accept(self, handle: Handle) {
        loop {
            let (stream, peer) = match self.listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "accepting TURN failed");
                    // Out of descriptors, most likely; asking again at once would spin.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            // Media must not wait for more media.
            let _ = stream.set_nodelay(true);
            let Ok(local) = stream.local_addr() else { continue };
            let (handle, tls) = (handle.clone(), self.tls.clone());
            tokio::spawn(async move {
                if let Err(error) = serve(stream, local, peer, tls, &handle).await {
                    tracing::debug!(%error, "a stream ended before its first message");
                }
            });
        }
    }
}

async fn serve(
    stream: TcpStream,
    local: SocketAddr,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    handle: &Handle,
) -> io::Result<()> {
    // Its place is taken before the handshake: that costs more than all the rest.
    let Some(place) = handle.admit(local, peer) else { return Ok(()) };
    let stream = match tls {
        None => Stream::tcp(stream)?,
        Some(tls) => Stream::tls(timeout(HANDSHAKE, tls.accept(stream)).await??)?,
    };
    handle.serve_admitted(stream, place);
    Ok(())
}

const HANDSHAKE: Duration = Duration::from_secs(10);
