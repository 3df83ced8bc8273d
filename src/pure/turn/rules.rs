//! Which addresses outside may be peers of a relay with sockets.
//!
//! What an address means decides, not how it is spelt: IPv6 spellings of IPv4
//! addresses and tunnels are refused as such. Ranges are compared as numbers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A range of addresses, as in `192.168.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    ip: IpAddr,
    prefix: u8,
}

/// What an operator says about peers, and what must be known of this computer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Networks of one's own, and parts of loopback, that may be reached.
    pub allow: Vec<Network>,
    /// Networks that may not, whatever else is said.
    pub deny: Vec<Network>,
    /// Addresses of this computer, and those it is known by outside.
    pub own: Vec<IpAddr>,
    /// Where this program listens.
    pub listening: Vec<SocketAddr>,
}

/// How far an address reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Everywhere.
    Global,
    /// Within networks that belong to somebody.
    Private,
    /// This computer.
    Loopback,
    /// No peer at all: links, groups, documentation, tunnels, translations.
    Nowhere,
}

impl Network {
    /// The network of an address, if its prefix is no longer than that.
    pub fn new(ip: IpAddr, prefix: u8) -> Option<Self> {
        (prefix <= if ip.is_ipv4() { 32 } else { 128 }).then_some(Self { ip, prefix })
    }

    const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Self {
        Self { ip: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix }
    }

    const fn v6(bits: u128, prefix: u8) -> Self {
        Self { ip: IpAddr::V6(Ipv6Addr::from_bits(bits)), prefix }
    }

    /// Whether an address is in it; the families never mix.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.ip, ip) {
            (IpAddr::V4(ours), IpAddr::V4(ip)) => {
                let differ = ours.to_bits() ^ ip.to_bits();
                differ.checked_shr(32 - u32::from(self.prefix)).unwrap_or(0) == 0
            }
            (IpAddr::V6(ours), IpAddr::V6(ip)) => {
                let differ = ours.to_bits() ^ ip.to_bits();
                differ.checked_shr(128 - u32::from(self.prefix)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }

    /// Whether all of it is this computer.
    pub fn is_loopback(&self) -> bool {
        match self.ip {
            IpAddr::V4(ip) => self.prefix >= 8 && ip.is_loopback(),
            IpAddr::V6(ip) => self.prefix == 128 && ip.is_loopback(),
        }
    }
}

impl Rules {
    /// Whether an address may be a peer.
    pub fn admit(&self, peer: SocketAddr) -> bool {
        let ip = peer.ip();
        if peer.port() == 0 || within(&self.deny, ip) || self.is_listening(peer) {
            return false;
        }
        match reach(ip) {
            Reach::Global => !self.own.contains(&ip),
            Reach::Private => !self.own.contains(&ip) && within(&self.allow, ip),
            // A range that merely includes it does not mean it.
            Reach::Loopback => {
                self.allow.iter().any(|network| network.is_loopback() && network.contains(ip))
            }
            Reach::Nowhere => false,
        }
    }

    /// Whether a packet that has come from there can be a peer's: from this
    /// computer only what was named comes.
    pub(super) fn admit_source(&self, peer: SocketAddr) -> bool {
        peer.ip().is_loopback() || !self.own.contains(&peer.ip())
    }

    fn is_listening(&self, peer: SocketAddr) -> bool {
        let is_it = |held: &SocketAddr| {
            let everywhere = held.ip().is_unspecified() && self.is_here(peer.ip());
            held.port() == peer.port() && (everywhere || held.ip() == peer.ip())
        };
        self.listening.iter().any(is_it)
    }

    fn is_here(&self, ip: IpAddr) -> bool {
        ip.is_loopback() || self.own.contains(&ip)
    }
}

fn within(networks: &[Network], ip: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(ip))
}

