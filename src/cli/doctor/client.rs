//! A client of the relay that waits for each answer (RFC 8656), as much of one as a check needs.

use std::net::SocketAddr;

use super::wire::Wire;
use crate::http::auth::random;
use crate::pure::doctor::RelayFault;
use crate::pure::stun::{
    AttributeType, ChannelData, ChannelNumber, Class, LongTermKey, Message, Method, TransactionId,
    Writer, read_xor_address,
};

/// One client with its credentials.
#[derive(Debug)]
pub(super) struct Client {
    wire: Wire,
    username: String,
    password: String,
    realm: String,
    nonce: Vec<u8>,
}

impl Client {
    pub(super) fn new(wire: Wire, username: &str, password: &str) -> Self {
        let (username, password) = (username.to_owned(), password.to_owned());
        Self { wire, username, password, realm: String::new(), nonce: Vec::new() }
    }

    /// How the server sees this client.
    pub(super) fn binding(wire: &mut Wire) -> Result<SocketAddr, RelayFault> {
        let request = start(Method::BINDING).finish();
        let answer = ask(wire, &request)?;
        address(&answer, AttributeType::XOR_MAPPED_ADDRESS)
    }

    /// The relayed address.
    pub(super) fn allocate(&mut self) -> Result<SocketAddr, RelayFault> {
        let fill =
            |request: Writer| request.attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
        let challenge = ask(&mut self.wire, &fill(start(Method::ALLOCATE)).finish())?;
        let challenge = Message::parse(&challenge).map_err(|_| RelayFault::Nonsense)?;
        let text = |kind| challenge.first(kind).ok_or(RelayFault::Nonsense);
        self.realm = String::from_utf8(text(AttributeType::REALM)?.to_vec())
            .map_err(|_| RelayFault::Nonsense)?;
        self.nonce = text(AttributeType::NONCE)?.to_vec();
        let answer = self.request(Method::ALLOCATE, fill)?;
        address(&answer, AttributeType::XOR_RELAYED_ADDRESS)
    }

    /// Binds the channel to a peer, which is let in by that.
    pub(super) fn bind(&mut self, peer: SocketAddr) -> Result<(), RelayFault> {
        let [high, low] = CHANNEL.get().to_be_bytes();
        self.request(Method::CHANNEL_BIND, |request| {
            request
                .attribute(AttributeType::CHANNEL_NUMBER, &[high, low, 0, 0])
                .xor_address(AttributeType::XOR_PEER_ADDRESS, peer)
        })
        .map(drop)
    }

    /// Gives the allocation back.
    pub(super) fn release(mut self) {
        let _ = self.request(Method::REFRESH, |request| {
            request.attribute(AttributeType::LIFETIME, &[0; 4])
        });
    }

    /// Sends to the peer.
    pub(super) fn send(&mut self, data: &[u8]) -> Result<(), RelayFault> {
        let header = ChannelData::header(CHANNEL, u16::try_from(data.len()).unwrap_or(u16::MAX));
        self.wire.send(&[&header, data].concat()).map_err(unreachable)
    }

    /// What the peer sent, if it comes in time.
    pub(super) fn receive(&mut self) -> Option<Vec<u8>> {
        loop {
            let bytes = self.wire.receive()?;
            if let Some(held) = ChannelData::parse(&bytes).filter(|held| held.number == CHANNEL) {
                return Some(held.data.to_vec());
            }
        }
    }

    fn request(
        &mut self,
        method: Method,
        fill: impl FnOnce(Writer) -> Writer,
    ) -> Result<Vec<u8>, RelayFault> {
        let key = LongTermKey::new(&self.username, &self.realm, &self.password);
        let request = fill(start(method))
            .attribute(AttributeType::USERNAME, self.username.as_bytes())
            .attribute(AttributeType::REALM, self.realm.as_bytes())
            .attribute(AttributeType::NONCE, &self.nonce)
            .integrity(key.as_bytes())
            .finish();
        let answer = ask(&mut self.wire, &request)?;
        let message = Message::parse(&answer).map_err(|_| RelayFault::Nonsense)?;
        match message.class() {
            Class::Success => Ok(answer),
            _ => Err(RelayFault::Refused(code(&message).unwrap_or(500))),
        }
    }
}

fn start(method: Method) -> Writer {
    Writer::new(Class::Request, method, TransactionId(random()))
}

/// Sends a request until its answer comes.
fn ask(wire: &mut Wire, request: &[u8]) -> Result<Vec<u8>, RelayFault> {
    // Only datagrams get lost.
    let tries = if matches!(wire, Wire::Udp(_)) { 3 } else { 1 };
    for _ in 0..tries {
        wire.send(request).map_err(unreachable)?;
        while let Some(answer) = wire.receive() {
            if answer.get(8..20) == Some(&request[8..20]) {
                return Ok(answer);
            }
        }
    }
    Err(RelayFault::NoAnswer)
}

fn address(answer: &[u8], kind: AttributeType) -> Result<SocketAddr, RelayFault> {
    let message = Message::parse(answer).map_err(|_| RelayFault::Nonsense)?;
    let value = message.first(kind).ok_or(RelayFault::Nonsense)?;
    read_xor_address(value, message.transaction()).ok_or(RelayFault::Nonsense)
}

fn code(message: &Message<'_>) -> Option<u16> {
    match message.first(AttributeType::ERROR_CODE)? {
        [_, _, class, number, ..] => Some(u16::from(*class) * 100 + u16::from(*number)),
        _ => None,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands behind map_err")]
fn unreachable(error: std::io::Error) -> RelayFault {
    RelayFault::Unreachable(error.to_string())
}

const CHANNEL: ChannelNumber = ChannelNumber::new(0x4001).expect("in the range of channels");
