//! From the settings of the relay to its checked section.

use std::net::IpAddr;
use std::time::Duration;

use super::check::ConfigError;
use super::turn::{Cidr, Ports, TurnMode, TurnSettings};
use super::{Listen, Secret};

/// What the relay is told.
#[derive(Debug, Clone)]
pub struct Relay {
    /// Where it listens, over UDP and TCP.
    pub listen: Vec<Listen>,
    /// Where it listens over UDP alone, because TCP is for the pages there.
    pub listen_udp: Vec<Listen>,
    /// Where it listens over TLS.
    pub listen_tls: Vec<Listen>,
    pub mode: TurnMode,
    /// Networks that may be reached although they are not public.
    pub allow: Vec<Cidr>,
    /// Networks that may not be reached.
    pub deny: Vec<Cidr>,
    /// At most one address of each family.
    pub external: Vec<IpAddr>,
    pub ports: Ports,
    pub realm: String,
    pub secret: Option<Secret>,
    /// Names, and their passwords.
    pub users: Vec<(String, Secret)>,
    pub limits: RelayLimits,
}

/// How much the relay bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelayLimits {
    pub allocations: u32,
    pub allocations_per_user: u32,
    pub allocations_per_ip: u32,
    pub channels: u32,
    pub permissions: u32,
    /// Per second and address.
    pub challenges: u32,
    /// Per minute and address.
    pub failures: u32,
    /// Bits per second.
    pub bandwidth: u64,
    pub bandwidth_per_user: u64,
    pub bandwidth_in_all: u64,
    pub streams: u32,
    pub streams_per_ip: u32,
    pub idle: Duration,
    /// Threads; not set is one for each processor.
    pub workers: Option<u32>,
    /// How long packets may wait for others while there are many.
    pub coalesce: Duration,
}

