//! The test clients of Debian's coturn against our server. Without them
//! installed there is nothing to run.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::process::{Command, Output};

use callbox::{http, relay, tls};

use super::{LOOPBACK, TestRelay};

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
    let port = match (flags.contains(&"-t"), flags.contains(&"-S")) {
        (true, true) => relay.relay.tls[0].port(),
        (true, false) => relay.tcp().port(),
        _ => relay.udp().port(),
    };
    for _ in 0..60 {
        let (username, password) = match who {
            As::LegOfACall => relay.credentials(1, 1),
            As::NamedUser => ("anna".to_owned(), "password".to_owned()),
            As::Application => ("bob".to_owned(), String::new()),
        };
        let mut command = Command::new("turnutils_uclient");
        // Over TLS it takes only the first of several messages in one record:
        // with time between them, each is alone.
        let (count, pause) = if flags.contains(&"-S") { ("10", "100") } else { ("50", "1") };
        command.args(["-s", "-c", "-m", "2", "-n", count, "-l", "300", "-z", pause]).args(flags);
        match who {
            As::Application => command.args(["-W", "a secret of an application"]),
            As::LegOfACall | As::NamedUser => command.args(["-w", &password]),
        };
        command.args(["-u", &username, "-p", &port.to_string(), "127.0.0.1"]);
        let output = match run(command).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            output => output.expect("it starts"),
        };
        let text = String::from_utf8_lossy(&output.stdout);
        if output.status.success() {
            let all = 2 * count.parse::<u32>().expect("a number");
            let whole = format!("tot_send_msgs={all}, tot_recv_msgs={all}\n");
            assert!(text.contains(&whole), "{text}");
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
    let config = tls::server_config(tls::Resolver::new(local.key())).expect("it is one");
    let (limits, tls) = (super::wide(), vec![LOOPBACK]);
    let config =
        relay::Config { tls, tls_config: Some(config), limits, ..relay::Config::default() };
    let relay = TestRelay::with(config);
    assert_nothing_lost(&relay, As::LegOfACall, &["-y", "-t", "-S"]).await;
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
