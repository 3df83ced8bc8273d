//! For what an authority may vouch: private names and networks, and the server's own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Names;

/// Domains and networks; whatever is in none of them, a certificate cannot be made for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Each with all names below it.
    pub domains: Vec<String>,
    /// Addresses, and how many bits of them count.
    pub networks: Vec<(IpAddr, u8)>,
}

impl Scope {
    /// What is private everywhere, and this server.
    pub fn around(names: &Names) -> Self {
        let mut scope = Self {
            domains: DOMAINS.map(str::to_owned).into(),
            networks: IPV4
                .iter()
                .map(|(address, bits)| (IpAddr::from(*address), *bits))
                .chain(IPV6.iter().map(|(address, bits)| (IpAddr::from(*address), *bits)))
                .collect(),
        };
        for host in &names.hosts {
            if !scope.permits_host(host) {
                scope.domains.push(host.clone());
            }
        }
        for address in &names.addresses {
            if !scope.permits_address(*address) {
                let bits = if address.is_ipv4() { 32 } else { 128 };
                scope.networks.push((*address, bits));
            }
        }
        scope
    }

    /// Whether a host name is in one of the domains.
    pub fn permits_host(&self, host: &str) -> bool {
        let below = |domain: &String| {
            host.strip_suffix(domain.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.domains.iter().any(below)
    }

    /// Whether an address is in one of the networks.
    pub fn permits_address(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|(network, bits)| contains(*network, *bits, address))
    }
}

fn contains(network: IpAddr, bits: u8, address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let host = 32u32.saturating_sub(bits.into());
            let shift = |address: Ipv4Addr| address.to_bits().checked_shr(host).unwrap_or(0);
            shift(network) == shift(address)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let host = 128u32.saturating_sub(bits.into());
            let shift = |address: Ipv6Addr| address.to_bits().checked_shr(host).unwrap_or(0);
            shift(network) == shift(address)
        }
        _ => false,
    }
}

/// RFC 6762, RFC 8375, RFC 6761, what ICANN reserves, and what many routers use.
const DOMAINS: [&str; 5] = ["local", "lan", "home.arpa", "internal", "localhost"];

/// RFC 1918, link-local, RFC 6598 (carriers, and private networks over the internet), loopback.
const IPV4: [([u8; 4], u8); 6] = [
    ([10, 0, 0, 0], 8),
    ([172, 16, 0, 0], 12),
    ([192, 168, 0, 0], 16),
    ([169, 254, 0, 0], 16),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
];

/// RFC 4193, link-local, loopback.
const IPV6: [([u16; 8], u8); 3] = [
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7),
    ([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10),
    ([0, 0, 0, 0, 0, 0, 0, 1], 128),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_private_networks_and_our_own_address_are_in_it() {
        let scope = Scope::around(&Names::of(["203.0.113.7", "192.168.1.5", "2001:db8::5"]));
        let permits = |text: &str| scope.permits_address(text.parse().unwrap());
        for ours in [
            "10.255.0.1",
            "172.31.9.9",
            "192.168.0.1",
            "169.254.1.1",
            "100.127.0.1",
            "127.0.0.1",
            "203.0.113.7",
            "fd12::1",
            "fe80::1",
            "::1",
            "2001:db8::5",
        ] {
            assert!(permits(ours), "{ours}");
        }
        for other in
            ["8.8.8.8", "172.32.0.1", "100.128.0.1", "203.0.113.6", "2001:db8::6", "::2", "fec0::1"]
        {
            assert!(!permits(other), "{other}");
        }
        // What is private anyway is not named once more.
        assert_eq!(scope.networks.len(), 11);
        assert!(scope.permits_host("a.b.local") && !scope.permits_host("alocal"));
    }
}
