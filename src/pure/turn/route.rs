//! Where a packet goes and what stands before it there.

use std::net::SocketAddr;
use std::ops::Range;

use super::client::{Client, Link};
use crate::pure::stun::{
    AttributeType, ChannelData, ChannelNumber, Class, Method, TransactionId, header,
    write_xor_address,
};

/// The longest header: that of a Data indication with an IPv6 peer.
pub const HEAD: usize = INDICATION + 20;

/// The way of one packet to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Who gets it.
    pub to: Client,
    /// Where the application's data is in the datagram that came.
    pub data: Range<usize>,
    pub(super) head: Head,
}

/// How it is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    Channel(ChannelNumber),
    Indication { peer: SocketAddr, transaction: TransactionId },
}

impl Route {
    /// Writes what stands before the data for its receiver; gives its length.
    pub fn head(&self, into: &mut [u8; HEAD]) -> usize {
        let length = self.data.len() as u16;
        match self.head {
            Head::Channel(number) => {
                into[..ChannelData::HEADER].copy_from_slice(&ChannelData::header(number, length));
                ChannelData::HEADER
            }
            Head::Indication { peer, transaction } => {
                let mut address = [0; 20];
                let long = write_xor_address(&mut address, peer, transaction);
                let whole = INDICATION + long;
                let attributes = (whole - 20 + self.data.len() + self.padding()) as u16;
                into[..20].copy_from_slice(&header(
                    Class::Indication,
                    Method::DATA,
                    transaction,
                    attributes,
                ));
                into[20..22].copy_from_slice(&AttributeType::XOR_PEER_ADDRESS.0.to_be_bytes());
                into[22..24].copy_from_slice(&(long as u16).to_be_bytes());
                into[24..24 + long].copy_from_slice(&address[..long]);
                let data = &mut into[24 + long..whole];
                data[..2].copy_from_slice(&AttributeType::DATA.0.to_be_bytes());
                data[2..].copy_from_slice(&length.to_be_bytes());
                whole
            }
        }
    }

    /// How many zeros stand behind the data.
    pub fn padding(&self) -> usize {
        match (self.head, self.to.link) {
            (Head::Channel(_), Link::Udp(_)) => 0,
            _ => self.data.len().next_multiple_of(4) - self.data.len(),
        }
    }
}

/// The header, and those of XOR-PEER-ADDRESS and DATA.
const INDICATION: usize = 20 + 4 + 4;
