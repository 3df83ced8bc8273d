//! Accepting, and one task per connection until somebody serves it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use rustix::process::{Resource, getrlimit};
use rustls::server::Acceptor;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::admission::{Admission, Full, Limits, Place};
use super::prefixed::Prefixed;
use super::sniff::Protocol;
use crate::config::{self, ProxyProtocol};
use crate::http::{self, Ports, State, Transport, Version, Wire};
use crate::net::proxy::{self, Passed};
use crate::{relay, tls};

/// Between whom a connection is.
struct Ends {
    peer: SocketAddr,
    /// What a proxy says of it that is believed.
    passed: Option<Passed>,
}

/// The running front door.
#[derive(Debug)]
pub struct Front {
    stop: watch::Sender<bool>,
    admission: Admission,
    /// Closed when the last connection has ended.
    ended: mpsc::Receiver<()>,
}

/// Where connections come in.
#[derive(Debug, Default)]
pub struct Listeners {
    /// For everything.
    pub all: Vec<TcpListener>,
    /// For plain HTTP alone.
    pub http: Vec<TcpListener>,
}

/// What a connection needs on its way in; cheap to clone.
#[derive(Clone)]
struct Hall {
    state: Arc<State>,
    relay: relay::Handle,
    tls: tls::Configs,
    admission: Admission,
    proxy_protocol: ProxyProtocol,
    /// Where there is only HTTP: that port, and the one for HTTPS.
    elsewhere: Option<Ports>,
    stop: watch::Receiver<bool>,
    alive: mpsc::Sender<()>,
}

impl Front {
    /// Begins to accept from these listeners.
    pub fn start(
        listeners: Listeners,
        config: &config::Front,
        tls: tls::Configs,
        state: Arc<State>,
        relay: relay::Handle,
    ) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (alive, ended) = mpsc::channel(1);
        let admission = Admission::new(limits(config));
        let Listeners { all, http } = listeners;
        let ports = all.iter().filter_map(|listener| listener.local_addr().ok());
        let https = ports.map(|address| address.port()).next();
        let proxy_protocol = config.proxy_protocol;
        let hall = Hall {
            state,
            relay,
            tls,
            admission: admission.clone(),
            proxy_protocol,
            elsewhere: None,
            stop: stopped,
            alive,
        };
        for listener in all {
            tokio::spawn(accept(listener, hall.clone()));
        }
        for listener in http {
            let http = listener.local_addr().ok().map(|address| address.port());
            let elsewhere = http.zip(https).map(|(http, https)| Ports { http, https });
            tokio::spawn(accept(listener, Hall { elsewhere, ..hall.clone() }));
        }
        Self { stop, admission, ended }
    }

    /// Other limits are in force from now on.
    pub fn set_limits(&self, config: &config::Front) {
        self.admission.set_limits(limits(config));
    }

    /// Closes the doors; connections end after their answer under way.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Waits until the last connection has ended.
    pub async fn ended(mut self) {
        while self.ended.recv().await.is_some() {}
    }
}

