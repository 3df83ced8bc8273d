//! What probes find out.

use std::net::{IpAddr, SocketAddr};

use crate::pure::wire::Millis;

/// Everything that was found out. What could not be is absent.
#[derive(Debug, Clone)]
pub struct Facts {
    pub now: Millis,
    pub server: Server,
    /// Names that people type.
    pub names: Vec<Name>,
    /// Others stand in front of this server.
    pub proxied: bool,
    /// It listens beyond this computer.
    pub exposed: bool,
    /// The relay has sockets of its own for allocations.
    pub open_relay: bool,
    /// What the settings say that others call this computer.
    pub external: Vec<IpAddr>,
    /// Addresses of this computer that others can use.
    pub own: Vec<IpAddr>,
    /// What was asked outside, if that was allowed.
    pub outside: Outside,
    pub ports: Vec<Port>,
    pub certificates: Vec<Certificate>,
    pub clock: Clock,
    pub relay: Relay,
    pub limits: Limits,
    pub disk: Disk,
    pub database: Database,
}

/// The running server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Server {
    Running {
        version: String,
        pid: u32,
        site: String,
        draining: bool,
        setup_required: bool,
        hub_answers: bool,
        /// Settings that a restart would change.
        after_restart: Vec<String>,
    },
    /// There is none with this data.
    Stopped,
    /// There is one, which cannot be asked.
    Silent(String),
}

/// A name, and where it leads.
#[derive(Debug, Clone)]
pub struct Name {
    pub name: String,
    pub addresses: Result<Vec<IpAddr>, String>,
}

/// What others say of this computer's address.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// The router, by NAT-PMP.
    pub gateway: Option<Result<IpAddr, String>>,
    /// A STUN server that was named.
    pub stun: Option<Result<Mapped, String>>,
}

/// How a STUN server saw a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mapped {
    /// Of the connected socket, here.
    pub here: SocketAddr,
    pub seen: SocketAddr,
}

/// A port the server has or wants.
#[derive(Debug, Clone)]
pub struct Port {
    pub protocol: Protocol,
    pub address: SocketAddr,
    pub purpose: Purpose,
    pub state: PortState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Tcp,
    Udp,
}

/// What a port is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Pages,
    PlainHttp,
    Relay,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortState {
    /// The running server answers there.
    Answers,
    /// The running server should, and does not.
    Silent(String),
    Free,
    /// By somebody else.
    Held(Option<Holder>),
    /// Not without more rights.
    Forbidden,
    /// This computer has no such address.
    NoAddress,
    Other(String),
}

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub pid: u32,
    pub name: String,
}

/// A certificate the server presents, or would.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// What it is asked for by.
    pub name: String,
    pub source: Source,
    pub seen: Result<Seen, String>,
    /// Why there is no newer one.
    pub trouble: Option<String>,
}

/// Where a certificate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Acme,
    File,
    /// Made here.
    Own,
}

/// What is in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub from: Millis,
    pub until: Millis,
    /// Names and addresses it is for.
    pub names: Vec<String>,
    /// By itself, or by the authority of this server.
    pub made_here: bool,
}

/// What is known of the clock.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Whether something sets it by the network.
    pub synchronised: Option<bool>,
    /// When something in the data directory was written last.
    pub newest: Option<Millis>,
    /// By how many milliseconds a time server is ahead of it.
    pub ahead: Option<Result<i64, String>>,
}

/// How packets get through the relay.
#[derive(Debug, Clone)]
pub enum Relay {
    Tried(Vec<RelayTry>),
    /// There is nobody to try.
    NotRunning,
    /// The credentials for it were not to be had.
    NoCredentials(String),
}

#[derive(Debug, Clone)]
pub struct RelayTry {
    pub transport: Transport,
    pub address: SocketAddr,
    pub result: Result<Pass, RelayFault>,
}

/// Between client and relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Udp,
    Tcp,
    Tls,
}

/// Two clients reached each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// Of one packet from one to the other and back, in microseconds.
    pub round_trip: u64,
}

/// How far it got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelayFault {
    /// No connection.
    Unreachable(String),
    /// Nothing came back.
    NoAnswer,
    /// A code of STUN.
    Refused(u16),
    /// Both have an address there, and packets between them are lost.
    Lost,
    /// What came back is no answer.
    Nonsense,
}

/// What the system lets the server do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// As many as the server may open.
    pub open_files: Option<u64>,
    /// Bytes of a socket's receive buffer at most.
    pub receive_buffer: Option<u64>,
    /// Connections the firewall follows now, and at most.
    pub tracked: Option<(u64, u64)>,
    pub ipv6: bool,
}

/// Where the data is.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    pub directory: String,
    pub exists: bool,
    pub free: Option<u64>,
    pub total: Option<u64>,
    /// Permission bits of the directory.
    pub mode: Option<u32>,
    /// Whether whoever asks may write there.
    pub writable: bool,
}

/// The database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// The running server has just read from it.
    Serving {
        bytes: u64,
        entries: u64,
    },
    /// The running server cannot read from it.
    Silent,
    /// Read through, and whole.
    Sound {
        bytes: u64,
    },
    Damaged(String),
    Unreadable(String),
    Missing,
}
