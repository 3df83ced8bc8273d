//! The relay over real sockets.

mod aioice;
pub mod client;
mod coturn;
mod figures;
mod keys;
mod memory;
mod namespaces;
mod open;
mod records;
mod revoke;
mod rows;
mod streams;
mod tls;
mod turn_crate;
mod udp;
mod usage;
mod workers;

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{SystemTime, UNIX_EPOCH};

use callbox::pure::auth::relay::{Grant, Keys, Revocation};
use callbox::pure::turn::{Limits, Network};
use callbox::pure::wire::{CallId, SessionId};
use callbox::relay::{self, Face, Mode, Relay, Sockets};
use tokio::sync::{mpsc, watch};

pub const LOOPBACK: SocketAddr =
    SocketAddr::V4(std::net::SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));

/// A relay on free ports of the loopback address, and the hub's side of it.
struct TestRelay {
    relay: Relay,
    keys: watch::Receiver<Keys>,
    revocations: mpsc::UnboundedSender<Revocation>,
}

impl TestRelay {
    fn start() -> Self {
        // All clients have one address here.
        Self::with(relay::Config { limits: wide(), ..relay::Config::default() })
    }

    /// One with sockets, whose peers are on loopback.
    fn open() -> Self {
        Self::with(open_config())
    }

    fn with(config: relay::Config) -> Self {
        Self::over(config, watch::channel(Keys::new(&[7; 32], None)).1)
    }

    /// One that is told of its keys.
    fn watching(keys: watch::Receiver<Keys>) -> Self {
        Self::over(relay::Config::default(), keys)
    }

    fn over(config: relay::Config, keys: watch::Receiver<Keys>) -> Self {
        let (revocations, revoked) = mpsc::unbounded_channel();
        let config = relay::Config { udp: vec![LOOPBACK], tcp: vec![LOOPBACK], ..config };
        let relay = relay::start(config, keys.clone(), revoked).expect("loopback ports are free");
        Self { relay, keys, revocations }
    }

    fn udp(&self) -> SocketAddr {
        self.relay.udp[0]
    }

    fn tcp(&self) -> SocketAddr {
        self.relay.tcp[0]
    }

    /// Fresh credentials of a session for a call.
    fn credentials(&self, call: u8, session: u8) -> (String, String) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        self.keys.borrow().issue(Grant {
            expires: now + 3600,
            call: call_id(call),
            session: session_id(session),
        })
    }
}

/// All clients have one address here.
fn wide() -> Limits {
    Limits { unauthenticated_replies: 10_000, allocations_per_ip: 4096, ..Limits::default() }
}

fn open_config() -> relay::Config {
    let sockets = Sockets {
        ipv4: Some(Face { here: Ipv4Addr::LOCALHOST, outside: Ipv4Addr::LOCALHOST }),
        ipv6: Some(Face { here: Ipv6Addr::LOCALHOST, outside: Ipv6Addr::LOCALHOST }),
        ports: 20_000..=60_000,
        allow: [
            Network::new(Ipv4Addr::LOCALHOST.into(), 8),
            Network::new(Ipv6Addr::LOCALHOST.into(), 128),
        ]
        .into_iter()
        .flatten()
        .collect(),
        deny: Vec::new(),
        own: Vec::new(),
        listening: Vec::new(),
    };
    relay::Config {
        limits: wide(),
        mode: Mode::Open(sockets),
        secret: Some("a secret of an application".to_owned()),
        users: HashMap::from([("anna".to_owned(), "password".to_owned())]),
        ..relay::Config::default()
    }
}

fn call_id(n: u8) -> CallId {
    CallId::from_bytes([n; 16])
}

fn session_id(n: u8) -> SessionId {
    SessionId::from_bytes([n; 16])
}
