//! The client of both: connections one by one, as simple as they can be.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::{ClientConfig, ClientConnection, HandshakeKind, StreamOwned};
use socket2::SockRef;

use crate::any_certificate;

/// A connection inside TLS.
pub type Tls = StreamOwned<ClientConnection, TcpStream>;

/// Somebody who takes any certificate, and comes back with the tickets of before if they `resume`.
pub fn somebody(alpn: &str, resume: bool) -> Arc<ClientConfig> {
    let mut config = any_certificate::config(&[alpn]);
    config.enable_early_data = false;
    if !resume {
        // It asks for tickets nevertheless, as browsers do.
        config.resumption = Resumption::disabled();
    }
    Arc::new(config)
}

/// Connects and shakes hands.
pub fn connect(address: SocketAddr, config: &Arc<ClientConfig>) -> io::Result<Tls> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let name = "localhost".try_into().expect("a name");
    let connection = ClientConnection::new(Arc::clone(config), name);
    let mut connection = connection.map_err(io::Error::other)?;
    while connection.is_handshaking() {
        connection.complete_io(&mut socket)?;
    }
    Ok(StreamOwned::new(connection, socket))
}

/// One handshake and nothing else. When it is over the server has closed, so all its work for it is done.
pub fn shake_hands(address: SocketAddr, config: &Arc<ClientConfig>) -> Tls {
    let mut stream = connect(address, config).expect("a handshake");
    stream.conn.send_close_notify();
    stream.flush().expect("it reads");
    // Tickets come on the way; what a server says at the very end does not matter.
    let _ = stream.read(&mut [0]);
    // Nothing of it is left in the kernel, so ports do not run out.
    SockRef::from(&stream.sock).set_linger(Some(Duration::ZERO)).expect("an option");
    stream
}

/// Whether this connection goes on with an earlier one's secrets.
pub fn is_resumed(stream: &Tls) -> bool {
    match stream.conn.handshake_kind() {
        Some(HandshakeKind::Full) => false,
        Some(HandshakeKind::Resumed) => true,
        other => panic!("the key exchange was guessed right: {other:?}"),
    }
}

/// What was agreed on, for people.
pub fn terms(stream: &Tls) -> String {
    let version = stream.conn.protocol_version().expect("agreed");
    let suite = stream.conn.negotiated_cipher_suite().expect("agreed").suite();
    let group = stream.conn.negotiated_key_exchange_group().expect("agreed").name();
    format!("{version:?}, {suite:?}, {group:?}")
}

/// Asks for a page that both have, on a connection that stays open, and reads the answer.
pub fn ask(stream: &mut (impl Read + Write)) -> io::Result<()> {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
    stream.flush()?;
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    while !answer.ends_with(b"\r\n\r\nok\n") {
        match stream.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => answer.extend_from_slice(&buffer[..count]),
        }
    }
    match answer.starts_with(b"HTTP/1.1 200 ") {
        true => Ok(()),
        false => Err(io::Error::other(String::from_utf8_lossy(&answer).into_owned())),
    }
}

const PATIENCE: Duration = Duration::from_secs(20);
