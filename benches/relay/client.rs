//! A TURN client that waits for each answer.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use callbox::pure::stun::{
    AttributeType, Class, LongTermKey, Message, Method, TransactionId, Writer, read_xor_address,
};

pub struct Client {
    pub socket: UdpSocket,
    username: String,
    password: String,
    realm: String,
    nonce: Vec<u8>,
    transactions: u64,
}

impl Client {
    pub fn new(server: SocketAddr, (username, password): (String, String)) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        socket.connect(server).expect("loopback connects");
        socket.set_read_timeout(Some(Duration::from_millis(500))).expect("a timeout");
        Self {
            socket,
            username,
            password,
            realm: String::new(),
            nonce: Vec::new(),
            transactions: 0,
        }
    }

    /// Allocates and gives the relayed address.
    pub fn allocate(&mut self) -> SocketAddr {
        let udp =
            |request: Writer| request.attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
        let challenge = self.start(Method::ALLOCATE);
        let challenge = self.ask(&udp(challenge).finish());
        let challenge = Message::parse(&challenge).expect("an answer");
        let text = |kind| challenge.first(kind).expect("a challenge").to_vec();
        self.realm = String::from_utf8(text(AttributeType::REALM)).expect("text");
        self.nonce = text(AttributeType::NONCE);
        let answer = self.request(Method::ALLOCATE, udp);
        let answer = Message::parse(&answer).expect("an answer");
        let relayed = answer.first(AttributeType::XOR_RELAYED_ADDRESS).expect("an allocation");
        read_xor_address(relayed, answer.transaction()).expect("an address")
    }

    /// Binds a channel to a peer.
    pub fn bind(&mut self, number: u16, peer: SocketAddr) {
        let [high, low] = number.to_be_bytes();
        let answer = self.request(Method::CHANNEL_BIND, |request| {
            request
                .attribute(AttributeType::CHANNEL_NUMBER, &[high, low, 0, 0])
                .xor_address(AttributeType::XOR_PEER_ADDRESS, peer)
        });
        assert_eq!(Message::parse(&answer).expect("an answer").class(), Class::Success);
    }

    /// Installs a permission for a peer.
    pub fn permit(&mut self, peer: SocketAddr) {
        let answer = self.request(Method::CREATE_PERMISSION, |request| {
            request.xor_address(AttributeType::XOR_PEER_ADDRESS, peer)
        });
        assert_eq!(Message::parse(&answer).expect("an answer").class(), Class::Success);
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
        let request = fill(request)
            .attribute(AttributeType::USERNAME, self.username.as_bytes())
            .attribute(AttributeType::REALM, self.realm.as_bytes())
            .attribute(AttributeType::NONCE, &self.nonce)
            .integrity(key.as_bytes())
            .finish();
        self.ask(&request)
    }

    fn ask(&self, request: &[u8]) -> Vec<u8> {
        let mut buffer = [0; 2048];
        for _ in 0..5 {
            self.socket.send(request).expect("loopback takes it");
            while let Ok(length) = self.socket.recv(&mut buffer) {
                if length >= 20 && buffer[8..20] == request[8..20] {
                    return buffer[..length].to_vec();
                }
            }
        }
        panic!("no answer");
    }
}