fn reach(ip: IpAddr) -> Reach {
    if within(LOOPBACK, ip) {
        Reach::Loopback
    } else if within(NOWHERE, ip) {
        Reach::Nowhere
    } else if within(PRIVATE, ip) {
        Reach::Private
    } else if ip.is_ipv4() || GLOBAL_IPV6.contains(ip) {
        Reach::Global
    } else {
        Reach::Nowhere
    }
}

const LOOPBACK: &[Network] = &[Network::v4(127, 0, 0, 0, 8), Network::v6(1, 128)];

const PRIVATE: &[Network] = &[
    Network::v4(10, 0, 0, 0, 8),
    Network::v4(172, 16, 0, 0, 12),
    Network::v4(192, 168, 0, 0, 16),
    // Shared by the customers of a provider.
    Network::v4(100, 64, 0, 0, 10),
    Network::v6(0xfc00 << 112, 7),
];

/// From the special-purpose registries of IPv4 and IPv6 (RFC 6890).
const NOWHERE: &[Network] = &[
    Network::v4(0, 0, 0, 0, 8),
    Network::v4(169, 254, 0, 0, 16),
    Network::v4(192, 0, 0, 0, 24),
    Network::v4(192, 0, 2, 0, 24),
    Network::v4(192, 88, 99, 0, 24),
    Network::v4(198, 18, 0, 0, 15),
    Network::v4(198, 51, 100, 0, 24),
    Network::v4(203, 0, 113, 0, 24),
    Network::v4(224, 0, 0, 0, 4),
    Network::v4(240, 0, 0, 0, 4),
    // A service of a provider for the machines it rents out, in private space.
    Network::v6(0xfd00_0ec2 << 96 | 0x254, 128),
    // Protocol assignments, Teredo among them.
    Network::v6(0x2001 << 112, 23),
    Network::v6(0x2001_0db8 << 96, 32),
    // 6to4.
    Network::v6(0x2002 << 112, 16),
    Network::v6(0x3fff << 112, 20),
];

