//! Where a name leads.

use std::net::{IpAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::pure::doctor::Name;

/// Asks the system, which may ask a name server.
pub(super) fn look_up(name: &str) -> Name {
    let host = name.trim_matches(['[', ']']).to_owned();
    let (answer, answered) = mpsc::channel();
    // The system's own patience is far longer than that of people.
    thread::spawn(move || {
        let found = (host.as_str(), 0).to_socket_addrs();
        let addresses = found.map(|found| found.map(|address| address.ip()).collect());
        let _ = answer.send(addresses);
    });
    let addresses: Result<Vec<IpAddr>, String> = match answered.recv_timeout(PATIENCE) {
        Ok(Ok(addresses)) => Ok(addresses),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the name server does not answer".to_owned()),
    };
    let addresses = addresses.map(|mut addresses| {
        addresses.sort();
        addresses.dedup();
        addresses
    });
    Name { name: name.to_owned(), addresses }
}

const PATIENCE: Duration = Duration::from_secs(8);
