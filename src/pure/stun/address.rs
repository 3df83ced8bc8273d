//! XOR-MAPPED-ADDRESS and its kin (RFC 8489, 14.2).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{MAGIC_COOKIE, TransactionId};

/// Reads the value of an address attribute.
pub fn read_xor_address(value: &[u8], transaction: TransactionId) -> Option<SocketAddr> {
    let (head, ip) = value.split_at_checked(4)?;
    let port = u16::from_be_bytes([head[2], head[3]]) ^ PORT_MASK;
    let ip = match head[1] {
        IPV4 => {
            let bytes: [u8; 4] = ip.try_into().ok()?;
            IpAddr::from(Ipv4Addr::from_bits(
                u32::from_be_bytes(bytes) ^ u32::from_be_bytes(MAGIC_COOKIE),
            ))
        }
        IPV6 => {
            let bytes: [u8; 16] = ip.try_into().ok()?;
            IpAddr::from(Ipv6Addr::from_bits(u128::from_be_bytes(bytes) ^ mask(transaction)))
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// Writes the value of an address attribute and gives its length, 8 or 20.
pub fn write_xor_address(
    into: &mut [u8; 20],
    address: SocketAddr,
    transaction: TransactionId,
) -> usize {
    into[0] = 0;
    into[2..4].copy_from_slice(&(address.port() ^ PORT_MASK).to_be_bytes());
    match address.ip() {
        IpAddr::V4(ip) => {
            into[1] = IPV4;
            let bits = ip.to_bits() ^ u32::from_be_bytes(MAGIC_COOKIE);
            into[4..8].copy_from_slice(&bits.to_be_bytes());
            8
        }
        IpAddr::V6(ip) => {
            into[1] = IPV6;
            into[4..20].copy_from_slice(&(ip.to_bits() ^ mask(transaction)).to_be_bytes());
            20
        }
    }
}

fn mask(transaction: TransactionId) -> u128 {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&MAGIC_COOKIE);
    bytes[4..].copy_from_slice(&transaction.0);
    u128::from_be_bytes(bytes)
}

const IPV4: u8 = 1;
const IPV6: u8 = 2;
const PORT_MASK: u16 = u16::from_be_bytes([MAGIC_COOKIE[0], MAGIC_COOKIE[1]]);
