//! What proxies in front of this server say of a request: `X-Forwarded-For`, `-Proto` and
//! `-Host`, or `Forwarded` (RFC 7239).
//!
//! Only proxies that the operator has named are believed. Each adds at the end of the
//! list from whom it has the request, so the list is read from there, and
//! only for as long as the one who speaks is such a proxy: what a client wrote itself
//! stands before that and is never looked at.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;

use crate::config::Cidr;
use crate::pure::turn::Network;

/// The proxies that are believed.
#[derive(Debug, Default)]
pub struct Proxies(Vec<Network>);

/// A request as it came to the first of the proxies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Forwarded {
    pub client: IpAddr,
    /// Whether over TLS, if they say that.
    pub tls: Option<bool>,
    /// The name that was asked for, if it is not in `Host`.
    pub host: Option<String>,
}

/// One line of what they say: who asked the one who speaks, and for what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Hop {
    /// Nothing if the one who speaks does not know or does not tell.
    client: Option<IpAddr>,
    proto: Option<String>,
    host: Option<String>,
}

impl Proxies {
    /// Those in these networks.
    pub fn new(networks: &[Cidr]) -> Self {
        Self(
            networks
                .iter()
                .filter_map(|network| Network::new(network.ip, network.prefix))
                .collect(),
        )
    }

    /// Whether this is one of them.
    pub fn contains(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(ip))
    }

    /// What they say of a request that came from here: nothing if nobody says anything who is
    /// believed, and for whom this server cannot answer if they do not make sense.
    pub(super) fn say(
        &self,
        peer: IpAddr,
        headers: &HeaderMap,
    ) -> Result<Option<Forwarded>, &'static str> {
        let named = ["forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"];
        if !self.contains(peer) || !named.iter().any(|name| headers.contains_key(*name)) {
            return Ok(None);
        }
        let [standard, usual] = ["forwarded", "x-forwarded-for"].map(|name| texts(headers, name));
        let standard = standard?.iter().map(|text| hops(text)).collect::<Option<Vec<_>>>();
        let standard = self.first(peer, &standard.ok_or(MALFORMED)?.concat());
        let usual: Vec<_> = usual?.iter().flat_map(|text| text.split(',')).map(hop).collect();
        let usual = self.first(peer, &usual);
        let told = match (usual, standard) {
            // A proxy writes one of them and passes on the other as the client wrote it.
            (Some(usual), Some(standard)) if usual.client != standard.client => {
                return Err(CONTRADICTION);
            }
            (Some(usual), standard) => Hop { client: usual.client, ..standard.unwrap_or_default() },
            (None, Some(standard)) => standard,
            (None, None) => return Err(NOBODY),
        };
        let last = |name| -> Result<Option<String>, &'static str> {
            let last = texts(headers, name)?.pop();
            let last =
                last.and_then(|text| text.rsplit(',').next().map(str::trim).map(str::to_owned));
            Ok(last.filter(|text| !text.is_empty()))
        };
        let proto = last("x-forwarded-proto")?.or(told.proto);
        Ok(Some(Forwarded {
            client: told.client.unwrap_or(peer),
            tls: proto.map(|proto| matches!(&*proto.to_ascii_lowercase(), "https" | "wss")),
            host: last("x-forwarded-host")?.or(told.host),
        }))
    }

    /// What the first one says who is believed, of a list that this neighbour ended.
    fn first(&self, peer: IpAddr, hops: &[Hop]) -> Option<Hop> {
        let mut speaker = peer;
        let mut first = None;
        for hop in hops.iter().rev() {
            if !self.contains(speaker) {
                break;
            }
            // Who is hidden cannot be asked for more.
            let Some(client) = hop.client else {
                return first.or(Some(Hop { client: Some(speaker), ..hop.clone() }));
            };
            (speaker, first) = (client, Some(hop.clone()));
        }
        first
    }
}

fn texts<'a>(headers: &'a HeaderMap, name: &str) -> Result<Vec<&'a str>, &'static str> {
    headers.get_all(name).iter().map(|value| value.to_str().map_err(|_| MALFORMED)).collect()
}

/// An entry of `X-Forwarded-For`.
fn hop(text: &str) -> Hop {
    Hop { client: address(text.trim()), ..Hop::default() }
}

/// The elements of `Forwarded`; nothing if it is malformed.
fn hops(text: &str) -> Option<Vec<Hop>> {
    split(text, ',')?
        .into_iter()
        .filter(|element| !element.trim().is_empty())
        .map(element)
        .collect()
}

fn element(text: &str) -> Option<Hop> {
    let mut hop = Hop::default();
    for pair in split(text, ';')?.into_iter().filter(|pair| !pair.trim().is_empty()) {
        let (name, value) = pair.trim().split_once('=')?;
        let value = unquoted(value)?;
        match &*name.to_ascii_lowercase() {
            "for" => hop.client = address(&value),
            "proto" => hop.proto = Some(value),
            "host" => hop.host = Some(value),
            _ => {}
        }
    }
    Some(hop)
}

