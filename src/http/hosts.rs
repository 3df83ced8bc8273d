//! Which host names are this server's.
//!
//! A request for another name is refused (421) and its name never used:
//! otherwise a foreign site could point its own name at this address and
//! speak to the server from its pages (DNS rebinding).

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::{HeaderMap, Uri, header};

use crate::config;
use crate::pure::lan::Names;

/// The names and addresses this server is reached by.
#[derive(Debug)]
pub struct Hosts {
    names: HashSet<String>,
    addresses: HashSet<IpAddr>,
}

/// Host and port as asked for, in lower case, and what the host is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Authority {
    pub text: String,
    pub host: Host,
}

/// The host part of an authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    Name(String),
    Address(IpAddr),
}

impl Hosts {
    /// The names of the settings, and what else leads to this computer.
    pub fn new(config: &config::Http, computer: &Names) -> Self {
        let mut hosts = Self {
            names: computer.hosts.iter().cloned().collect(),
            addresses: computer.addresses.iter().copied().collect(),
        };
        hosts.names.insert("localhost".to_owned());
        for name in config.domains.iter().chain(&config.allowed_hosts) {
            match name.parse() {
                Ok(address) => hosts.addresses.insert(address),
                Err(_) => hosts.names.insert(name.clone()),
            };
        }
        hosts
    }

    /// Whether this is our name. `local` is where the connection arrived.
    pub(super) fn accepts(&self, host: &Host, local: IpAddr) -> bool {
        match host {
            Host::Name(name) => self.names.contains(name),
            Host::Address(address) => {
                *address == local || address.is_loopback() || self.addresses.contains(address)
            }
        }
    }
}

impl Host {
    /// Whether it is one of these names.
    pub(super) fn is_one_of(&self, names: &[String]) -> bool {
        matches!(self, Self::Name(name) if names.contains(name))
    }

    /// Whether browsers take this host for their own computer.
    pub(super) fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => name == "localhost",
            Self::Address(address) => address.is_loopback(),
        }
    }
}

impl Authority {
    /// The one authority of a request; several that differ are none.
    pub(super) fn of(uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        let mut named = headers.get_all(header::HOST).iter();
        let (first, second) = (named.next(), named.next());
        if second.is_some() {
            return None;
        }
        let header = first.map(|value| value.to_str()).transpose().ok()?;
        match (uri.authority(), header) {
            (Some(line), Some(header)) if !line.as_str().eq_ignore_ascii_case(header) => None,
            (Some(line), _) => Self::parse(line.as_str()),
            (None, header) => Self::parse(header?),
        }
    }

    /// The host as it was written, and the port if there was one.
    pub(super) fn split(&self) -> (&str, Option<u16>) {
        let end = self.text.rfind(']').map_or(0, |end| end + 1);
        match self.text[end..].find(':') {
            Some(colon) => {
                let (host, port) = self.text.split_at(end + colon);
                (host, port[1..].parse().ok())
            }
            None => (&self.text, None),
        }
    }

    /// Reads `name`, `name:port`, `192.0.2.1:port` or `[2001:db8::1]:port`, and nothing else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, rest)) => {
                let address: Ipv6Addr = address.parse().ok()?;
                let port = if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) };
                (Host::Address(address.into()), port)
            }
            None => {
                let (host, port) = match text.split_once(':') {
                    Some((host, port)) => (host, Some(port)),
                    None => (text, None),
                };
                (parse_host(host)?, port)
            }
        };
        let number = |port: &str| {
            port.bytes().all(|b| b.is_ascii_digit()) && port.parse().is_ok_and(|n: u16| n != 0)
        };
        port.is_none_or(number).then(|| Self { text: text.to_ascii_lowercase(), host })
    }
}

fn parse_host(host: &str) -> Option<Host> {
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Some(Host::Address(address.into()));
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
    let good = !host.is_empty() && host.len() <= 253 && host.bytes().all(plain);
    good.then(|| Host::Name(host.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts() -> Hosts {
        let config = config::Http {
            domains: vec!["chat.example".into()],
            allowed_hosts: vec!["203.0.113.7".into()],
            ..config::Http::default()
        };
        let own = ["192.168.1.5".parse().unwrap()];
        let names = Names::of_computer([], "Box.office.example", Some("box-2.local."), &own);
        Hosts::new(&config, &names)
    }

    fn accepts(text: &str) -> bool {
        let local = "192.168.1.6".parse().unwrap();
        Authority::parse(text).is_some_and(|authority| hosts().accepts(&authority.host, local))
    }

    #[test]
    fn our_names_are_ours() {
        for text in [
            "localhost:3001",
            "LOCALHOST",
            "127.0.0.1",
            "[::1]:3001",
            "chat.example",
            "box",
            "box.local:3001",
            "box-2.local",
            "box.office.example",
            "192.168.1.5:3001",
            "192.168.1.6",
            "203.0.113.7:443",
        ] {
            assert!(accepts(text), "{text}");
        }
    }

    #[test]
    fn h11_other_names_are_not() {
        for text in [
            "",
            ":",
            "localhost:",
            "localhost:0",
            "localhost:65536",
            "localhost:+1",
            "localhost:1:2",
            "evil.example",
            "chat.example.",
            "chat.example.evil.example",
            "xchat.example",
            "user@chat.example",
            "chat.example/",
            "chat.example#",
            "chat.example:3001@evil.example",
            "127.1",
            "0x7f000001",
            "192.168.1.7",
            "[::ffff:192.168.1.5]",
            "[::1",
            "[::1]x",
            "::1",
            "local host",
            "chat_example",
            "chat.example\0",
        ] {
            assert!(!accepts(text), "{text}");
        }
    }

    #[test]
    fn h11_two_authorities_are_none() {
        let of = |uri: &str, hosts: &[&str]| {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, host.parse().unwrap());
            }
            Authority::of(&uri.parse().unwrap(), &headers).map(|authority| authority.text)
        };
        assert_eq!(of("/", &["a:1"]), Some("a:1".into()));
        assert_eq!(of("http://a:1/", &["A:1"]), Some("a:1".into()));
        assert_eq!(of("http://a:1/", &[]), Some("a:1".into()));
        assert_eq!(of("http://a:1/", &["b:1"]), None);
        assert_eq!(of("/", &["a:1", "a:1"]), None);
        assert_eq!(of("/", &[]), None);
    }
}