async fn accept(listener: TcpListener, mut hall: Hall) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = hall.stop.wait_for(|stop| *stop) => return,
        };
        match accepted {
            Ok((stream, peer)) => hall.welcome(stream, peer),
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections; trying again");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

impl Hall {
    fn welcome(&self, stream: TcpStream, peer: SocketAddr) {
        let peer = canonical(peer);
        let from_proxy = self.state.proxies.contains(peer.ip());
        let admitted =
            if from_proxy { self.admission.admit_proxy() } else { self.admission.admit(peer.ip()) };
        let Some(place) = counted(admitted) else { return };
        let hall = self.clone();
        tokio::spawn(async move {
            // A fault here is the client's or the network's, and costs only this connection.
            let served = match from_proxy {
                true => hall.serve_proxy(stream, peer, place).await,
                false => hall.serve(stream, Ends::own(peer), place).await,
            };
            if let Err(error) = served {
                tracing::debug!(%error, "a connection ended at the door");
            }
        });
    }

    /// A connection from a proxy, which may say for whom it is.
    async fn serve_proxy(
        self,
        mut stream: TcpStream,
        peer: SocketAddr,
        place: Place,
    ) -> io::Result<()> {
        let mut first = [0];
        if timed(FIRST_BYTE_TIME, stream.peek(&mut first)).await? == 0 {
            return Ok(());
        }
        if first[0] != proxy::FIRST_BYTE {
            return match self.proxy_protocol {
                ProxyProtocol::Accepted => self.serve(stream, Ends::own(peer), place).await,
                ProxyProtocol::Required => Err(io::Error::other("the PROXY protocol was left out")),
            };
        }
        let Some(passed) = timed(FIRST_BYTE_TIME, proxy::read(&mut stream)).await? else {
            return self.serve(stream, Ends::own(peer), place).await;
        };
        let Some(place) = counted(self.admission.admit(passed.source.ip())) else { return Ok(()) };
        self.serve(stream, Ends { peer: passed.source, passed: Some(passed) }, place).await
    }

    async fn serve(self, stream: TcpStream, ends: Ends, place: Place) -> io::Result<()> {
        prepare(&stream)?;
        let peer = ends.peer;
        let local = match ends.passed {
            Some(passed) => passed.destination,
            None => canonical(stream.local_addr()?),
        };
        let stay = (place, self.alive.clone());
        let mut first = [0];
        if timed(FIRST_BYTE_TIME, stream.peek(&mut first)).await? == 0 {
            return Ok(());
        }
        let protocol = Protocol::of(first[0]);
        match protocol.filter(|found| self.elsewhere.is_none() || *found == Protocol::Http) {
            Some(Protocol::Tls) => {
                let stream = timed(HANDSHAKE_TIME, self.shake_hands(stream)).await?;
                let alpn = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
                self.serve_tls(stream, alpn.as_deref(), local, peer, stay).await
            }
            Some(Protocol::Stun) => {
                self.relay.serve(relay::Stream::tcp(stream)?.keep(stay), local, peer);
                Ok(())
            }
            Some(Protocol::Http) => {
                let stream = Prefixed::new(stream, stay);
                let transport = if ends.passed.is_some_and(|passed| passed.tls) {
                    Transport::Tls
                } else {
                    Transport::Plain
                };
                self.serve_http(stream, transport, Version::Http1, local, peer);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// TLS, with another certificate for those who look whether a name is ours.
    async fn shake_hands(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let config = self.tls.choose(&start.client_hello());
        start.into_stream(config).await
    }

    /// What is inside TLS: what ALPN says, except that clients of TURN say
    /// nothing or `http/1.1`, so there the first byte decides again.
    async fn serve_tls<G>(
        self,
        mut stream: TlsStream<TcpStream>,
        alpn: Option<&[u8]>,
        local: SocketAddr,
        peer: SocketAddr,
        stay: G,
    ) -> io::Result<()>
    where
        G: Unpin + Send + 'static,
    {
        match alpn {
            // The handshake was all there was to see.
            Some(tls::ACME) => timed(HANDSHAKE_TIME, stream.shutdown()).await?,
            Some(tls::STUN_TURN | tls::STUN_DISCOVERY) => {
                self.relay.serve(relay::Stream::tls(stream)?.keep(stay), local, peer);
            }
            Some(tls::HTTP_2) => {
                let ahead = Prefixed::read_ahead(stream, PREFACE.len(), stay);
                let stream = timed(FIRST_BYTE_TIME, ahead).await?;
                if stream.prefix() == PREFACE {
                    self.serve_http(stream, Transport::Tls, Version::Http2, local, peer);
                }
            }
            _ => {
                let ahead = Prefixed::read_ahead(stream, 1, stay);
                let stream = timed(FIRST_BYTE_TIME, ahead).await?;
                match Protocol::of(stream.prefix()[0]) {
                    Some(Protocol::Stun) => {
                        let (prefix, stream, stay) = stream.into_parts();
                        let stream = relay::Stream::tls(stream)?.read_ahead(&prefix).keep(stay);
                        self.relay.serve(stream, local, peer);
                    }
                    Some(Protocol::Http) => {
                        self.serve_http(stream, Transport::Tls, Version::Http1, local, peer);
                    }
                    Some(Protocol::Tls) | None => {}
                }
            }
        }
        Ok(())
    }

    /// In a task of its own: the one that has received the connection, with room for all that could have come, ends.
    fn serve_http<S>(
        self,
        stream: S,
        transport: Transport,
        version: Version,
        local: SocketAddr,
        peer: SocketAddr,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (client, local) = (peer.ip(), local.ip());
        let wire = Wire { transport, client, local, elsewhere: self.elsewhere };
        tokio::spawn(http::serve(self.state, stream, wire, version, self.stop));
    }
}

impl Ends {
    /// For a connection that nobody passed on.
    fn own(peer: SocketAddr) -> Self {
        Self { peer, passed: None }
    }
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// The place, or a mark in the metrics that there was none.
fn counted(admitted: Result<Place, Full>) -> Option<Place> {
    admitted
        .inspect_err(|full| {
            let limit = format!("{full:?}").to_lowercase();
            metrics::counter!("callbox_connections_refused_total", "limit" => limit).increment(1);
        })
        .ok()
}

fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEP_ALIVE))?;
    // Ends connections whose other end takes nothing, sleeping phones included.
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(SEND_TIME))?;
    Ok(())
}

/// No `async fn`, which would hold the work twice.
fn timed<T>(
    limit: Duration,
    work: impl Future<Output = io::Result<T>>,
) -> impl Future<Output = io::Result<T>> {
    let over = |_| Err(io::ErrorKind::TimedOut.into());
    timeout(limit, work).map(move |done| done.unwrap_or_else(over))
}

/// Errors of a single connection that was gone before it was accepted.
fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

fn limits(config: &config::Front) -> Limits {
    Limits {
        total: descriptors() / 5 * 4,
        per_address: config.connections_per_address.unwrap_or(64),
        count_loopback: config.connections_per_address.is_some(),
    }
}

/// How many files and sockets this process may have open.
fn descriptors() -> usize {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(1 << 20);
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// RFC 9113 section 3.4.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const FIRST_BYTE_TIME: Duration = Duration::from_secs(10);
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_secs(60);
const SEND_TIME: Duration = Duration::from_secs(60);
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
