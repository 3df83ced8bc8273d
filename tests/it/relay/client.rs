//! A TURN client of our own, over UDP or any stream.

use std::net::SocketAddr;
use std::time::Duration;

use callbox::pure::stun::{
    AttributeType, ChannelData, ChannelNumber, Class, Frame, LongTermKey, Message, Method,
    TransactionId, Writer, check, next_frame, read_xor_address,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use crate::hub::PATIENCE;

pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

enum Transport {
    Udp(UdpSocket),
    Stream { stream: Box<dyn Stream>, buffer: Vec<u8> },
}

/// One client with its credentials.
pub(crate) struct Client {
    transport: Transport,
    username: String,
    password: String,
    realm: Vec<u8>,
    nonce: Vec<u8>,
    transactions: u64,
}

/// The address that a relay sees at the other end of this stream.
pub(crate) async fn mapped(mut stream: impl Stream) -> SocketAddr {
    let request = [&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], b"twelve bytes"].concat();
    stream.write_all(&request).await.expect("the relay reads");
    let mut bytes = Vec::new();
    loop {
        let n = timeout(Duration::from_secs(5), stream.read_buf(&mut bytes)).await;
        assert_ne!(n.expect("an answer in time").expect("an answer"), 0);
        if let Frame::Whole { message, .. } = next_frame(&bytes, 65_536) {
            let answer = Message::parse(&bytes[..message]).expect("an answer");
            let address = answer.first(AttributeType::XOR_MAPPED_ADDRESS).expect("an address");
            return read_xor_address(address, answer.transaction()).expect("an address");
        }
    }
}

/// What a client got.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    Channel(u16, Vec<u8>),
    Data(SocketAddr, Vec<u8>),
    Message(Vec<u8>),
}

impl Client {
    pub(crate) async fn udp(server: SocketAddr, credentials: (String, String)) -> Self {
        let socket = UdpSocket::bind(super::LOOPBACK).await.expect("a free port");
        socket.connect(server).await.expect("loopback connects");
        Self::over(socket, credentials)
    }

    /// Over a socket that is connected to the relay.
    pub(crate) fn over(socket: UdpSocket, credentials: (String, String)) -> Self {
        Self::new(Transport::Udp(socket), credentials)
    }

    pub(crate) async fn tcp(server: SocketAddr, credentials: (String, String)) -> Self {
        let stream = TcpStream::connect(server).await.expect("the relay listens");
        stream.set_nodelay(true).expect("a TCP option");
        Self::stream(stream, credentials)
    }

    pub(crate) fn stream(stream: impl Stream + 'static, credentials: (String, String)) -> Self {
        let stream: Box<dyn Stream> = Box::new(stream);
        Self::new(Transport::Stream { stream, buffer: Vec::new() }, credentials)
    }

    fn new(transport: Transport, (username, password): (String, String)) -> Self {
        Self {
            transport,
            username,
            password,
            realm: Vec::new(),
            nonce: Vec::new(),
            transactions: 0,
        }
    }

