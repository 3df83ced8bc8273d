//! The relay, from its settings and this computer's addresses.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rustls::ServerConfig;
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use crate::config::{self, Listen, TurnMode};
use crate::pure::auth::relay::{Keys, Revocation};
use crate::pure::turn::{Flow, LegUsage, Limits, Network};
use crate::pure::wire::Relayed;
use crate::pure::wire::api::{RelayUse, RelayedCall, RelayedLeg};
use crate::relay::{self, Face, Mode, Relay, Sockets};
use crate::telemetry::Metrics;
use crate::{http, hub, tls};

/// What the relay must know of the rest.
pub(super) struct Surroundings<'a> {
    /// Addresses of this computer.
    pub(super) own: &'a [IpAddr],
    /// Where the front door listens.
    pub(super) listening: &'a [SocketAddr],
    /// From a service manager, in place of the port that pages and relay have in common.
    pub(super) given: Option<Vec<std::net::UdpSocket>>,
    pub(super) tls: &'a ServerConfig,
}

/// Starts the relay. Where a computer has no IPv6, "every address" is
/// every address of IPv4.
pub(super) async fn start(
    config: &config::Relay,
    mut around: Surroundings<'_>,
    keys: watch::Receiver<Keys>,
    revoked: mpsc::UnboundedReceiver<Revocation>,
) -> anyhow::Result<Relay> {
    let ipv6 = UdpSocket::bind("[::1]:0").await.is_ok();
    let every = |listen: &Listen| match listen {
        // Two sockets cannot be given the same free port, and clients are told one.
        Listen::Every(0) => vec![SocketAddr::from(([0, 0, 0, 0], 0))],
        listen => listen.addresses(),
    };
    let addresses = |listen: &[Listen]| -> Vec<SocketAddr> {
        let possible =
            |address: &SocketAddr| ipv6 || !(address.is_ipv6() && address.ip().is_unspecified());
        listen.iter().flat_map(every).filter(possible).collect()
    };
    let tcp = addresses(&config.listen);
    let given = around.given.take();
    let shared = if given.is_none() { addresses(&config.listen_udp) } else { Vec::new() };
    let udp = [tcp.clone(), shared].concat();
    let given: Vec<_> = given.into_iter().flatten().map(Arc::new).collect();
    let elsewhere = given.iter().filter_map(|socket| socket.local_addr().ok());
    let everywhere: Vec<_> = udp.iter().copied().chain(elsewhere).collect();
    let users = config.users.iter().map(|(name, password)| (name.clone(), password.0.clone()));
    let limits = &config.limits;
    let settings = relay::Config {
        tcp,
        tls: addresses(&config.listen_tls),
        tls_config: Some(turn_only(around.tls)),
        mode: mode(config, &everywhere, &around),
        realm: config.realm.clone(),
        secret: config.secret.as_ref().map(|secret| secret.0.clone()),
        users: users.collect(),
        limits: core_limits(limits),
        streams_per_ip: limits.streams_per_ip as usize,
        streams: limits.streams as usize,
        idle: limits.idle,
        coalesce: limits.coalesce,
        udp,
        given,
        ..relay::Config::default()
    };
    let workers = limits.workers.map_or(settings.workers, |workers| workers as usize);
    let settings = relay::Config { workers, ..settings };
    relay::start(settings, keys, revoked)
        .context("cannot start the relay for calls; choose other ports with --turn-listen")
}

/// As clients get them: `{host}` stands for the name in their address bar.
///
/// What is fastest comes first; what gets out where only web pages do comes right
/// after it, because some clients look at the first few only. `pages` are the ports of
/// the pages, where the relay is too: over TLS if browsers `trust` the certificate (they
/// tell nobody that they do not), else over TCP.
pub(super) fn urls(relay: &Relay, pages: &[u16], trust: bool) -> Vec<String> {
    list(&relay.udp, &relay.tcp, &relay.tls, pages, trust)
}

