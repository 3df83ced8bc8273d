//! Who holds a port, as far as `/proc` tells whoever asks.

use std::fs;

use crate::pure::doctor::{Holder, Protocol};

/// The process that has it open; none where that is not shown.
pub(super) fn of(protocol: Protocol, port: u16) -> Option<Holder> {
    let files = match protocol {
        Protocol::Tcp => ["/proc/net/tcp", "/proc/net/tcp6"],
        Protocol::Udp => ["/proc/net/udp", "/proc/net/udp6"],
    };
    let tables = files.iter().filter_map(|file| fs::read_to_string(file).ok());
    let sockets: Vec<String> = tables.flat_map(|table| inodes(&table, protocol, port)).collect();
    let links: Vec<String> = sockets.iter().map(|inode| format!("socket:[{inode}]")).collect();
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // Those of others are not shown, except to root.
        let Ok(open) = fs::read_dir(process.path().join("fd")) else { continue };
        let has = open.flatten().any(|file| {
            fs::read_link(file.path())
                .is_ok_and(|to| links.iter().any(|link| to.as_os_str().to_str() == Some(link)))
        });
        if has {
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(Holder { pid, name: name.trim().to_owned() });
        }
    }
    None
}

/// The sockets in such a table that wait at this port.
fn inodes(table: &str, protocol: Protocol, port: u16) -> Vec<String> {
    let waiting = match protocol {
        Protocol::Tcp => "0A",
        Protocol::Udp => "07",
    };
    let end = format!(":{port:04X}");
    table
        .lines()
        .skip(1)
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields.get(1).is_some_and(|local| local.ends_with(&end)))
        .filter(|fields| fields.get(3) == Some(&waiting))
        .filter_map(|fields| fields.get(9).map(|inode| inode.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, UdpSocket};

    use super::*;

    #[test]
    fn this_process_is_found_by_its_ports() {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let held = of(Protocol::Tcp, tcp.local_addr().unwrap().port()).unwrap();
        assert_eq!(held.pid, std::process::id());
        assert!(!held.name.is_empty());
        let held = of(Protocol::Udp, udp.local_addr().unwrap().port()).unwrap();
        assert_eq!(held.pid, std::process::id());
    }
}
