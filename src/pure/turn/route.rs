//! Where a packet goes and what stands before it there.

use std::net::SocketAddr;
use std::ops::Range;

use super::client::{Client, Link};
use crate::pure::stun::{
    AttributeType, ChannelData, ChannelNumber, Class, Method, TransactionId, header,
    write_xor_address,
};

/// Room that must stand before a datagram, so that its new header can be
/// written in place: that of a Data indication with an IPv6 peer.
pub const HEAD_ROOM: usize = INDICATION + 20;

/// Room behind a datagram, for padding.
pub const TAIL_ROOM: usize = 4;

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
    /// Wraps the data for its receiver, in place. The datagram that came
    /// starts at `start` of `slot` with `HEAD_ROOM` before and `TAIL_ROOM`
    /// behind it; gives the range of `slot` to send.
    pub fn wrap(&self, slot: &mut [u8], start: usize) -> Range<usize> {
        let data = start + self.data.start..start + self.data.end;
        let length = self.data.len() as u16;
        match self.head {
            Head::Channel(number) => {
                let from = data.start - ChannelData::HEADER;
                let header = ChannelData::header(number, length);
                slot[from..data.start].copy_from_slice(&header);
                match self.to.link {
                    Link::Udp(_) => from..data.end,
                    Link::Stream(_) => from..pad(slot, data),
                }
            }
            Head::Indication { peer, transaction } => {
                let end = pad(slot, data.clone());
                let mut address = [0; 20];
                let long = write_xor_address(&mut address, peer, transaction);
                let from = data.start - INDICATION - long;
                let attributes = (end - from - 20) as u16;
                let head = &mut slot[from..data.start];
                head[..20].copy_from_slice(&header(
                    Class::Indication,
                    Method::DATA,
                    transaction,
                    attributes,
                ));
                head[20..22].copy_from_slice(&AttributeType::XOR_PEER_ADDRESS.0.to_be_bytes());
                head[22..24].copy_from_slice(&(long as u16).to_be_bytes());
                head[24..24 + long].copy_from_slice(&address[..long]);
                let head = &mut head[24 + long..];
                head[..2].copy_from_slice(&AttributeType::DATA.0.to_be_bytes());
                head[2..].copy_from_slice(&length.to_be_bytes());
                from..end
            }
        }
    }
}

/// Fills up to four bytes with zeros; gives the new end.
fn pad(slot: &mut [u8], data: Range<usize>) -> usize {
    let end = data.start + data.len().next_multiple_of(4);
    slot[data.end..end].fill(0);
    end
}

/// The header, and those of XOR-PEER-ADDRESS and DATA.
const INDICATION: usize = 20 + 4 + 4;
