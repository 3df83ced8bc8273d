//! The settings of the relay.

use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

use super::Listen;
use super::settings::one_or_more;

/// The settings of the relay as given; what is absent is not set there.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize, Serialize)]
#[serde(default)]
pub struct TurnSettings {
    /// Where the relay for calls (STUN and TURN) listens, over UDP and TCP [default: *:3478].
    #[arg(long, env = "CALLBOX_TURN_LISTEN", value_name = "ADDR:PORT", value_delimiter = ',')]
    #[serde(deserialize_with = "one_or_more")]
    pub turn_listen: Option<Vec<Listen>>,

    /// Where the relay listens over TLS, besides the port of the pages, which takes it too [default: none].
    #[arg(long, env = "CALLBOX_TURNS_LISTEN", value_name = "ADDR:PORT", value_delimiter = ',')]
    #[serde(deserialize_with = "one_or_more")]
    pub turns_listen: Option<Vec<Listen>>,

    /// Whom a relayed packet can reach: closed, lan or public [default: closed].
    ///
    /// `closed`: only other members of the same call; no port besides `--turn-listen` is ever used.
    /// `public`: addresses of the internet, through a UDP port for each allocation. `lan`: these,
    /// and the networks given with `--turn-allow-peer`.
    #[arg(
        long,
        env = "CALLBOX_TURN_MODE",
        value_name = "MODE",
        value_enum,
        hide_possible_values = true
    )]
    pub turn_mode: Option<TurnMode>,

    /// A network of your own that the relay may reach in the mode lan, such as 192.168.0.0/16 [default: none].
    ///
    /// This computer itself is never reached, except parts of 127.0.0.0/8 or ::1 given here, also in
    /// the mode public: for tests. Can be given several times.
    #[arg(long, env = "CALLBOX_TURN_ALLOW_PEER", value_name = "CIDR", value_delimiter = ',')]
    #[serde(deserialize_with = "one_or_more")]
    pub turn_allow_peer: Option<Vec<Cidr>>,

    /// A network that the relay must not reach, whatever else is allowed [default: none].
    ///
    /// Where a NAT64 has a prefix of your own network, give that: its addresses lead to IPv4, private
    /// networks included. The prefix that all know, 64:ff9b::/96, is never reached. Can be given several times.
    #[arg(long, env = "CALLBOX_TURN_DENY_PEER", value_name = "CIDR", value_delimiter = ',')]
    #[serde(deserialize_with = "one_or_more")]
    pub turn_deny_peer: Option<Vec<Cidr>>,

    /// The address that this computer has for others, in the modes lan and public [default: its own].
    ///
    /// For computers behind a one-to-one address translation. One of IPv4 and one of IPv6 can be given.
    #[arg(long, env = "CALLBOX_TURN_EXTERNAL_IP", value_name = "IP", value_delimiter = ',')]
    #[serde(deserialize_with = "one_or_more")]
    pub turn_external_ip: Option<Vec<IpAddr>>,

    /// The UDP ports of allocations in the modes lan and public [default: 49152-65535].
    #[arg(long, env = "CALLBOX_TURN_PORTS", value_name = "LO-HI")]
    #[serde(deserialize_with = "parsed")]
    pub turn_ports: Option<Ports>,

    /// The realm of relay credentials [default: callbox].
    #[arg(long, env = "CALLBOX_TURN_REALM", value_name = "NAME")]
    pub turn_realm: Option<String>,

    /// A secret shared with other applications, so that they can use this relay [default: none].
    ///
    /// They make a username `EXPIRY:NAME` (Unix seconds) and the password
    /// base64(HMAC-SHA1(secret, username)). In the mode closed those of one NAME reach each other.
    #[arg(long, env = "CALLBOX_TURN_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub turn_secret: Option<String>,

    /// A user of the relay with a password that never expires, for tests and old clients [default: none].
    ///
    /// In the mode closed all that one user allocates is one call. Can be given several times.
    #[arg(long, env = "CALLBOX_TURN_USER", value_name = "NAME:PASSWORD", hide_env_values = true)]
    #[serde(deserialize_with = "one_or_more")]
    pub turn_user: Option<Vec<String>>,

    /// Relay allocations in all [default: 4096].
    #[arg(long, env = "CALLBOX_TURN_ALLOCATIONS", value_name = "N")]
    pub turn_allocations: Option<u32>,

    /// Relay allocations of one person or named user at a time [default: 64].
    #[arg(long, env = "CALLBOX_TURN_QUOTA_USER", value_name = "N")]
    pub turn_quota_user: Option<u32>,

    /// Relay allocations from one address at a time [default: 256].
    #[arg(long, env = "CALLBOX_TURN_QUOTA_IP", value_name = "N")]
    pub turn_quota_ip: Option<u32>,

    /// Channels of one allocation [default: 64].
    #[arg(long, env = "CALLBOX_TURN_CHANNELS", value_name = "N")]
    pub turn_channels: Option<u32>,

    /// Permissions of one allocation [default: 256].
    #[arg(long, env = "CALLBOX_TURN_PERMISSIONS", value_name = "N")]
    pub turn_permissions: Option<u32>,

    /// Answers per second to one address that has proved nothing yet [default: 20].
    #[arg(long, env = "CALLBOX_TURN_CHALLENGE_RATE", value_name = "N")]
    pub turn_challenge_rate: Option<u32>,

    /// Answers per minute to wrong relay passwords from one address; then a minute of silence [default: 10].
    #[arg(long, env = "CALLBOX_TURN_FAILURE_RATE", value_name = "N")]
    pub turn_failure_rate: Option<u32>,

    /// Mbit/s that one allocation may send, and as many to receive; 0 is without limit [default: 4].
    #[arg(long, env = "CALLBOX_TURN_BANDWIDTH", value_name = "N")]
    pub turn_bandwidth: Option<u32>,

    /// Mbit/s that all allocations of one person or named user may send; 0 is without limit [default: 20].
    #[arg(long, env = "CALLBOX_TURN_BANDWIDTH_USER", value_name = "N")]
    pub turn_bandwidth_user: Option<u32>,

    /// Mbit/s that are relayed in all; 0 is without limit [default: 1000].
    #[arg(long, env = "CALLBOX_TURN_BANDWIDTH_TOTAL", value_name = "N")]
    pub turn_bandwidth_total: Option<u32>,

    /// TCP and TLS connections to the relay in all [default: 4096].
    #[arg(long, env = "CALLBOX_TURN_STREAMS", value_name = "N")]
    pub turn_streams: Option<u32>,

    /// TCP and TLS connections to the relay from one address [default: 64].
    #[arg(long, env = "CALLBOX_TURN_STREAMS_IP", value_name = "N")]
    pub turn_streams_ip: Option<u32>,

    /// Threads that relay, over which clients are spread; not set is one for each processor.
    ///
    /// Only Linux spreads clients; elsewhere there is one.
    #[arg(long, env = "CALLBOX_TURN_WORKERS", value_name = "N")]
    pub turn_workers: Option<u32>,

    /// Microseconds that relayed packets may wait for others while there are many; 0 is not at all [default: 140].
    ///
    /// Waking up for each packet is most of what a relay spends at 2,000 to 50,000 packets a second, and what is for one receiver costs less together.
    #[arg(long, env = "CALLBOX_TURN_COALESCE_US", value_name = "N")]
    pub turn_coalesce_us: Option<u32>,

    /// Seconds that a TCP or TLS connection to the relay may rest [default: 120].
    #[arg(long, env = "CALLBOX_TURN_IDLE_SECONDS", value_name = "N")]
    pub turn_idle_seconds: Option<u32>,

    /// Seconds that the relay goes on for calls while the server stops [default: 2].
    ///
    /// No longer than anybody relays anything. Where the same server starts again, it starts
    /// so much later; more is for moving to another one.
    #[arg(long, env = "CALLBOX_TURN_DRAIN_SECONDS", value_name = "N")]
    pub turn_drain_seconds: Option<u32>,
}

