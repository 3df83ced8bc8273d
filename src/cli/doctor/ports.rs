//! Ports: do they answer, or are they free?

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use super::running::Running;
use super::{holder, reachable};
use crate::config::{Config, Listen};
use crate::pure::doctor::{Port, PortState, Protocol, Purpose};

/// What a server with these settings would bind.
pub(super) fn wanted(config: &Config) -> Vec<(Protocol, SocketAddr, Purpose)> {
    let (tcp, udp) = (Protocol::Tcp, Protocol::Udp);
    let lists: [(&[Listen], Protocol, Purpose); 6] = [
        (&config.front.listen, tcp, Purpose::Pages),
        (&config.front.http_listen, tcp, Purpose::PlainHttp),
        (&config.relay.listen, udp, Purpose::Relay),
        (&config.relay.listen_udp, udp, Purpose::Relay),
        (&config.relay.listen, tcp, Purpose::Relay),
        (&config.relay.listen_tls, tcp, Purpose::Relay),
    ];
    let mut wanted = Vec::new();
    for (list, protocol, purpose) in lists {
        let addresses = list.iter().flat_map(|listen| listen.addresses());
        wanted.extend(addresses.map(|address| (protocol, address, purpose)));
    }
    wanted.retain(|(_, address, _)| address.port() != 0);
    wanted
}

/// Tries to bind each, for a moment.
pub(super) fn free(wanted: &[(Protocol, SocketAddr, Purpose)]) -> Vec<Port> {
    let ipv6 = bind(Protocol::Udp, (std::net::Ipv6Addr::LOCALHOST, 0).into()).is_ok();
    let possible = wanted
        .iter()
        .filter(|(_, address, _)| ipv6 || !(address.is_ipv6() && address.ip().is_unspecified()));
    let look = |&(protocol, address, purpose): &(Protocol, SocketAddr, Purpose)| {
        let state = match bind(protocol, address) {
            Ok(()) => PortState::Free,
            Err(error) => match error.kind() {
                ErrorKind::AddrInUse => PortState::Held(holder::of(protocol, address.port())),
                ErrorKind::PermissionDenied => PortState::Forbidden,
                ErrorKind::AddrNotAvailable => PortState::NoAddress,
                _ => PortState::Other(error.to_string()),
            },
        };
        Port { protocol, address, purpose, state }
    };
    possible.map(look).collect()
}

/// Connects to each that the running server says it has. Those of UDP are the relay's, which is
/// tried by itself.
pub(super) fn answering(running: &Running) -> Vec<Port> {
    let overview = &running.overview;
    let pages = overview.listen.iter().map(|address| (*address, Purpose::Pages));
    let relay = overview.relay.tcp.iter().chain(&overview.relay.tls);
    let relay = relay.map(|address| (*address, Purpose::Relay));
    let look = |(address, purpose): (SocketAddr, Purpose)| {
        let state = match TcpStream::connect_timeout(&reachable(address), PATIENCE) {
            Ok(_) => PortState::Answers,
            Err(error) => PortState::Silent(error.to_string()),
        };
        Port { protocol: Protocol::Tcp, address, purpose, state }
    };
    pages.chain(relay).map(look).collect()
}

/// As the server does, so that both families of one port are apart.
fn bind(protocol: Protocol, address: SocketAddr) -> io::Result<()> {
    let kind = match protocol {
        Protocol::Tcp => Type::STREAM,
        Protocol::Udp => Type::DGRAM,
    };
    let socket = Socket::new(Domain::for_address(address), kind, None)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if protocol == Protocol::Tcp {
        // What was closed a moment ago holds nothing.
        socket.set_reuse_address(true)?;
    }
    socket.bind(&address.into())?;
    if protocol == Protocol::Tcp {
        socket.listen(1)?;
    }
    Ok(())
}

const PATIENCE: Duration = Duration::from_secs(3);