fn list(
    udp: &[SocketAddr],
    tcp: &[SocketAddr],
    tls: &[SocketAddr],
    pages: &[u16],
    trust: bool,
) -> Vec<String> {
    let (over_tls, over_tcp) = if trust { (pages, &[][..]) } else { (&[][..], pages) };
    let (udp, tls, tcp) = (ports(&[], udp), ports(over_tls, tls), ports(over_tcp, tcp));
    let stun = udp.iter().take(1).map(|port| format!("stun:{{host}}:{port}"));
    let turn_udp = udp.iter().map(|port| format!("turn:{{host}}:{port}?transport=udp"));
    let turns = tls.iter().map(|port| format!("turns:{{host}}:{port}?transport=tcp"));
    let turn_tcp = tcp.iter().map(|port| format!("turn:{{host}}:{port}?transport=tcp"));
    stun.chain(turn_udp).chain(turns).chain(turn_tcp).collect()
}

fn ports(first: &[u16], addresses: &[SocketAddr]) -> Vec<u16> {
    let others = addresses.iter().map(SocketAddr::port);
    let mut ports: Vec<_> = first.iter().copied().chain(others).collect();
    let mut seen = HashSet::new();
    ports.retain(|port| seen.insert(*port));
    ports
}

/// Resolves once nobody relays anything any more.
pub(super) async fn at_rest(metrics: &Metrics) {
    while metrics.value("callbox_relay_allocations").is_some_and(|count| count > 0.0) {
        sleep(LOOK_AGAIN).await;
    }
}

/// What was relayed for a call, for its entry.
pub(super) fn meter(relay: &Relay) -> hub::Meter {
    let meters = relay.meters();
    hub::Meter::new(move |call| {
        let total = meters.usage(call)?.total;
        (total.packets > 0).then_some(relayed(total))
    })
}

/// What is relayed for all calls, for admins.
pub(super) fn watch(relay: &Relay) -> http::RelayWatch {
    let (meters, figures) = (relay.meters(), relay.figures());
    http::RelayWatch::new(move || {
        let mut calls: Vec<_> = meters
            .all()
            .into_iter()
            .filter(|(_, usage)| usage.total.packets > 0)
            .map(|(call, usage)| RelayedCall {
                call,
                live: usage.live,
                relayed: relayed(usage.total),
                legs: usage.legs.iter().map(leg).collect(),
            })
            .collect();
        // Those that run, and what was most, first.
        calls.sort_by_key(|call| (Reverse(call.live), Reverse(call.relayed.bytes), call.call));
        RelayUse { allocations: figures.allocations(), calls }
    })
}

fn leg(leg: &LegUsage) -> RelayedLeg {
    RelayedLeg { sent: relayed(leg.sent), received: relayed(leg.received) }
}

fn relayed(flow: Flow) -> Relayed {
    Relayed { packets: flow.packets, bytes: flow.bytes }
}

/// The same certificates, for those who speak nothing but TURN there.
fn turn_only(tls: &ServerConfig) -> Arc<ServerConfig> {
    let mut config = tls.clone();
    config.alpn_protocols = [tls::STUN_TURN, tls::STUN_DISCOVERY].map(<[u8]>::to_vec).to_vec();
    Arc::new(config)
}

fn core_limits(limits: &config::RelayLimits) -> Limits {
    Limits {
        allocations: limits.allocations as usize,
        allocations_per_session: limits.allocations_per_user as usize,
        allocations_per_ip: limits.allocations_per_ip as usize,
        channels: limits.channels as usize,
        permissions: limits.permissions as usize,
        unauthenticated_replies: limits.challenges,
        authentication_failures: limits.failures,
        allocation_rate: limits.bandwidth,
        session_rate: limits.bandwidth_per_user,
        total_rate: limits.bandwidth_in_all,
    }
}

fn mode(config: &config::Relay, udp: &[SocketAddr], around: &Surroundings<'_>) -> Mode {
    if let Some(setting) = config.idle_setting() {
        tracing::warn!(setting, "a setting of the relay means nothing in turn_mode closed");
    }
    if config.mode == TurnMode::Closed {
        return Mode::Closed;
    }
    let network = |cidr: &config::Cidr| Network::new(cidr.ip, cidr.prefix);
    let face = |ipv4| face(ipv4, udp, around.own, &config.external);
    let (ipv4, ipv6) = (face(true), face(false));
    for face in [ipv4, ipv6].into_iter().flatten() {
        if config.mode == TurnMode::Public && is_internal(face.outside) {
            tracing::warn!(
                "the relay is public, but the address it gives out is of this network only: \
                 give the public one with --turn-external-ip"
            );
        }
    }
    if (ipv4, ipv6) == (None, None) {
        tracing::warn!("this computer has no address that the relay could give out");
    }
    let of_ipv4 = |face: Face<IpAddr>| match (face.here, face.outside) {
        (IpAddr::V4(here), IpAddr::V4(outside)) => Some(Face { here, outside }),
        _ => None,
    };
    let of_ipv6 = |face: Face<IpAddr>| match (face.here, face.outside) {
        (IpAddr::V6(here), IpAddr::V6(outside)) => Some(Face { here, outside }),
        _ => None,
    };
    Mode::Open(Sockets {
        ipv4: ipv4.and_then(of_ipv4),
        ipv6: ipv6.and_then(of_ipv6),
        ports: config.ports.first..=config.ports.last,
        allow: config.allow.iter().filter_map(network).collect(),
        deny: config.deny.iter().filter_map(network).collect(),
        own: around.own.to_vec(),
        listening: around.listening.to_vec(),
    })
}