/// Whom a relayed packet can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnMode {
    #[default]
    Closed,
    Lan,
    Public,
}

impl TurnMode {
    /// As it is written in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Lan => "lan",
            Self::Public => "public",
        }
    }
}

/// A network, as in `192.168.0.0/16`; an address alone is one, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    pub ip: IpAddr,
    pub prefix: u8,
}

/// A range of ports, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    pub first: u16,
    pub last: u16,
}

impl TurnSettings {
    /// These settings, and those of `weaker` where nothing is set here.
    pub(super) fn or(self, weaker: Self) -> Self {
        Self {
            turn_listen: self.turn_listen.or(weaker.turn_listen),
            turns_listen: self.turns_listen.or(weaker.turns_listen),
            turn_mode: self.turn_mode.or(weaker.turn_mode),
            turn_allow_peer: self.turn_allow_peer.or(weaker.turn_allow_peer),
            turn_deny_peer: self.turn_deny_peer.or(weaker.turn_deny_peer),
            turn_external_ip: self.turn_external_ip.or(weaker.turn_external_ip),
            turn_ports: self.turn_ports.or(weaker.turn_ports),
            turn_realm: self.turn_realm.or(weaker.turn_realm),
            turn_secret: self.turn_secret.or(weaker.turn_secret),
            turn_user: self.turn_user.or(weaker.turn_user),
            turn_allocations: self.turn_allocations.or(weaker.turn_allocations),
            turn_quota_user: self.turn_quota_user.or(weaker.turn_quota_user),
            turn_quota_ip: self.turn_quota_ip.or(weaker.turn_quota_ip),
            turn_channels: self.turn_channels.or(weaker.turn_channels),
            turn_permissions: self.turn_permissions.or(weaker.turn_permissions),
            turn_challenge_rate: self.turn_challenge_rate.or(weaker.turn_challenge_rate),
            turn_failure_rate: self.turn_failure_rate.or(weaker.turn_failure_rate),
            turn_bandwidth: self.turn_bandwidth.or(weaker.turn_bandwidth),
            turn_bandwidth_user: self.turn_bandwidth_user.or(weaker.turn_bandwidth_user),
            turn_bandwidth_total: self.turn_bandwidth_total.or(weaker.turn_bandwidth_total),
            turn_streams: self.turn_streams.or(weaker.turn_streams),
            turn_streams_ip: self.turn_streams_ip.or(weaker.turn_streams_ip),
            turn_workers: self.turn_workers.or(weaker.turn_workers),
            turn_coalesce_us: self.turn_coalesce_us.or(weaker.turn_coalesce_us),
            turn_idle_seconds: self.turn_idle_seconds.or(weaker.turn_idle_seconds),
            turn_drain_seconds: self.turn_drain_seconds.or(weaker.turn_drain_seconds),
        }
    }
}

