//! The PROXY protocol, version 2 (the text by HAProxy's authors): what a proxy says
//! ahead of a connection that it passes on. Version 1 is not read, because its text could
//! be the beginning of a request. Whether a sender may be believed is not known here.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncRead, AsyncReadExt};

/// With this byte begins nothing else that comes in.
pub const FIRST_BYTE: u8 = SIGNATURE[0];

/// Two ends of a connection, as its proxy saw them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    pub source: SocketAddr,
    pub destination: SocketAddr,
    /// The client spoke TLS, which ended at the proxy.
    pub tls: bool,
}

/// Reads exactly the header; nothing if it says that the connection is the proxy's own.
pub async fn read<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<Option<Passed>> {
    let mut head = [0; HEAD];
    stream.read_exact(&mut head).await?;
    let length = usize::from(u16::from_be_bytes([head[14], head[15]]));
    if head[..12] != SIGNATURE || length > LONGEST {
        return Err(malformed());
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    match head[12] {
        LOCAL => Ok(None),
        PROXY => parse(head[13], &body).ok_or_else(malformed),
        _ => Err(malformed()),
    }
}

/// Nothing within if there are no addresses; nothing at all if it is malformed.
fn parse(family: u8, body: &[u8]) -> Option<Option<Passed>> {
    let (source, destination, rest) = match family {
        TCP_4 => {
            let (addresses, rest) = body.split_first_chunk::<12>()?;
            let ip = |at: usize| {
                let octets: [u8; 4] = addresses[at..at + 4].try_into().ok()?;
                Some(IpAddr::V4(Ipv4Addr::from(octets)))
            };
            (socket(ip(0)?, &addresses[8..10]), socket(ip(4)?, &addresses[10..12]), rest)
        }
        TCP_6 => {
            let (addresses, rest) = body.split_first_chunk::<36>()?;
            let ip = |at: usize| {
                let octets: [u8; 16] = addresses[at..at + 16].try_into().ok()?;
                Some(IpAddr::V6(Ipv6Addr::from(octets)))
            };
            (socket(ip(0)?, &addresses[32..34]), socket(ip(16)?, &addresses[34..36]), rest)
        }
        UNKNOWN => return Some(None),
        _ => return None,
    };
    Some(Some(Passed { source, destination, tls: says_tls(rest)? }))
}

fn socket(ip: IpAddr, port: &[u8]) -> SocketAddr {
    SocketAddr::new(ip.to_canonical(), u16::from_be_bytes([port[0], port[1]]))
}

/// Looks through what is said besides the addresses; nothing if that is malformed.
fn says_tls(mut rest: &[u8]) -> Option<bool> {
    let mut tls = false;
    while let Some((&[kind, high, low], after)) = rest.split_first_chunk() {
        let (value, after) =
            after.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?;
        tls |= kind == SSL && value.first()? & CLIENT_SSL != 0;
        rest = after;
    }
    rest.is_empty().then_some(tls)
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a malformed PROXY header")
}

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
const HEAD: usize = 16;
const LOCAL: u8 = 0x20;
const PROXY: u8 = 0x21;
const UNKNOWN: u8 = 0x00;
const TCP_4: u8 = 0x11;
const TCP_6: u8 = 0x21;
const SSL: u8 = 0x20;
const CLIENT_SSL: u8 = 0x01;
/// More than proxies have to say, certificates of clients included.
const LONGEST: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn header(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[command, family], &length, body].concat()
    }

    async fn result(mut bytes: &[u8]) -> Result<(Option<Passed>, usize), io::ErrorKind> {
        let passed = read(&mut bytes).await.map_err(|error| error.kind())?;
        Ok((passed, bytes.len()))
    }

    const ADDRESSES: [u8; 12] = [192, 0, 2, 7, 203, 0, 113, 1, 0x9c, 0x40, 0x01, 0xbb];

    #[tokio::test]
    async fn both_ends_are_read_and_not_a_byte_more() {
        let passed = |tls| Passed {
            source: "192.0.2.7:40000".parse().unwrap(),
            destination: "203.0.113.1:443".parse().unwrap(),
            tls,
        };
        let plain = [&header(PROXY, TCP_4, &ADDRESSES)[..], b"GET"].concat();
        assert_eq!(result(&plain).await, Ok((Some(passed(false)), 3)));
        for (client, tls) in [(0, false), (1, true), (5, true)] {
            let said = [&ADDRESSES[..], &[4, 0, 1, 0], &[SSL, 0, 5, client, 0, 0, 0, 0]].concat();
            assert_eq!(
                result(&header(PROXY, TCP_4, &said)).await,
                Ok((Some(passed(tls)), 0)),
                "{client}"
            );
        }
        let mut six = [0; 36];
        (six[..16]).copy_from_slice(&"2001:db8::7".parse::<Ipv6Addr>().unwrap().octets());
        // As a proxy that listens to both families spells an IPv4 address.
        (six[16..32]).copy_from_slice(&"::ffff:203.0.113.1".parse::<Ipv6Addr>().unwrap().octets());
        let (passed, _) = result(&header(PROXY, TCP_6, &six)).await.unwrap();
        let passed = passed.unwrap();
        assert_eq!(passed.source.to_string(), "[2001:db8::7]:0");
        assert_eq!(passed.destination.to_string(), "203.0.113.1:0");
    }

    #[tokio::test]
    async fn the_proxys_own_connections_are_nobody_elses() {
        for header in [
            header(LOCAL, UNKNOWN, b""),
            header(LOCAL, TCP_4, &ADDRESSES),
            header(PROXY, UNKNOWN, b"anything"),
        ] {
            assert_eq!(result(&header).await, Ok((None, 0)));
        }
    }

    #[tokio::test]
    async fn what_is_malformed_is_refused() {
        let whole = header(PROXY, TCP_4, &ADDRESSES);
        for n in 0..whole.len() {
            assert!(result(&whole[..n]).await.is_err(), "{n}");
        }
        let more = |said: &[u8]| header(PROXY, TCP_4, &[&ADDRESSES[..], said].concat());
        let mut signature = whole.clone();
        signature[3] = b'x';
        for bad in [
            signature,
            header(0x11, TCP_4, &ADDRESSES),
            header(0x22, TCP_4, &ADDRESSES),
            header(PROXY, 0x12, &ADDRESSES),
            header(PROXY, 0x31, &[0; 216]),
            header(PROXY, TCP_4, &ADDRESSES[1..]),
            header(PROXY, TCP_6, &ADDRESSES),
            header(PROXY, TCP_4, &[0; LONGEST + 1]),
            more(&[SSL]),
            more(&[SSL, 0, 2, 1]),
            more(&[SSL, 0, 0]),
            more(&[4, 0xff, 0xff, 0]),
        ] {
            assert_eq!(result(&bad).await, Err(io::ErrorKind::InvalidData), "{bad:?}");
        }
    }
}
