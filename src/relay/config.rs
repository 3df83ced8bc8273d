//! What a relay is told before it starts.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use crate::net::udp::Engine;
use crate::pure::auth::relay::Keys;
use crate::pure::turn::{self, Credentials, Family, Limits, Meters, Network, Rules};

/// Where the relay listens, and how much it bears.
#[derive(Clone)]
pub struct Config {
    /// UDP addresses; port 0 takes any free port.
    pub udp: Vec<SocketAddr>,
    /// UDP sockets that are open already, such as those of a service manager. Each is read
    /// by one worker.
    pub given: Vec<Arc<UdpSocket>>,
    /// TCP addresses; port 0 takes any free port.
    pub tcp: Vec<SocketAddr>,
    /// TCP addresses where TLS is spoken, if there is `tls_config`.
    pub tls: Vec<SocketAddr>,
    pub tls_config: Option<Arc<rustls::ServerConfig>>,
    pub mode: Mode,
    /// The realm of the credentials. Clients take it from the challenge; it is
    /// part of the key, and its length counts in every challenge.
    pub realm: String,
    /// Shared with other applications, which make credentials with it.
    pub secret: Option<String>,
    /// Passwords of named users.
    pub users: HashMap<String, String>,
    /// Limits of allocations, rates and answers.
    pub limits: Limits,
    /// Streams from one IP address at a time.
    pub streams_per_ip: usize,
    /// Streams in all.
    pub streams: usize,
    /// By when the first message of a stream must be there.
    pub first_message: Duration,
    /// How long both directions of a stream may rest.
    pub idle: Duration,
    /// Threads that relay, where the system can spread clients over several.
    pub workers: usize,
    /// Whether a channel to a peer outside gets a socket that is connected.
    pub connect: bool,
    /// How long packets may wait for others while there are many; 0 is not at all.
    pub coalesce: Duration,
    /// How UDP sockets receive and send.
    pub engine: Engine,
}

/// What stands behind relayed addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Nothing: packets go from one leg of a call to another.
    Closed,
    /// Sockets, whose peers are chosen by rules.
    Open(Sockets),
}

/// Sockets that relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sockets {
    pub ipv4: Option<Face<Ipv4Addr>>,
    pub ipv6: Option<Face<Ipv6Addr>>,
    /// Where a socket may be bound.
    pub ports: RangeInclusive<u16>,
    /// Networks of one's own, and parts of loopback, that may be reached.
    pub allow: Vec<Network>,
    /// Networks that may not, whatever else is said.
    pub deny: Vec<Network>,
    /// Addresses of this computer; a running relay is told when they change.
    pub own: Vec<IpAddr>,
    /// Where other parts of this program listen.
    pub listening: Vec<SocketAddr>,
}

/// An address as it is here, and as others see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Face<A> {
    pub here: A,
    pub outside: A,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { udp, tcp, tls, mode, limits, .. } = self;
        let mut shown = f.debug_struct("Config");
        shown.field("udp", udp).field("tcp", tcp).field("tls", tls);
        shown.field("mode", mode).field("limits", limits).finish_non_exhaustive()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            udp: Vec::new(),
            given: Vec::new(),
            tcp: Vec::new(),
            tls: Vec::new(),
            tls_config: None,
            mode: Mode::Closed,
            realm: "callbox".to_owned(),
            secret: None,
            users: HashMap::new(),
            limits: Limits::default(),
            streams_per_ip: 64,
            streams: 4096,
            first_message: Duration::from_secs(10),
            idle: Duration::from_secs(120),
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            connect: true,
            coalesce: Duration::from_micros(140),
            engine: Engine::default(),
        }
    }
}

impl Config {
    /// What the core needs of it.
    pub(super) fn setup(
        &self,
        listening: &[SocketAddr],
        keys: Keys,
        meters: Arc<Meters>,
    ) -> turn::Setup {
        let credentials =
            Credentials { keys, secret: self.secret.clone(), users: self.users.clone() };
        let mode = match &self.mode {
            Mode::Closed => turn::Mode::Closed,
            Mode::Open(sockets) => turn::Mode::Open(sockets.open(listening)),
        };
        let (limits, realm) = (self.limits, self.realm.clone());
        turn::Setup { mode, limits, realm, credentials, meters }
    }
}

impl Sockets {
    fn open(&self, listening: &[SocketAddr]) -> turn::Open {
        let rules = Rules {
            allow: self.allow.clone(),
            deny: self.deny.clone(),
            own: self.own.iter().copied().chain(self.faces()).collect(),
            listening: [&self.listening[..], listening].concat(),
        };
        let ipv4 = self.ipv4.map(|face| face.outside);
        turn::Open { ipv4, ipv6: self.ipv6.map(|face| face.outside), rules }
    }

    /// The addresses of relays, here and as others see them.
    pub(super) fn faces(&self) -> impl Iterator<Item = IpAddr> {
        let ipv4 = self.ipv4.into_iter().flat_map(|face| [face.here, face.outside]);
        let ipv6 = self.ipv6.into_iter().flat_map(|face| [face.here, face.outside]);
        ipv4.map(IpAddr::V4).chain(ipv6.map(IpAddr::V6))
    }

    /// Where sockets of a family are bound.
    pub(super) fn here(&self, family: Family) -> Option<IpAddr> {
        match family {
            Family::Ipv4 => self.ipv4.map(|face| face.here.into()),
            Family::Ipv6 => self.ipv6.map(|face| face.here.into()),
        }
    }
}
