//! What a computer is called in its own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Scope;

/// Host names in lower case, and addresses; each once, what is shown to people first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    pub hosts: Vec<String>,
    pub addresses: Vec<IpAddr>,
}

impl Names {
    /// Sorts texts into names and addresses; what is neither is left out.
    pub fn of<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        let mut names = Self::default();
        texts.into_iter().for_each(|text| names.add(text.as_ref()));
        names
    }

    /// All that leads to this computer: what the settings give, what it calls itself, the name it
    /// goes by in the network's own name service, and its addresses.
    pub fn of_computer(
        given: impl IntoIterator<Item = String>,
        computer: &str,
        announced: Option<&str>,
        own: &[IpAddr],
    ) -> Self {
        let mut names = Self::of(given);
        announced.into_iter().for_each(|name| names.add(name));
        host_names(computer).iter().for_each(|name| names.add(name));
        names.add("localhost");
        own.iter().for_each(|address| names.add_address(*address));
        names.add_address(Ipv4Addr::LOCALHOST.into());
        names.add_address(Ipv6Addr::LOCALHOST.into());
        names
    }

    /// What of this an authority may vouch for, and what is left out. One name too many would
    /// spoil a certificate for all others.
    pub fn within(&self, scope: &Scope) -> (Self, Vec<String>) {
        let (hosts, outside): (Vec<_>, Vec<_>) =
            self.hosts.iter().cloned().partition(|host| scope.permits_host(host));
        let (addresses, far): (Vec<_>, Vec<_>) =
            self.addresses.iter().copied().partition(|address| scope.permits_address(*address));
        let left_out = outside.into_iter().chain(far.iter().map(ToString::to_string));
        (Self { hosts, addresses }, left_out.collect())
    }

    /// Whether everything in `other` is here, too.
    pub fn cover(&self, other: &Self) -> bool {
        other.hosts.iter().all(|host| self.hosts.contains(host))
            && other.addresses.iter().all(|address| self.addresses.contains(address))
    }

    /// As texts, names first.
    pub fn texts(&self) -> Vec<String> {
        let addresses = self.addresses.iter().map(ToString::to_string);
        self.hosts.iter().cloned().chain(addresses).collect()
    }

    fn add(&mut self, text: &str) {
        if let Ok(address) = text.parse() {
            return self.add_address(address);
        }
        let host = text.trim_end_matches('.').to_ascii_lowercase();
        if is_host(&host) && !self.hosts.contains(&host) {
            self.hosts.push(host);
        }
    }

    fn add_address(&mut self, address: IpAddr) {
        if !self.addresses.contains(&address) {
            self.addresses.push(address);
        }
    }
}

/// A computer's name, and as routers and computers give it to each other: in domains that nobody
/// can own outside.
pub fn host_names(computer: &str) -> Vec<String> {
    let computer = computer.to_ascii_lowercase();
    let short = computer.split('.').next().unwrap_or_default();
    if short.is_empty() || short == "localhost" {
        return Vec::new();
    }
    let mut names: Vec<_> = DOMAINS.map(|domain| format!("{short}{domain}")).into();
    if !names.contains(&computer) {
        names.push(computer);
    }
    names
}

/// What a certificate can hold; some computers have odd names.
fn is_host(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(plain);
    name.len() <= 253 && name.split('.').all(label)
}

const DOMAINS: [&str; 5] = [".local", "", ".lan", ".home.arpa", ".internal"];

#[cfg(test)]
mod tests {
    use super::*;

    fn own(list: &[&str]) -> Vec<IpAddr> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_computer_has_its_names_and_addresses_once() {
        let names = Names::of_computer(
            ["Chat.example".to_owned(), "203.0.113.7".to_owned(), "odd_name".to_owned()],
            "Box.office.example",
            Some("box-2.local."),
            &own(&["192.168.1.5", "fd00::5", "127.0.0.1"]),
        );
        assert_eq!(
            names.hosts,
            [
                "chat.example",
                "box-2.local",
                "box.local",
                "box",
                "box.lan",
                "box.home.arpa",
                "box.internal",
                "box.office.example",
                "localhost",
            ]
        );
        let addresses = ["203.0.113.7", "192.168.1.5", "fd00::5", "127.0.0.1", "::1"];
        assert_eq!(names.addresses, own(&addresses));
        assert_eq!(Names::of_computer([], "localhost", None, &[]).hosts, ["localhost"]);
        assert_eq!(Names::of_computer([], "", None, &[]).hosts, ["localhost"]);
        assert!(names.cover(&Names::of(["box", "fd00::5"])));
        assert!(!names.cover(&Names::of(["box", "fd00::6"])));
    }

    #[test]
    fn what_the_authority_may_not_vouch_for_is_left_out() {
        let scope = Scope::around(&Names::of(["chat.example", "203.0.113.7"]));
        let names = Names::of([
            "chat.example",
            "box.lan",
            "google.com",
            "evilchat.example",
            "203.0.113.7",
            "203.0.113.8",
            "10.1.2.3",
            "2001:db8::5",
        ]);
        let (within, left_out) = names.within(&scope);
        assert_eq!(within.texts(), ["chat.example", "box.lan", "203.0.113.7", "10.1.2.3"]);
        assert_eq!(left_out, ["google.com", "evilchat.example", "203.0.113.8", "2001:db8::5"]);
    }
}
