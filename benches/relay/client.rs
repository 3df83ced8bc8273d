//! A TURN client with long-term credentials that waits for each answer, over
//! UDP or TLS.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use callbox::pure::stun::{
    AttributeType, Class, Frame, LongTermKey, Message, Method, TransactionId, Writer, next_frame,
    read_xor_address,
};
use rustls::{ClientConnection, StreamOwned};

use crate::any_certificate;

/// What a client or a peer sends and receives by.
pub enum Wire {
    Udp(UdpSocket),
    Tls { stream: Box<StreamOwned<ClientConnection, TcpStream>>, buffer: Vec<u8> },
}

impl Wire {
    /// A socket that only the server can reach.
    pub fn udp(server: SocketAddr) -> Self {
        let socket = plain();
        socket.connect(server).expect("loopback connects");
        Self::Udp(socket)
    }

    pub fn tls(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).expect("the server listens");
        stream.set_nodelay(true).expect("a TCP option");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let config = any_certificate::config(&[]);
        let name = "localhost".try_into().expect("a name");
        let session = ClientConnection::new(Arc::new(config), name).expect("a session");
        Self::Tls { stream: Box::new(StreamOwned::new(session, stream)), buffer: Vec::new() }
    }

    /// Whether it was taken.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        match self {
            Self::Udp(socket) => socket.send(bytes).is_ok(),
            Self::Tls { stream, .. } => {
                let padding = bytes.len().next_multiple_of(4) - bytes.len();
                stream.write_all(&[bytes, &[0; 3][..padding]].concat()).is_ok()
            }
        }
    }

    /// The next message, unless none comes in time.
    pub fn receive(&mut self, into: &mut [u8]) -> Option<usize> {
        match self {
            Self::Udp(socket) => socket.recv(into).ok(),
            Self::Tls { stream, buffer } => loop {
                match next_frame(buffer, 65_536) {
                    Frame::Whole { message, padded } => {
                        into[..message].copy_from_slice(&buffer[..message]);
                        buffer.drain(..padded);
                        return Some(message);
                    }
                    Frame::Broken => panic!("the server sent no message"),
                    Frame::Partial => {
                        let mut more = [0; 16_384];
                        let length = stream.read(&mut more).ok().filter(|length| *length > 0)?;
                        buffer.extend_from_slice(&more[..length]);
                    }
                }
            },
        }
    }
}

/// A socket of a client or a peer.
pub fn plain() -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    socket
}

pub struct Client {
    pub wire: Wire,
    username: String,
    password: String,
    realm: String,
    nonce: Vec<u8>,
    transactions: u64,
}

impl Client {
    pub fn new(wire: Wire, (username, password): (String, String)) -> Self {
        Self { wire, username, password, realm: String::new(), nonce: Vec::new(), transactions: 0 }
    }

    /// Allocates and gives the relayed address.
    pub fn allocate(&mut self) -> SocketAddr {
        let challenge = self.ask(Self::unauthenticated);
        self.challenged(&challenge);
        let answer = self.ask(Self::allocation);
        let answer = successful(&answer);
        let relayed = answer.first(AttributeType::XOR_RELAYED_ADDRESS).expect("an allocation");
        read_xor_address(relayed, answer.transaction()).expect("an address")
    }

    /// Binds a channel to a peer.
    pub fn bind(&mut self, number: u16, peer: SocketAddr) {
        successful(&self.ask(|client| client.binding(number, peer)));
    }

    /// Installs a permission for a peer.
    pub fn permit(&mut self, peer: SocketAddr) {
        successful(&self.ask(|client| client.permission(peer)));
    }

    /// A request for an allocation that will be answered by a challenge.
    pub fn unauthenticated(&mut self) -> Vec<u8> {
        udp(self.start(Method::ALLOCATE)).finish()
    }

    /// Takes the challenge.
    pub fn challenged(&mut self, challenge: &[u8]) {
        let challenge = Message::parse(challenge).expect("an answer");
        let text = |kind| challenge.first(kind).expect("a challenge").to_vec();
        self.realm = String::from_utf8(text(AttributeType::REALM)).expect("text");
        self.nonce = text(AttributeType::NONCE);
    }

    /// A request for an allocation, after the challenge.
    pub fn allocation(&mut self) -> Vec<u8> {
        self.request(Method::ALLOCATE, udp)
    }

    /// A request for a permission for a peer.
    pub fn permission(&mut self, peer: SocketAddr) -> Vec<u8> {
        let fill = |request: Writer| request.xor_address(AttributeType::XOR_PEER_ADDRESS, peer);
        self.request(Method::CREATE_PERMISSION, fill)
    }

    /// A request for a channel to a peer.
    pub fn binding(&mut self, number: u16, peer: SocketAddr) -> Vec<u8> {
        let [high, low] = number.to_be_bytes();
        self.request(Method::CHANNEL_BIND, |request| {
            request
                .attribute(AttributeType::CHANNEL_NUMBER, &[high, low, 0, 0])
                .xor_address(AttributeType::XOR_PEER_ADDRESS, peer)
        })
    }

    fn start(&mut self, method: Method) -> Writer {
        self.transactions += 1;
        let mut id = [0; 12];
        id[..8].copy_from_slice(&self.transactions.to_be_bytes());
        Writer::new(Class::Request, method, TransactionId(id))
    }

    fn request(&mut self, method: Method, fill: impl FnOnce(Writer) -> Writer) -> Vec<u8> {
        let key = LongTermKey::new(&self.username, &self.realm, &self.password);
        let request = self.start(method);
        fill(request)
            .attribute(AttributeType::USERNAME, self.username.as_bytes())
            .attribute(AttributeType::REALM, self.realm.as_bytes())
            .attribute(AttributeType::NONCE, &self.nonce)
            .integrity(key.as_bytes())
            .finish()
    }

    fn ask(&mut self, request: impl FnOnce(&mut Self) -> Vec<u8>) -> Vec<u8> {
        let request = request(self);
        for _ in 0..5 {
            assert!(self.wire.send(&request), "loopback takes it");
            if let Some(answer) = self.answer(&request) {
                return answer;
            }
        }
        panic!("no answer");
    }

    /// The answer to a request, unless none comes in time.
    fn answer(&mut self, request: &[u8]) -> Option<Vec<u8>> {
        let mut buffer = [0; 2048];
        while let Some(length) = self.wire.receive(&mut buffer) {
            if length >= 20 && buffer[8..20] == request[8..20] {
                return Some(buffer[..length].to_vec());
            }
        }
        None
    }
}

/// Has all of them ask at once, and gives their answers.
pub fn ask_all(
    clients: &mut [Client],
    mut request: impl FnMut(&mut Client) -> Vec<u8>,
) -> Vec<Vec<u8>> {
    let requests: Vec<_> = clients
        .iter_mut()
        .map(|client| {
            let request = request(client);
            assert!(client.wire.send(&request), "loopback takes it");
            request
        })
        .collect();
    let answers = clients.iter_mut().zip(requests);
    answers.map(|(client, request)| client.answer(&request).expect("an answer")).collect()
}

/// The answer, which must not be a refusal.
pub fn successful(answer: &[u8]) -> Message<'_> {
    let message = Message::parse(answer).expect("an answer");
    let why = message.first(AttributeType::ERROR_CODE).map(String::from_utf8_lossy);
    assert_eq!(message.class(), Class::Success, "{why:?}");
    message
}

fn udp(request: Writer) -> Writer {
    request.attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0])
}

const PATIENCE: Duration = Duration::from_millis(500);
