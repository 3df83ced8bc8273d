//! How a request came in: over what, from where, to which name.

use std::net::{IpAddr, Ipv6Addr};

/// What a request travelled over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// TLS on a public port.
    Tls,
    /// Plain HTTP from this computer to a loopback name, which browsers trust as well.
    Loopback,
    /// Plain HTTP from anywhere else: nothing but a redirect and health.
    Plain,
    /// The Unix socket in the data directory: whoever can open it is an admin.
    Admin,
}

/// What is known of a request besides its head and body.
#[derive(Debug, Clone)]
pub struct Context {
    pub channel: Channel,
    /// Who asks: the socket's other end or, if that is a proxy that is believed, who asked it; loopback
    /// on [`Channel::Admin`].
    pub client: IpAddr,
    /// Host and port as asked for, checked to be ours, in lower case: `chat.example:3001`.
    pub authority: String,
}

impl Context {
    /// The only `Origin` that pages of this server have for this request.
    pub fn origin(&self) -> String {
        let scheme = if self.channel == Channel::Tls { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }

    /// The client's network as shown in a list of devices: `192.168.1.0/24`, `2001:db8:1::/48`.
    pub fn network(&self) -> String {
        match self.client {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(channel: Channel, client: &str) -> Context {
        let client = client.parse().unwrap();
        Context { channel, client, authority: "box.lan:3001".into() }
    }

    #[test]
    fn the_origin_follows_the_channel() {
        assert_eq!(context(Channel::Tls, "::1").origin(), "https://box.lan:3001");
        assert_eq!(context(Channel::Loopback, "::1").origin(), "http://box.lan:3001");
    }

    #[test]
    fn a_network_hides_the_host() {
        assert_eq!(context(Channel::Tls, "192.168.1.77").network(), "192.168.1.0/24");
        assert_eq!(context(Channel::Tls, "2001:db8:1:2::5").network(), "2001:db8:1::/48");
    }
}
