//! Where the server is reached, for people and for the ready file.

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use serde::Serialize;

use crate::tls::AuthorityReport;
use crate::{http, private_file};

/// What the ready file says.
#[derive(Debug, Clone, Serialize)]
pub struct Ready {
    pub version: &'static str,
    pub pid: u32,
    /// Addresses of the page, the best one on this computer first.
    pub urls: Vec<String>,
    pub listen: Vec<SocketAddr>,
    /// Where there is plain HTTP alone.
    pub http: Vec<SocketAddr>,
    pub turn: Turn,
    /// Leads to the first run; nothing once there is an owner.
    pub setup_url: Option<String>,
    /// What devices may trust; nothing when certificates come from elsewhere.
    pub authority: Option<Authority>,
}

/// The authority of this server's own.
#[derive(Debug, Clone, Serialize)]
pub struct Authority {
    pub name: String,
    pub fingerprint: String,
    /// The page that says how to trust it; nothing when only this computer can connect.
    pub page: Option<String>,
}

impl Authority {
    pub(super) fn of(report: &AuthorityReport, site: &str) -> Self {
        Self {
            name: report.name.clone(),
            fingerprint: report.fingerprint.clone(),
            page: http::trust_page(site),
        }
    }
}

/// Where the relay listens.
#[derive(Debug, Clone, Serialize)]
pub struct Turn {
    pub udp: Vec<SocketAddr>,
    pub tcp: Vec<SocketAddr>,
    pub tls: Vec<SocketAddr>,
}

impl Ready {
    /// Writes the ready file, whole or not at all.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(self).expect("addresses and texts are JSON");
        private_file::write(file, &text)
    }
}

/// The addresses of the page: this computer, then names, then the network.
/// With `proxies` in front of this server, names lead to them.
pub(super) fn urls(
    listen: &[SocketAddr],
    domains: &[String],
    own: &[IpAddr],
    proxies: bool,
) -> Vec<String> {
    let mut urls = Vec::new();
    let named = |port| {
        domains.iter().map(move |name| match name.parse() {
            Ok(ip) => url(ip, port),
            Err(_) => format!("https://{}/", with_port(name, port)),
        })
    };
    if proxies {
        urls.extend(named(443));
    }
    for address in listen {
        let (ip, port) = (address.ip(), address.port());
        if ip.is_unspecified() || ip.is_loopback() {
            urls.push(format!("http://localhost:{port}/"));
        }
        if ip.is_loopback() {
            continue;
        }
        if !proxies {
            urls.extend(named(port));
        }
        if ip.is_unspecified() {
            let same_family = own.iter().filter(|own| own.is_ipv4() == ip.is_ipv4());
            urls.extend(same_family.map(|own| url(*own, port)));
        } else {
            urls.push(url(ip, port));
        }
    }
    let rank = |url: &String| (!url.starts_with("http:"), url.contains('['));
    urls.sort_by_key(rank);
    let mut seen = HashSet::new();
    urls.retain(|url| seen.insert(url.clone()));
    urls
}

/// What links for other people begin with: a name before an address before
/// this computer, which only its own browser can open.
pub(super) fn site(urls: &[String]) -> String {
    let url = urls.iter().find(|url| url.starts_with("https:")).or(urls.first());
    url.map_or("", String::as_str).trim_end_matches('/').to_owned()
}

fn url(ip: IpAddr, port: u16) -> String {
    match ip {
        IpAddr::V4(ip) => format!("https://{}/", with_port(&ip.to_string(), port)),
        IpAddr::V6(ip) => format!("https://{}/", with_port(&format!("[{ip}]"), port)),
    }
}

fn with_port(host: &str, port: u16) -> String {
    if port == 443 { host.to_owned() } else { format!("{host}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::{site, urls};

    #[test]
    fn this_computer_comes_first_then_names_then_the_network() {
        let listen = ["0.0.0.0:3001", "[::]:3001"].map(|text| text.parse().unwrap());
        let own = ["192.168.1.5", "2001:db8::5"].map(|text| text.parse().unwrap());
        let names = ["chat.example".to_owned()];
        assert_eq!(
            urls(&listen, &names, &own, false),
            [
                "http://localhost:3001/",
                "https://chat.example:3001/",
                "https://192.168.1.5:3001/",
                "https://[2001:db8::5]:3001/",
            ]
        );
        let listen = ["192.168.1.5:443".parse().unwrap()];
        assert_eq!(urls(&listen, &[], &own, false), ["https://192.168.1.5/"]);
        let listen = ["127.0.0.1:5".parse().unwrap()];
        assert_eq!(urls(&listen, &names, &own, false), ["http://localhost:5/"]);
        assert_eq!(site(&urls(&listen, &names, &own, false)), "http://localhost:5");
        let behind = urls(&listen, &names, &own, true);
        assert_eq!(behind, ["http://localhost:5/", "https://chat.example/"]);
        assert_eq!(site(&behind), "https://chat.example");
    }
}
