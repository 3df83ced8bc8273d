//! The test clients of Debian's coturn against our server. Without them
//! installed there is nothing to run.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::process::{Command, Output};
use std::sync::Arc;

use callbox::pure::stun::{Frame, next_frame};
use callbox::{http, relay, tls};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::{LOOPBACK, TestRelay};
use crate::any_certificate::connector;

/// Whose credentials the client has.
enum As {
    LegOfACall,
    NamedUser,
    /// It makes its own, with the secret of an application.
    Application,
}

/// Runs the client until it has not asked for an even port: it does so now
/// and then, which we refuse as RFC 8656 lets us, and then it gives up.
async fn assert_nothing_lost(relay: &TestRelay, who: As, flags: &[&str]) {
    let server = if flags.contains(&"-t") { relay.tcp() } else { relay.udp() };
    assert_nothing_lost_at(server, relay, who, flags).await;
}

async fn assert_nothing_lost_at(server: SocketAddr, relay: &TestRelay, who: As, flags: &[&str]) {
    for _ in 0..60 {
        let (username, password) = match who {
            As::LegOfACall => relay.credentials(1, 1),
            As::NamedUser => ("anna".to_owned(), "password".to_owned()),
            As::Application => ("bob".to_owned(), String::new()),
        };
        let mut command = Command::new("turnutils_uclient");
        command.args(["-s", "-c", "-m", "2", "-n", "50", "-l", "300", "-z", "1"]).args(flags);
        match who {
            As::Application => command.args(["-W", "a secret of an application"]),
            As::LegOfACall | As::NamedUser => command.args(["-w", &password]),
        };
        command.args(["-u", &username, "-p", &server.port().to_string(), "127.0.0.1"]);
        let output = match run(command).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            output => output.expect("it starts"),
        };
        let text = String::from_utf8_lossy(&output.stdout);
        if output.status.success() {
            assert!(text.contains("tot_send_msgs=100, tot_recv_msgs=100\n"), "{text}");
            return;
        }
        assert!(text.contains("error 420"), "{text}");
    }
    panic!("the client always asks for an even port");
}

async fn run(mut command: Command) -> io::Result<Output> {
    let run = tokio::task::spawn_blocking(move || command.output());
    run.await.expect("it does not panic")
}

/// Sends everything back.
fn echo() -> SocketAddr {
    let socket = UdpSocket::bind(LOOPBACK).expect("a free port");
    let address = socket.local_addr().expect("bound");
    std::thread::spawn(move || {
        let mut buffer = [0; 2048];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let _ = socket.send_to(&buffer[..length], from);
        }
    });
    address
}

// By Send indications only: the client takes its channel numbers at random
// from the wider range of RFC 5766, most of which RFC 8656 has taken back.

#[tokio::test]
async fn coturns_client_loses_nothing_over_udp() {
    assert_nothing_lost(&TestRelay::start(), As::LegOfACall, &["-y"]).await;
}

#[tokio::test]
async fn coturns_client_loses_nothing_over_tcp() {
    assert_nothing_lost(&TestRelay::start(), As::LegOfACall, &["-y", "-t"]).await;
}

#[tokio::test]
async fn coturns_client_loses_nothing_over_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let names = callbox::pure::lan::Names::of(["localhost"]);
    let local = tls::Local::open(folder.path(), &names, http::now()).expect("a certificate");
    let tls_config = tls::server_config(tls::Resolver::new(local.key())).expect("it is one");
    let (limits, tls) = (super::wide(), vec![LOOPBACK]);
    let config = relay::Config {
        tls,
        tls_config: Some(tls_config.clone()),
        limits,
        ..relay::Config::default()
    };
    let relay = TestRelay::with(config);
    let bridge = bridge(relay.relay.tls[0], tls_config).await;
    assert_nothing_lost_at(bridge, &relay, As::LegOfACall, &["-y", "-t", "-S"]).await;
}

/// A way to the server, with TLS on both sides, on which each of the server's messages
/// gets a record of its own: of those that share one, the client takes only the first.
async fn bridge(server: SocketAddr, config: Arc<rustls::ServerConfig>) -> SocketAddr {
    let listener = TcpListener::bind(LOOPBACK).await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let acceptor = TlsAcceptor::from(config.clone());
            tokio::spawn(async move {
                let near = acceptor.accept(near).await?;
                let far = TcpStream::connect(server).await?;
                let name = "localhost".try_into().expect("a name");
                let far = connector(&[]).connect(name, far).await?;
                let (mut from_client, to_client) = tokio::io::split(near);
                let (from_server, mut to_server) = tokio::io::split(far);
                tokio::select! {
                    ended = tokio::io::copy(&mut from_client, &mut to_server) => ended.map(drop),
                    ended = one_by_one(from_server, to_client) => ended,
                }
            });
        }
    });
    address
}

async fn one_by_one(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    let mut bytes = Vec::new();
    while from.read_buf(&mut bytes).await? > 0 {
        while let Frame::Whole { padded, .. } = next_frame(&bytes, 65_536) {
            to.write_all(&bytes[..padded]).await?;
            to.flush().await?;
            bytes.drain(..padded);
        }
    }
    Ok(())
}

#[tokio::test]
async fn t73_coturns_client_reaches_a_peer_through_an_open_relay() {
    let relay = TestRelay::open();
    let port = echo().port().to_string();
    let peer = ["-e", "127.0.0.1", "-r", &port];
    for transport in [&[][..], &["-t"], &["-X"]] {
        let flags = [&peer[..], transport].concat();
        assert_nothing_lost(&relay, As::NamedUser, &flags).await;
    }
    assert_nothing_lost(&relay, As::Application, &peer).await;
    assert_nothing_lost(&relay, As::LegOfACall, &peer).await;
    // Both ends allocate, and meet inside.
    assert_nothing_lost(&relay, As::NamedUser, &["-y"]).await;
}

#[tokio::test]
async fn coturns_stun_client_learns_its_address() {
    let relay = TestRelay::start();
    let mut command = Command::new("turnutils_stunclient");
    command.args(["-p", &relay.udp().port().to_string(), "127.0.0.1"]);
    let output = match run(command).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        output => output.expect("it starts"),
    };
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("UDP reflexive addr: 127.0.0.1:"), "{text}");
}