/// The address that relays are bound to, and what others call it: where
/// clients are listened to, or else the first of this computer's own.
fn face(
    ipv4: bool,
    udp: &[SocketAddr],
    own: &[IpAddr],
    external: &[IpAddr],
) -> Option<Face<IpAddr>> {
    let same = |ip: &IpAddr| ip.is_ipv4() == ipv4;
    let mut listening = udp.iter().map(SocketAddr::ip).filter(same);
    // A socket for all of IPv6 takes IPv4 as well, unless that has its own.
    let everywhere = udp.iter().any(|address| address.ip().is_unspecified());
    let named = listening.find(|ip| !ip.is_unspecified());
    let best = || own.iter().copied().filter(same).min_by_key(|ip| is_internal(*ip));
    let outside = external.iter().copied().find(same);
    let any = if ipv4 { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let here = match (named, everywhere) {
        (Some(ip), _) => ip,
        (None, true) => best().or(outside.map(|_| any))?,
        (None, false) => return None,
    };
    Some(Face { here, outside: outside.unwrap_or(here) })
}

/// Whether an address means nothing on the internet.
fn is_internal(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_loopback(),
    }
}

const LOOK_AGAIN: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_told_of_every_way_in_the_fastest_first() {
        let at = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|text| text.parse().unwrap()).collect()
        };
        let every = at(&["0.0.0.0:3478", "[::]:3478"]);
        let udp = [every.clone(), at(&["0.0.0.0:443", "[::]:443"])].concat();
        assert_eq!(
            list(&udp, &every, &[], &[443, 443], true),
            [
                "stun:{host}:3478",
                "turn:{host}:3478?transport=udp",
                "turn:{host}:443?transport=udp",
                "turns:{host}:443?transport=tcp",
                "turn:{host}:3478?transport=tcp",
            ]
        );
        assert_eq!(
            list(&every, &every, &[], &[3001], false),
            [
                "stun:{host}:3478",
                "turn:{host}:3478?transport=udp",
                "turn:{host}:3001?transport=tcp",
                "turn:{host}:3478?transport=tcp",
            ]
        );
    }

    #[test]
    fn relays_are_where_clients_are_listened_to() {
        let ips = |list: &[&str]| -> Vec<IpAddr> {
            list.iter().map(|text| text.parse().unwrap()).collect()
        };
        let own = ips(&["10.0.0.5", "9.9.9.9", "fd00::5", "2a00::5"]);
        let at = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|text| text.parse().unwrap()).collect()
        };
        let face_of = |ipv4, udp: &[&str], external: &[&str]| {
            let face = face(ipv4, &at(udp), &own, &ips(external))?;
            Some(format!("{} {}", face.here, face.outside))
        };
        let every = ["0.0.0.0:3478", "[::]:3478"];
        assert_eq!(face_of(true, &every, &[]).unwrap(), "9.9.9.9 9.9.9.9");
        assert_eq!(face_of(false, &every, &[]).unwrap(), "2a00::5 2a00::5");
        let lan = ["10.0.0.5:3478"];
        assert_eq!(face_of(true, &lan, &[]).unwrap(), "10.0.0.5 10.0.0.5");
        assert_eq!(face_of(true, &lan, &["8.8.4.4"]).unwrap(), "10.0.0.5 8.8.4.4");
        assert_eq!(face_of(false, &lan, &[]), None);
        assert_eq!(face_of(true, &["127.0.0.1:0"], &[]).unwrap(), "127.0.0.1 127.0.0.1");
    }
}
