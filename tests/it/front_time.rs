//! The deadlines of the front door, with a clock that is moved: a paused clock
//! jumps to the next deadline whenever nothing else is left to do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use callbox::front::{Front, Listeners};
use callbox::pure::auth::relay::Keys;
use callbox::{config, http, relay, tls};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, pause, sleep};

use super::any_certificate::connector;
use super::http_faults::state;
use super::server::{exchange, status};

/// A front door in this process, and what must outlive it.
struct Door {
    address: SocketAddr,
    _parts: (Front, relay::Relay, tempfile::TempDir),
}

impl Door {
    /// Opens it, then stops the clock.
    async fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let state = Arc::new(state(&data).await);
        let keys = watch::channel(Keys::new(&[1; 32], None)).1;
        let revocations = mpsc::unbounded_channel().1;
        let relay = relay::start(relay::Config::default(), keys, revocations).unwrap();
        let names = callbox::pure::lan::Names::of(["localhost"]);
        let local = tls::Local::open(data.path(), &names, http::now()).unwrap();
        let tls = tls::Configs::new(tls::Resolver::new(local.key())).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = config::Front {
            listen: vec![],
            http_listen: vec![],
            connections_per_address: None,
            proxy_protocol: config::ProxyProtocol::Accepted,
        };
        let listeners = Listeners { all: vec![listener], http: vec![] };
        let front = Front::start(listeners, &config, tls, state, relay.handle());
        pause();
        Self { address, _parts: (front, relay, data) }
    }

    async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn tls(&self, alpn: &str) -> tokio_rustls::client::TlsStream<TcpStream> {
        let name = "localhost".try_into().unwrap();
        connector(&[alpn]).connect(name, self.tcp().await).await.unwrap()
    }

    /// Writes a byte every so often; what the server says until it closes.
    async fn trickle(&self, head: &str, rest: &str, every: Duration) -> String {
        let (mut read, mut write) = self.tcp().await.into_split();
        let writing = async {
            write.write_all(head.as_bytes()).await.unwrap();
            for byte in rest.as_bytes() {
                sleep(every).await;
                if write.write_all(&[*byte]).await.is_err() {
                    break;
                }
            }
            // The server has to end this, not its client.
            std::future::pending::<()>().await;
        };
        let mut answer = String::new();
        tokio::select! {
            _ = read.read_to_string(&mut answer) => answer,
            () = writing => unreachable!("it never ends"),
        }
    }
}

/// What comes of it, and after how many seconds.
async fn timed(what: impl Future<Output = String>) -> (String, u64) {
    let begun = Instant::now();
    let answer = what.await;
    (answer, begun.elapsed().as_secs())
}

#[tokio::test]
async fn h3_h4_who_is_silent_or_slow_is_shown_out() {
    let door = Door::open().await;
    let silent = timed(async { exchange(door.tcp().await, "").await }).await;
    assert_eq!(silent, (String::new(), 10));
    let (_alert, took) = timed(async { exchange(door.tcp().await, b"\x16\x03\x01").await }).await;
    assert_eq!(took, 10, "half a handshake");
    let inside = timed(async { exchange(door.tls("http/1.1").await, "").await }).await;
    assert_eq!(inside, (String::new(), 10));
    let (_, took) = timed(async { exchange(door.tls("h2").await, "PRI * HTTP").await }).await;
    assert_eq!(took, 10, "half a preface");
    let half = "GET / HTTP/1.1\r\nhost: local";
    let half = timed(async { exchange(door.tcp().await, half).await }).await;
    let slow = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let slow = timed(door.trickle("", slow, Duration::from_secs(2))).await;
    // The first byte of the slow one comes after two seconds.
    for ((answer, took), expected) in [(half, 10), (slow, 12)] {
        assert!(answer.is_empty() || status(&answer) == 408, "{answer}");
        assert_eq!(took, expected);
    }
}

#[tokio::test]
async fn h3_five_hundred_who_say_nothing_cost_others_nothing() {
    let door = Door::open().await;
    let mut silent = Vec::new();
    for n in 0..500 {
        let mut stream = door.tcp().await;
        if n % 2 == 0 {
            // Half of a ClientHello.
            stream.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc").await.unwrap();
        }
        silent.push(stream);
    }
    let begun = Instant::now();
    let health = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    for _ in 0..10 {
        let others = exchange(door.tls("http/1.1").await, health).await;
        assert_eq!(status(&others), 200);
    }
    assert_eq!(begun.elapsed().as_secs(), 0, "nobody waits for the silent ones");
    let ended = silent.into_iter().map(|stream| timed(exchange(stream, "")));
    for (answer, took) in futures_util::future::join_all(ended).await {
        assert!(!answer.starts_with("HTTP"), "{answer}");
        assert_eq!(took, 10);
    }
}

#[tokio::test]
async fn h5_a_body_has_thirty_seconds_in_all() {
    let door = Door::open().await;
    let port = door.address.port();
    let head = format!(
        "POST /api/v1/login/start HTTP/1.1\r\nhost: localhost:{port}\r\n\
         origin: http://localhost:{port}\r\nx-callbox: 1\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n"
    );
    // Never long silent, and yet: the whole of it counts. Then nothing at all.
    for every in [5, 3600] {
        let body = format!("{{{}", " ".repeat(98));
        let slow = timed(door.trickle(&head, &body, Duration::from_secs(every)));
        let (answer, took) = slow.await;
        assert_eq!((status(&answer), took), (400, 30), "{answer}");
        assert!(answer.contains("too slowly"), "{answer}");
    }
}