impl Relay {
    /// A setting that was given and means nothing in this mode.
    pub fn idle_setting(&self) -> Option<&'static str> {
        let given = [
            ("turn_allow_peer", !self.allow.is_empty()),
            ("turn_deny_peer", !self.deny.is_empty()),
            ("turn_external_ip", !self.external.is_empty()),
        ];
        let idle = given.into_iter().find(|(_, given)| *given).map(|(name, _)| name);
        idle.filter(|_| self.mode == TurnMode::Closed)
    }

    /// Fills in the defaults, `public` ones where so, and checks every value.
    pub(super) fn new(given: TurnSettings, public: bool) -> Result<Self, ConfigError> {
        let mode = given.turn_mode.unwrap_or_default();
        Ok(Self {
            limits: limits(&given)?,
            // Networks that let nothing else out often let 443 out.
            listen_udp: match &given.turn_listen {
                None if public => vec![Listen::Every(443)],
                _ => Vec::new(),
            },
            listen: given.turn_listen.unwrap_or_else(|| vec![Listen::Every(3478)]),
            listen_tls: given.turns_listen.unwrap_or_default(),
            mode,
            allow: allowed(mode, given.turn_allow_peer.unwrap_or_default())?,
            deny: given.turn_deny_peer.unwrap_or_default(),
            external: external(given.turn_external_ip.unwrap_or_default())?,
            ports: given.turn_ports.unwrap_or(Ports { first: 49_152, last: 65_535 }),
            realm: realm(given.turn_realm.unwrap_or_else(|| "callbox".to_owned()))?,
            secret: given.turn_secret.map(secret).transpose()?,
            users: given
                .turn_user
                .unwrap_or_default()
                .iter()
                .map(|value| user(value))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn allowed(mode: TurnMode, networks: Vec<Cidr>) -> Result<Vec<Cidr>, ConfigError> {
    match networks.iter().find(|network| mode == TurnMode::Public && !network.is_loopback()) {
        Some(network) => {
            let text = format!("{}/{}", network.ip, network.prefix);
            Err(fault("turn_allow_peer", &text, "networks of your own need turn_mode lan"))
        }
        None => Ok(networks),
    }
}

fn external(given: Vec<IpAddr>) -> Result<Vec<IpAddr>, ConfigError> {
    for (n, ip) in given.iter().enumerate() {
        let reason = if ip.is_unspecified() || ip.is_multicast() || ip.to_canonical() != *ip {
            "it is no address of a computer"
        } else if given[..n].iter().any(|other| other.is_ipv4() == ip.is_ipv4()) {
            "there is one of its family already"
        } else {
            continue;
        };
        return Err(fault("turn_external_ip", &ip.to_string(), reason));
    }
    Ok(given)
}

fn realm(value: String) -> Result<String, ConfigError> {
    let plain = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
    if (1..=64).contains(&value.len()) && value.bytes().all(plain) {
        return Ok(value);
    }
    Err(fault("turn_realm", &value, "it is a name of at most 64 letters, digits and signs"))
}

fn secret(value: String) -> Result<Secret, ConfigError> {
    if value.len() < 16 {
        return Err(fault("turn_secret", "…", "it needs at least 16 characters"));
    }
    Ok(Secret(value))
}

fn user(value: &str) -> Result<(String, Secret), ConfigError> {
    match value.split_once(':') {
        Some((name, password)) if !name.is_empty() && name.len() <= 128 && !password.is_empty() => {
            Ok((name.to_owned(), Secret(password.to_owned())))
        }
        _ => Err(fault("turn_user", "…", "it is a name, a colon and a password")),
    }
}

fn limits(given: &TurnSettings) -> Result<RelayLimits, ConfigError> {
    let number = |name, value: Option<u32>, default, most| match value.unwrap_or(default) {
        value if (1..=most).contains(&value) => Ok(value),
        value => Err(fault(name, &value.to_string(), "it must be at least 1 and not so large")),
    };
    let megabits = |value: Option<u32>, default| match value.unwrap_or(default) {
        // Far beyond any network, and still no sum of it overflows.
        0 => u64::MAX / 1000,
        value => u64::from(value) * 1_000_000,
    };
    let many = 1_000_000;
    let idle = number("turn_idle_seconds", given.turn_idle_seconds, 120, 86_400)?;
    let coalesce = match given.turn_coalesce_us.unwrap_or(140) {
        micros @ 0..=10_000 => Duration::from_micros(micros.into()),
        micros => {
            let reason = "it is at most 10000";
            return Err(fault("turn_coalesce_us", &micros.to_string(), reason));
        }
    };
    Ok(RelayLimits {
        coalesce,
        workers: given
            .turn_workers
            .map(|workers| number("turn_workers", Some(workers), 1, 256))
            .transpose()?,
        allocations: number("turn_allocations", given.turn_allocations, 4096, many)?,
        allocations_per_user: number("turn_quota_user", given.turn_quota_user, 64, many)?,
        allocations_per_ip: number("turn_quota_ip", given.turn_quota_ip, 256, many)?,
        channels: number("turn_channels", given.turn_channels, 64, 4096)?,
        permissions: number("turn_permissions", given.turn_permissions, 256, 65_536)?,
        challenges: number("turn_challenge_rate", given.turn_challenge_rate, 20, 10 * many)?,
        failures: number("turn_failure_rate", given.turn_failure_rate, 10, 10 * many)?,
        bandwidth: megabits(given.turn_bandwidth, 4),
        bandwidth_per_user: megabits(given.turn_bandwidth_user, 20),
        bandwidth_in_all: megabits(given.turn_bandwidth_total, 1000),
        streams: number("turn_streams", given.turn_streams, 4096, many)?,
        streams_per_ip: number("turn_streams_ip", given.turn_streams_ip, 64, many)?,
        idle: Duration::from_secs(idle.into()),
    })
}

fn fault(name: &'static str, value: &str, reason: &'static str) -> ConfigError {
    ConfigError::Value { name, value: value.to_owned(), reason }
}