/// Splits where this sign is not within quotes; nothing if those are not closed.
fn split(text: &str, at: char) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (place, sign) in text.char_indices() {
        match sign {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            sign if sign == at && !quoted => {
                parts.push(&text[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (!quoted).then_some(parts)
}

fn unquoted(value: &str) -> Option<String> {
    let Some(inner) = value.strip_prefix('"') else {
        return (!value.is_empty() && !value.contains('"')).then(|| value.to_owned());
    };
    let inner = inner.strip_suffix('"')?;
    let mut escaped = false;
    let plain = |sign: &char| {
        escaped = *sign == '\\' && !escaped;
        !escaped
    };
    Some(inner.chars().filter(plain).collect())
}

/// An address as proxies write it, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let ip = text
        .parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| {
            let inner = text.strip_prefix('[')?.strip_suffix(']')?;
            inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
        })?;
    Some(ip.to_canonical())
}

const MALFORMED: &str =
    "What the proxy in front of this server says of the request is malformed.\n";
const CONTRADICTION: &str = "Forwarded and X-Forwarded-For differ: the proxy in front of this server should drop the one \
     that it does not write.\n";
const NOBODY: &str =
    "The proxy in front of this server does not say who asks: it should write X-Forwarded-For.\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn say(headers: &[(&'static str, &str)]) -> Result<Option<Forwarded>, &'static str> {
        say_from("10.0.0.1", headers)
    }

    fn say_from(
        peer: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Option<Forwarded>, &'static str> {
        let proxies = Proxies::new(&["10.0.0.0/24".parse().unwrap(), "fd00::1".parse().unwrap()]);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        proxies.say(peer.parse().unwrap(), &map)
    }

    fn client(headers: &[(&'static str, &str)]) -> String {
        say(headers).unwrap().unwrap().client.to_string()
    }

    #[test]
    fn h11_nobody_else_is_believed() {
        let lies = [("x-forwarded-for", "192.0.2.7"), ("x-forwarded-host", "evil.example")];
        for peer in ["192.0.2.9", "10.0.1.1", "127.0.0.1", "::1", "fd00::2"] {
            assert_eq!(say_from(peer, &lies), Ok(None), "{peer}");
        }
        assert!(say_from("fd00::1", &lies).unwrap().is_some());
        assert_eq!(say(&[("x-real-ip", "192.0.2.7")]), Ok(None));
    }

    #[test]
    fn the_list_is_read_from_its_end_as_far_as_proxies_wrote_it() {
        for (list, first) in [
            ("192.0.2.7", "192.0.2.7"),
            ("127.0.0.1, 192.0.2.7", "192.0.2.7"),
            ("203.0.113.9,192.0.2.7, 10.0.0.2", "192.0.2.7"),
            ("rubbish, 192.0.2.7", "192.0.2.7"),
            ("192.0.2.7:4711", "192.0.2.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            // The one who asks is among the proxies, or nobody knows who it is.
            ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
            ("rubbish, 10.0.0.2", "10.0.0.2"),
            ("unknown", "10.0.0.1"),
        ] {
            assert_eq!(client(&[("x-forwarded-for", list)]), first, "{list}");
        }
        let lines = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "192.0.2.7")];
        assert_eq!(client(&lines), "192.0.2.7");
    }

    #[test]
    fn the_standard_header_is_read_as_well() {
        let said = |text| say(&[("forwarded", text)]).unwrap().unwrap();
        let told =
            said("for=203.0.113.9, For=\"[2001:db8::7]:4711\";proto=https;host=\"chat.example\"");
        assert_eq!(told.client.to_string(), "2001:db8::7");
        assert_eq!((told.tls, told.host.as_deref()), (Some(true), Some("chat.example")));
        assert_eq!(said("for=192.0.2.7;by=\"a,b;\\\"c\";proto=http").tls, Some(false));
        // Each has its own line, and the first that is believed counts.
        let two = said("for=192.0.2.7;proto=https, for=10.0.0.2;proto=http");
        assert_eq!((two.client.to_string().as_str(), two.tls), ("192.0.2.7", Some(true)));
        let hidden = said("for=192.0.2.7, for=_hidden;proto=https");
        assert_eq!((hidden.client.to_string().as_str(), hidden.tls), ("10.0.0.1", Some(true)));
        for bad in ["for", "for=\"192.0.2.7", "for=", "for=a\"b"] {
            assert_eq!(say(&[("forwarded", bad)]), Err(MALFORMED), "{bad}");
        }
    }

    #[test]
    fn scheme_and_name_are_those_that_the_nearest_one_says() {
        let said = say(&[
            ("x-forwarded-for", "192.0.2.7"),
            ("x-forwarded-proto", "http, HTTPS"),
            ("x-forwarded-host", "evil.example, chat.example:8443"),
        ]);
        let said = said.unwrap().unwrap();
        assert_eq!((said.tls, said.host.as_deref()), (Some(true), Some("chat.example:8443")));
        let said = say(&[("x-forwarded-for", "192.0.2.7")]).unwrap().unwrap();
        assert_eq!((said.tls, said.host), (None, None));
    }

    #[test]
    fn a_header_that_the_proxy_left_in_does_not_count() {
        let both = |standard| say(&[("x-forwarded-for", "192.0.2.7"), ("forwarded", standard)]);
        assert_eq!(both("for=127.0.0.1"), Err(CONTRADICTION));
        assert_eq!(both("for=192.0.2.7;proto=https").unwrap().unwrap().tls, Some(true));
        assert_eq!(say(&[("x-forwarded-proto", "https")]), Err(NOBODY));
        assert_eq!(say(&[("forwarded", "")]), Err(NOBODY));
    }
}