    /// Sends bytes as they are.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        match &mut self.transport {
            Transport::Udp(socket) => {
                socket.send(bytes).await.expect("loopback takes a datagram");
            }
            Transport::Stream { stream, .. } => {
                stream.write_all(bytes).await.expect("the relay reads");
            }
        }
    }

    /// Says that nothing more will come.
    pub(crate) async fn leave(&mut self) {
        if let Transport::Stream { stream, .. } = &mut self.transport {
            stream.shutdown().await.expect("the other side is there");
        }
    }

    /// The next thing that arrives; nothing if the stream has ended.
    pub(crate) async fn receive(&mut self) -> Option<Received> {
        let bytes = timeout(Duration::from_secs(5), self.next()).await;
        bytes.expect("something arrives in time").map(|bytes| read(&bytes))
    }

    async fn next(&mut self) -> Option<Vec<u8>> {
        match &mut self.transport {
            Transport::Udp(socket) => {
                let mut bytes = vec![0; 2048];
                let length = socket.recv(&mut bytes).await.expect("loopback gives a datagram");
                bytes.truncate(length);
                Some(bytes)
            }
            Transport::Stream { stream, buffer } => loop {
                match next_frame(buffer, 65_536) {
                    Frame::Whole { message, padded } => {
                        let mut frame: Vec<u8> = buffer.drain(..padded).collect();
                        frame.truncate(message);
                        return Some(frame);
                    }
                    Frame::Partial => {
                        if stream.read_buf(buffer).await.unwrap_or(0) == 0 {
                            return None;
                        }
                    }
                    Frame::Broken => panic!("the relay sent no message: {buffer:?}"),
                }
            },
        }
    }

    /// A request without credentials.
    pub(crate) fn start(&mut self, method: Method) -> Writer {
        self.transactions += 1;
        let mut id = [0; 12];
        id[..8].copy_from_slice(&self.transactions.to_be_bytes());
        Writer::new(Class::Request, method, TransactionId(id))
    }

    /// Adds the credentials.
    pub(crate) fn sign(&self, request: Writer) -> Vec<u8> {
        request
            .attribute(AttributeType::USERNAME, self.username.as_bytes())
            .attribute(AttributeType::REALM, &self.realm)
            .attribute(AttributeType::NONCE, &self.nonce)
            .integrity(self.key().as_bytes())
            .finish()
    }

    fn key(&self) -> LongTermKey {
        let realm = std::str::from_utf8(&self.realm).expect("our realm is ASCII");
        LongTermKey::new(&self.username, realm, &self.password)
    }

    /// Sends a request with credentials, after a challenge if need be, and
    /// gives the answer; what else arrives meanwhile is lost.
    pub(crate) async fn request(
        &mut self,
        method: Method,
        fill: impl Fn(Writer) -> Writer,
    ) -> Vec<u8> {
        if self.nonce.is_empty() {
            let request = fill(self.start(method)).finish();
            let answer = self.ask(&request).await;
            let answer = Message::parse(&answer).expect("an answer");
            self.realm = answer.first(AttributeType::REALM).expect("a realm").to_vec();
            self.nonce = answer.first(AttributeType::NONCE).expect("a nonce").to_vec();
        }
        let request = fill(self.start(method));
        let request = self.sign(request);
        let answer = self.ask(&request).await;
        let message = Message::parse(&answer).expect("an answer");
        if code(&message) != Some(401) {
            assert!(check(&message, self.key().as_bytes()), "answers are protected");
        }
        answer
    }

    /// Sends a request and waits for the answer to it.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Vec<u8> {
        self.send(request).await;
        loop {
            match self.receive().await.expect("the stream lasts") {
                Received::Message(answer) if answer[8..20] == request[8..20] => return answer,
                _ => {}
            }
        }
    }

    /// Sends a request and gives what comes; nothing if the stream is refused.
    pub(crate) async fn try_ask(&mut self, request: &[u8]) -> Option<Received> {
        if let Transport::Stream { stream, .. } = &mut self.transport {
            stream.write_all(request).await.ok()?;
        }
        self.receive().await
    }

    /// The relayed address, or the code of the refusal.
    pub(crate) async fn allocate(&mut self) -> Result<SocketAddr, u16> {
        self.allocate_of(1).await
    }

    /// The same of a family: 1 is IPv4, 2 is IPv6.
    pub(crate) async fn allocate_of(&mut self, family: u8) -> Result<SocketAddr, u16> {
        let answer = self
            .request(Method::ALLOCATE, |request| {
                request
                    .attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0])
                    .attribute(AttributeType::REQUESTED_ADDRESS_FAMILY, &[family, 0, 0, 0])
            })
            .await;
        let answer = Message::parse(&answer).expect("an answer");
        match answer.first(AttributeType::XOR_RELAYED_ADDRESS) {
            Some(address) => Ok(read_xor_address(address, answer.transaction()).expect("address")),
            None => Err(code(&answer).expect("a refusal has a code")),
        }
    }

    pub(crate) async fn permit(&mut self, peer: SocketAddr) -> Result<(), u16> {
        let answer = self
            .request(Method::CREATE_PERMISSION, |request| {
                request.xor_address(AttributeType::XOR_PEER_ADDRESS, peer)
            })
            .await;
        result(&answer)
    }

    pub(crate) async fn bind(&mut self, number: u16, peer: SocketAddr) -> Result<(), u16> {
        let answer = self
            .request(Method::CHANNEL_BIND, |request| {
                let [high, low] = number.to_be_bytes();
                request
                    .attribute(AttributeType::CHANNEL_NUMBER, &[high, low, 0, 0])
                    .xor_address(AttributeType::XOR_PEER_ADDRESS, peer)
            })
            .await;
        result(&answer)
    }

    pub(crate) async fn refresh(&mut self, lifetime: u32) -> Result<(), u16> {
        let answer = self
            .request(Method::REFRESH, |request| {
                request.attribute(AttributeType::LIFETIME, &lifetime.to_be_bytes())
            })
            .await;
        result(&answer)
    }

    /// Refreshes until the relay refuses: it hears of an end on a thread of its own, a moment after
    /// the others. Says with which code.
    pub(crate) async fn refused_refresh(&mut self) -> u16 {
        let refused = async {
            loop {
                if let Err(code) = self.refresh(600).await {
                    return code;
                }
            }
        };
        timeout(PATIENCE, refused).await.expect("the relay hears of it")
    }

    /// Sends ChannelData, padded as the transport wants.
    pub(crate) async fn send_channel(&mut self, number: u16, data: &[u8]) {
        let bytes = channel_data(number, data, matches!(self.transport, Transport::Stream { .. }));
        self.send(&bytes).await;
    }

    pub(crate) async fn send_indication(&mut self, peer: SocketAddr, data: &[u8]) {
        let id = TransactionId([9; 12]);
        let message = Writer::new(Class::Indication, Method::SEND, id)
            .xor_address(AttributeType::XOR_PEER_ADDRESS, peer)
            .attribute(AttributeType::DATA, data)
            .finish();
        self.send(&message).await;
    }
}

pub(crate) fn channel_data(number: u16, data: &[u8], padded: bool) -> Vec<u8> {
    let number = ChannelNumber::new(number).expect("a channel number");
    let mut bytes = ChannelData::header(number, data.len() as u16).to_vec();
    bytes.extend_from_slice(data);
    if padded {
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

fn read(bytes: &[u8]) -> Received {
    if let Some(message) = ChannelData::parse(bytes) {
        return Received::Channel(message.number.get(), message.data.to_vec());
    }
    let message = Message::parse(bytes).expect("the relay sends well-formed messages");
    if message.method() != Method::DATA {
        return Received::Message(bytes.to_vec());
    }
    let peer = message.first(AttributeType::XOR_PEER_ADDRESS).expect("Data names its peer");
    let peer = read_xor_address(peer, message.transaction()).expect("an address");
    Received::Data(peer, message.first(AttributeType::DATA).expect("Data has data").to_vec())
}

/// The code of a refusal.
pub(crate) fn code(message: &Message<'_>) -> Option<u16> {
    let value = message.first(AttributeType::ERROR_CODE)?;
    Some(u16::from(value[2]) * 100 + u16::from(value[3]))
}

fn result(answer: &[u8]) -> Result<(), u16> {
    code(&Message::parse(answer).expect("an answer")).map_or(Ok(()), Err)
}