impl Cidr {
    /// Whether all of it is this computer.
    pub(super) fn is_loopback(self) -> bool {
        self.ip.is_loopback() && self.prefix >= if self.ip.is_ipv4() { 8 } else { 128 }
    }

    fn parse(text: &str) -> Option<Self> {
        let (ip, prefix) = match text.split_once('/') {
            Some((ip, prefix)) => (ip, Some(prefix.parse().ok()?)),
            None => (text, None),
        };
        let ip: IpAddr = ip.parse().ok()?;
        let longest = if ip.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(longest);
        (prefix <= longest).then_some(Self { ip, prefix })
    }
}

impl Serialize for Cidr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}/{}", self.ip, self.prefix))
    }
}

impl Serialize for Ports {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}-{}", self.first, self.last))
    }
}

impl FromStr for Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let network = Self::parse(text);
        let network = network.ok_or("expected a network such as 192.168.0.0/16 or fd00::/8")?;
        // Addresses are compared in their own family, so nobody would ever be in it.
        let IpAddr::V6(ip) = network.ip else { return Ok(network) };
        match (ip.to_ipv4_mapped(), network.prefix.checked_sub(MAPPED)) {
            (None, _) => Ok(network),
            (Some(ip), Some(prefix)) => {
                Err(format!("that is a network of IPv4, which is written {ip}/{prefix}"))
            }
            (Some(ip), None) => {
                Err(format!("a network of IPv4 is written as such: {ip}, with a prefix up to 32"))
            }
        }
    }
}

impl FromStr for Ports {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = "expected a range of ports from 1024 on, such as 49152-65535";
        let (first, last) = text.split_once('-').ok_or(fault)?;
        let (first, last) = (first.parse().map_err(|_| fault)?, last.parse().map_err(|_| fault)?);
        if first < 1024 || last < first { Err(fault) } else { Ok(Self { first, last }) }
    }
}

/// The bits before an IPv4 address that is spelt as one of IPv6 (RFC 4291, section 2.5.5.2).
const MAPPED: u8 = 96;

/// A value that has a form of its own.
fn parsed<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: FromStr<Err: std::fmt::Display>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(serde::de::Error::custom)
}