/// All that has been given out of IPv6 so far; what spells IPv4 addresses is elsewhere.
const GLOBAL_IPV6: Network = Network::v6(0x2000 << 112, 3);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn network(text: &str) -> Network {
        let (ip, prefix) = text.split_once('/').expect("a slash");
        Network::new(ip.parse().expect("an address"), prefix.parse().expect("a number"))
            .expect("a network")
    }

    fn rules(allow: &[&str], deny: &[&str], own: &[&str]) -> Rules {
        let networks = |list: &[&str]| list.iter().map(|text| network(text)).collect();
        let own = own.iter().map(|ip| ip.parse().expect("an address")).collect();
        Rules { allow: networks(allow), deny: networks(deny), own, listening: Vec::new() }
    }

    fn admits(rules: &Rules, ip: &str) -> bool {
        rules.admit(SocketAddr::new(ip.parse().expect("an address"), 5000))
    }

    const EVERYTHING: [&str; 2] = ["0.0.0.0/0", "::/0"];

    #[test]
    fn t47_loopback_needs_a_name_of_its_own() {
        let all = rules(&EVERYTHING, &[], &[]);
        let named = rules(&["127.0.0.0/16", "::1/128"], &[], &[]);
        for ip in ["127.0.0.1", "127.0.2.3", "::1"] {
            assert!(!admits(&all, ip) && admits(&named, ip), "{ip}");
        }
        assert!(!admits(&named, "127.1.2.3"), "not named");
        let denied = rules(&["127.0.0.0/8"], &["127.0.0.1/32"], &[]);
        assert!(!admits(&denied, "127.0.0.1") && admits(&denied, "127.0.0.2"));
    }

    #[test]
    fn t48_t49_t51_t52_t53_no_setting_opens_what_is_nowhere() {
        let rules = rules(&["0.0.0.0/0", "::/0", "127.0.0.0/8", "::1/128"], &[], &[]);
        for ip in [
            "0.0.0.0",
            "0.1.2.3",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:0:127.0.0.1",
            "2002:7f00:1::",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2001::1",
            "2001:0:ffff::1",
            "169.254.0.1",
            "169.254.169.254",
            "fe80::1",
            "fec0::1",
            "fd00:ec2::254",
            "224.0.0.1",
            "239.255.255.250",
            "255.255.255.255",
            "240.0.0.1",
            "ff02::1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "192.88.99.1",
            "2001:db8::1",
            "3fff::1",
            "100::1",
            "5f00::1",
        ] {
            assert!(!admits(&rules, ip), "{ip}");
        }
    }

    #[test]
    fn t50_private_networks_are_reached_where_named() {
        let bare = rules(&[], &[], &[]);
        let all = rules(&EVERYTHING, &[], &[]);
        for ip in ["10.1.2.3", "172.31.0.1", "192.168.7.7", "100.127.0.1", "fc00::1", "fdff::1"] {
            assert!(!admits(&bare, ip) && admits(&all, ip), "{ip}");
        }
        let some = rules(&["192.168.7.0/24", "fd12::/16"], &["192.168.7.128/25"], &[]);
        assert!(admits(&some, "192.168.7.127") && admits(&some, "fd12:ffff::1"));
        for ip in ["192.168.7.128", "192.168.8.1", "10.0.0.1", "fd13::1"] {
            assert!(!admits(&some, ip), "{ip}");
        }
        for ip in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:4860:4860::8888", "2a00::1"] {
            assert!(admits(&bare, ip), "{ip}");
        }
    }

    #[test]
    fn t54_this_computer_is_no_peer_and_neither_is_port_0() {
        let own = ["9.9.9.9", "192.168.7.1", "2a00::9"];
        let mut rules = rules(&["0.0.0.0/0", "::/0", "127.0.0.0/8"], &[], &own);
        for ip in own {
            assert!(!admits(&rules, ip), "{ip}");
        }
        assert!(!rules.admit(SocketAddr::from(([8, 8, 8, 8], 0))));
        rules.listening =
            ["0.0.0.0:3478", "127.0.0.1:22"].map(|text| text.parse().expect("one")).to_vec();
        for (peer, expected) in [
            ("127.0.0.1:3478", false),
            ("127.0.0.5:3478", false),
            ("127.0.0.1:22", false),
            ("127.0.0.2:22", true),
            ("127.0.0.1:23", true),
            ("8.8.8.8:3478", true),
        ] {
            assert_eq!(rules.admit(peer.parse().expect("an address")), expected, "{peer}");
        }
    }

    proptest! {
        #[test]
        fn a_network_is_a_range_of_numbers(a: u128, b: u128, prefix in 0_u8..=128) {
            let network = Network::new(Ipv6Addr::from_bits(a).into(), prefix).expect("valid");
            let same = (0..prefix).all(|bit| (a ^ b) & (1_u128 << (127 - bit)) == 0);
            prop_assert_eq!(network.contains(Ipv6Addr::from_bits(b).into()), same);
            let (a, b, prefix) = (a as u32, b as u32, prefix % 33);
            let network = Network::new(Ipv4Addr::from_bits(a).into(), prefix).expect("valid");
            let same = (0..prefix).all(|bit| (a ^ b) & (1_u32 << (31 - bit)) == 0);
            prop_assert_eq!(network.contains(Ipv4Addr::from_bits(b).into()), same);
        }

        #[test]
        fn no_ipv6_address_spells_an_ipv4_one(ip: u32, allow_all: bool) {
            let allow: &[&str] = if allow_all { &EVERYTHING } else { &[] };
            let rules = rules(allow, &[], &[]);
            let ip = u128::from(ip);
            for bits in [ip, 0xffff << 32 | ip, 0xffff << 48 | ip, 0x64_ff9b << 96 | ip, 0x2002 << 112 | ip << 80] {
                prop_assert!(!rules.admit(SocketAddr::new(Ipv6Addr::from_bits(bits).into(), 1)));
            }
        }
    }
}
