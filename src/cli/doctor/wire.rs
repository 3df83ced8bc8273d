//! Connections to this computer's own server, which nobody but this program trusts for anything:
//! a certificate is looked at here and believed by none.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};

use crate::pure::stun::{Frame, next_frame};

/// What messages of STUN and TURN travel by.
#[derive(Debug)]
pub(super) enum Wire {
    Udp(UdpSocket),
    Tcp(TcpStream, Vec<u8>),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>, Vec<u8>),
}

impl Wire {
    /// A socket connected to there, on the address from which the system would go there.
    pub(super) fn udp(to: SocketAddr) -> io::Result<Self> {
        let any: IpAddr = match to.is_ipv4() {
            true => Ipv4Addr::UNSPECIFIED.into(),
            false => Ipv6Addr::UNSPECIFIED.into(),
        };
        let socket = UdpSocket::bind((any, 0))?;
        socket.connect(to)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(Self::Udp(socket))
    }

    pub(super) fn tcp(to: SocketAddr) -> io::Result<Self> {
        Ok(Self::Tcp(connect(to)?, Vec::new()))
    }

    pub(super) fn tls(to: SocketAddr) -> io::Result<Self> {
        Ok(Self::Tls(Box::new(tls(to, "localhost", &[b"stun.turn"])?), Vec::new()))
    }

    /// Sends a message, padded where there are no borders between them.
    pub(super) fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let padded = || {
            let padding = message.len().next_multiple_of(4) - message.len();
            [message, &[0; 3][..padding]].concat()
        };
        match self {
            Self::Udp(socket) => socket.send(message).map(drop),
            Self::Tcp(stream, _) => stream.write_all(&padded()),
            Self::Tls(stream, _) => stream.write_all(&padded()).and_then(|()| stream.flush()),
        }
    }

    /// The next message; nothing if none comes in time or what comes is none.
    pub(super) fn receive(&mut self) -> Option<Vec<u8>> {
        let (stream, buffer): (&mut dyn Read, _) = match self {
            Self::Udp(socket) => {
                let mut bytes = vec![0; 2048];
                let length = socket.recv(&mut bytes).ok()?;
                bytes.truncate(length);
                return Some(bytes);
            }
            Self::Tcp(stream, buffer) => (stream, buffer),
            Self::Tls(stream, buffer) => (stream, buffer),
        };
        loop {
            match next_frame(buffer, LONGEST) {
                Frame::Whole { message, padded } => {
                    let mut frame: Vec<u8> = buffer.drain(..padded).collect();
                    frame.truncate(message);
                    return Some(frame);
                }
                Frame::Broken => return None,
                Frame::Partial => {
                    let mut more = [0; 4096];
                    let length = stream.read(&mut more).ok().filter(|length| *length > 0)?;
                    buffer.extend_from_slice(&more[..length]);
                }
            }
        }
    }
}

/// A TLS connection that asks for this name and takes whatever it is shown.
pub(super) fn tls(
    to: SocketAddr,
    name: &str,
    protocols: &[&[u8]],
) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let other = |error: rustls::Error| io::Error::other(error);
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let mut config = builder
        .with_safe_default_protocol_versions()
        .map_err(other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Onlooker))
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
    let session = ClientConnection::new(Arc::new(config), name).map_err(other)?;
    let mut stream = StreamOwned::new(session, connect(to)?);
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    Ok(stream)
}

fn connect(to: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&to, 3 * PATIENCE)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Looks at certificates and lets all pass.
#[derive(Debug)]
struct Onlooker;

impl ServerCertVerifier for Onlooker {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

const PATIENCE: Duration = Duration::from_secs(1);
const LONGEST: usize = 65_536;
