//! Two clients that reach each other through the relay, over each transport.

use std::net::SocketAddr;
use std::time::Instant;

use super::client::Client;
use super::reachable;
use super::running::Running;
use super::wire::Wire;
use crate::pure::doctor::{Pass, Relay, RelayFault, RelayTry, Transport};

/// Tries every address the running server has for it.
pub(super) fn try_all(running: Option<&Running>) -> Relay {
    let Some(Running { overview, prepared }) = running else { return Relay::NotRunning };
    let credentials = (prepared.relay.username.as_str(), prepared.relay.credential.as_str());
    if credentials.0.is_empty() {
        return Relay::NoCredentials("it has none".to_owned());
    }
    let relay = &overview.relay;
    let of = |transport, list: &[SocketAddr]| -> Vec<_> {
        list.iter().map(|address| (transport, *address)).collect()
    };
    let mut ways = of(Transport::Udp, &relay.udp);
    ways.extend(of(Transport::Tcp, &relay.tcp));
    ways.extend(of(Transport::Tls, &relay.tls));
    if !prepared.proxied {
        // The port of the pages is the relay's, too. What a proxy passes on begins otherwise.
        ways.extend(of(Transport::Tls, &overview.listen));
    }
    let tries = ways.into_iter().map(|(transport, address)| {
        let result = attempt(transport, reachable(address), credentials);
        RelayTry { transport, address, result }
    });
    Relay::Tried(tries.collect())
}

fn attempt(
    transport: Transport,
    address: SocketAddr,
    (username, password): (&str, &str),
) -> Result<Pass, RelayFault> {
    let connect = || {
        let wire = match transport {
            Transport::Udp => Wire::udp(address),
            Transport::Tcp => Wire::tcp(address),
            Transport::Tls => Wire::tls(address),
        };
        let wire = wire.map_err(|error| RelayFault::Unreachable(error.to_string()))?;
        Ok(Client::new(wire, username, password))
    };
    let (mut first, mut second) = (connect()?, connect()?);
    let at = (first.allocate()?, second.allocate()?);
    first.bind(at.1)?;
    second.bind(at.0)?;
    let passed = there_and_back(&mut first, &mut second);
    first.release();
    second.release();
    passed
}

fn there_and_back(first: &mut Client, second: &mut Client) -> Result<Pass, RelayFault> {
    for _ in 0..TRIES {
        let started = Instant::now();
        first.send(PING)?;
        let Some(heard) = second.receive() else { continue };
        second.send(&heard)?;
        if first.receive().is_some_and(|back| back == PING) {
            let round_trip = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
            return Ok(Pass { round_trip });
        }
    }
    Err(RelayFault::Lost)
}

const TRIES: usize = 3;
const PING: &[u8] = b"from one client to the other";

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, UdpSocket};
    use std::thread;

    use super::*;

    #[test]
    fn what_is_no_relay_is_told_apart() {
        let nobody = ("user", "password");
        let mute = UdpSocket::bind("127.0.0.1:0").unwrap();
        let at = mute.local_addr().unwrap();
        assert_eq!(attempt(Transport::Udp, at, nobody), Err(RelayFault::NoAnswer));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        drop(listener);
        let refused = attempt(Transport::Tcp, at, nobody);
        assert!(matches!(refused, Err(RelayFault::Unreachable(_))), "{refused:?}");

        // Says back what it hears: its "answer" is a request without realm and nonce.
        let echo = UdpSocket::bind("127.0.0.1:0").unwrap();
        let at = echo.local_addr().unwrap();
        thread::spawn(move || {
            let mut bytes = [0; 2048];
            while let Ok((length, from)) = echo.recv_from(&mut bytes) {
                echo.send_to(&bytes[..length], from).unwrap();
            }
        });
        assert_eq!(attempt(Transport::Udp, at, nobody), Err(RelayFault::Nonsense));
    }
}
