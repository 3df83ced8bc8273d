//! Scripts against the server core; time is moved by hand.

mod algorithms;
mod allocate;
mod authentication;
mod limits;
mod open;
mod peers;
mod properties;
mod relay;
mod revocation;
mod shards;

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;

use super::*;
use crate::pure::auth::relay::{Grant, Keys, Revocation};
use crate::pure::stun::{
    AttributeType, ChannelData, ChannelNumber, Class, LongTermKey, Message, Method, TransactionId,
    Writer, check, read_xor_address,
};
use crate::pure::wire::{CallId, Millis, SessionId};

/// Unix seconds at the start of each script.
const START: u64 = 1_800_000_000;

/// A server and the world's clock.
struct World {
    server: Server,
    ledger: Rc<RefCell<Ledger>>,
    /// What other shards would be told.
    told: Vec<News>,
    /// Streams that were ended.
    closed: Vec<Client>,
    now: Now,
    /// Open sockets of allocations.
    sockets: Vec<AllocationId>,
    /// Of the next socket; none to have there are no more.
    next_port: Option<u16>,
}

/// A client with credentials.
#[derive(Debug, Clone)]
struct Actor {
    client: Client,
    username: String,
    password: String,
    realm: Vec<u8>,
    nonce: Vec<u8>,
    transactions: u8,
}

/// What came of a datagram: the first answer, or the verdict without one.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Answer(Vec<u8>),
    Relayed { to: Client, bytes: Vec<u8> },
    Emitted { from: AllocationId, to: SocketAddr, bytes: Vec<u8> },
    Passed(Passed, Vec<u8>),
    Dropped(DropReason),
    Silence,
}

fn call(n: u8) -> CallId {
    CallId::from_bytes([n; 16])
}

fn session(n: u8) -> SessionId {
    SessionId::from_bytes([n; 16])
}

fn keys() -> Keys {
    Keys::new(&[7; 32], Some(&[6; 32]))
}

fn setup(limits: Limits) -> Setup {
    let credentials = Credentials::of_hub(keys());
    let (mode, realm) = (Mode::Closed, "callbox".to_owned());
    Setup { mode, limits, realm, credentials, meters: Arc::default() }
}

/// Where a client with this number sends from.
fn address(n: u16) -> SocketAddr {
    let ip = Ipv4Addr::new(203, 0, 113, (n >> 8) as u8 + 1);
    SocketAddr::new(ip.into(), 10_000 + n)
}

impl World {
    fn new() -> Self {
        Self::with(Self::limits())
    }

    /// The usual ones, but for questions: many actors have one address.
    fn limits() -> Limits {
        Limits { unauthenticated_replies: 10_000, ..Limits::default() }
    }

    fn with(limits: Limits) -> Self {
        Self::of(setup(limits))
    }

    fn of(setup: Setup) -> Self {
        Self::shards(setup, 1).pop().expect("one shard")
    }

    /// A relay of several shards.
    fn shards(setup: Setup, count: u16) -> Vec<Self> {
        let relay = Relay::new(setup, [3; 64], count);
        let ledger = Rc::new(RefCell::new(relay.ledger()));
        let shard = |index| Self {
            server: relay.shard(index),
            ledger: Rc::clone(&ledger),
            told: Vec::new(),
            closed: Vec::new(),
            now: Now { at: Millis(5_000), unix: START },
            sockets: Vec::new(),
            next_port: Some(50_000 + 1000 * index),
        };
        (0..count).map(shard).collect()
    }

    fn revoke(&mut self, revocation: Revocation) {
        self.server.handle_revocation(self.now, revocation);
        assert_eq!(self.obey(), None);
    }

    fn disconnect(&mut self, client: Client) {
        self.server.handle_disconnect(client);
        assert_eq!(self.obey(), None);
    }

    /// Lets time pass, with the timeouts the core asks for.
    fn pass(&mut self, seconds: u64) {
        let end = self.now.at.plus(Millis(seconds * 1000));
        while let Some(at) = self.server.poll_timeout().filter(|at| *at <= end) {
            self.now.unix += at.since(self.now.at).0 / 1000;
            self.now.at = self.now.at.max(at);
            self.server.handle_timeout(self.now);
            self.obey();
        }
        self.now.unix += end.since(self.now.at).0 / 1000;
        self.now.at = end;
    }

    /// A client of a session in a call.
    fn actor(&self, place: u16, call_number: u8, session_number: u8) -> Actor {
        self.actor_until(place, call_number, session_number, self.now.unix + 3600)
    }

    fn actor_until(&self, place: u16, call_number: u8, session_number: u8, expires: u64) -> Actor {
        let grant = Grant { expires, call: call(call_number), session: session(session_number) };
        let (username, password) = keys().issue(grant);
        let client = Client { link: Link::Udp(0), address: address(place) };
        Actor { client, username, password, realm: Vec::new(), nonce: Vec::new(), transactions: 0 }
    }

    /// An actor with an allocation, and its relayed address.
    fn member(&mut self, place: u16, call: u8, session: u8) -> (Actor, SocketAddr) {
        let mut actor = self.actor(place, call, session);
        let relayed = self.allocate(&mut actor).expect("an allocation");
        (actor, relayed)
    }

    /// Two members of one call that permit each other.
    fn pair(&mut self) -> ((Actor, SocketAddr), (Actor, SocketAddr)) {
        let (mut a, at_a) = self.member(1, 1, 1);
        let (mut b, at_b) = self.member(2, 1, 2);
        assert_eq!(self.permit(&mut a, at_b), Ok(()));
        assert_eq!(self.permit(&mut b, at_a), Ok(()));
        ((a, at_a), (b, at_b))
    }

    fn send(&mut self, client: Client, bytes: &[u8]) -> Outcome {
        let verdict = self.server.handle_datagram(self.now, client, bytes);
        self.outcome(verdict, Some(client), bytes)
    }

    /// A datagram that comes to the socket of an allocation.
    fn send_back(&mut self, allocation: AllocationId, from: SocketAddr, bytes: &[u8]) -> Outcome {
        let length = bytes.len();
        let verdict = self.server.handle_peer_datagram(self.now, allocation, from, length);
        self.outcome(verdict, None, bytes)
    }

    fn outcome(&mut self, verdict: Verdict, client: Option<Client>, bytes: &[u8]) -> Outcome {
        match verdict {
            Verdict::Relay(route) => {
                let mut head = [0xEE; HEAD];
                let length = route.head(&mut head);
                let data = &bytes[route.data.clone()];
                let bytes = [&head[..length], data, &[0; 3][..route.padding()]].concat();
                Outcome::Relayed { to: route.to, bytes }
            }
            Verdict::Emit { allocation: from, to, data } => {
                assert!(self.sockets.contains(&from), "its socket is open");
                Outcome::Emitted { from, to, bytes: bytes[data].to_vec() }
            }
            Verdict::Pass { passed, data } => Outcome::Passed(passed, bytes[data].to_vec()),
            Verdict::Drop(reason) => {
                assert_eq!(self.server.poll_output(), None, "nobody hears of a drop");
                Outcome::Dropped(reason)
            }
            Verdict::Handled => match self.obey() {
                Some((to, message)) => {
                    assert_eq!(Some(to), client, "answers go back");
                    Outcome::Answer(message)
                }
                None => Outcome::Silence,
            },
        }
    }

    /// Does with sockets what the core wants, and gives its one answer.
    fn obey(&mut self) -> Option<(Client, Vec<u8>)> {
        let mut answer = None;
        while let Some(output) = self.server.poll_output() {
            match output {
                Output::Send { to, message } => {
                    assert!(answer.is_none(), "one answer to a request");
                    answer = Some((to, message));
                }
                Output::Open { allocation, .. } => {
                    let port = self.next_port.inspect(|port| self.next_port = Some(port + 1));
                    if port.is_some() {
                        self.sockets.push(allocation);
                    }
                    self.server.handle_opened(allocation, port);
                }
                Output::Shut(allocation) => self.sockets.retain(|held| *held != allocation),
                Output::Close(client) => self.closed.push(client),
                Output::Claim { allocation, claim } => {
                    let claimed = self.ledger.borrow_mut().claim(claim);
                    self.server.handle_claimed(allocation, claimed);
                }
                Output::Release(claim) => self.ledger.borrow_mut().release(claim),
                Output::Tell(news) => self.told.push(news),
                Output::Bound { allocation, .. } => assert!(self.sockets.contains(&allocation)),
            }
        }
        answer
    }

    /// Sends a request and gives the answer.
    fn ask(&mut self, client: Client, bytes: &[u8]) -> Vec<u8> {
        match self.send(client, bytes) {
            Outcome::Answer(answer) => answer,
            other => panic!("no answer but {other:?}"),
        }
    }

    /// Gets the actor a nonce of its own.
    fn challenge(&mut self, actor: &mut Actor) {
        let request = actor.request(Method::ALLOCATE).finish();
        let answer = self.ask(actor.client, &request);
        let answer = parse(&answer);
        assert_eq!(code(&answer), Some(401));
        actor.realm = answer.first(AttributeType::REALM).expect("a realm").to_vec();
        actor.nonce = answer.first(AttributeType::NONCE).expect("a nonce").to_vec();
    }

    /// A request with credentials, and its answer.
    fn request(
        &mut self,
        actor: &mut Actor,
        method: Method,
        fill: impl FnOnce(Writer) -> Writer,
    ) -> Vec<u8> {
        if actor.nonce.is_empty() {
            self.challenge(actor);
        }
        let request = actor.sign(fill(actor.clone().request(method)));
        actor.transactions = actor.transactions.wrapping_add(1);
        let answer = self.ask(actor.client, &request);
        let message = parse(&answer);
        if !matches!(code(&message), Some(401 | 438)) {
            assert!(check(&message, actor.key().as_bytes()), "answers are protected");
        }
        answer
    }

    fn allocate(&mut self, actor: &mut Actor) -> Result<SocketAddr, u16> {
        self.allocate_with(actor, |request| request)
    }

    fn allocate_with(
        &mut self,
        actor: &mut Actor,
        fill: impl FnOnce(Writer) -> Writer,
    ) -> Result<SocketAddr, u16> {
        let answer = self.request(actor, Method::ALLOCATE, |request| {
            fill(request.attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0]))
        });
        let answer = parse(&answer);
        match answer.first(AttributeType::XOR_RELAYED_ADDRESS) {
            Some(value) => Ok(read_xor_address(value, answer.transaction()).expect("address")),
            None => Err(code(&answer).expect("a refusal has a code")),
        }
    }

    fn permit(&mut self, actor: &mut Actor, peer: SocketAddr) -> Result<(), u16> {
        let answer = self.request(actor, Method::CREATE_PERMISSION, |request| {
            request.xor_address(AttributeType::XOR_PEER_ADDRESS, peer)
        });
        result(&answer)
    }

    fn bind(&mut self, actor: &mut Actor, number: u16, peer: SocketAddr) -> Result<(), u16> {
        let answer = self.request(actor, Method::CHANNEL_BIND, |request| {
            let [high, low] = number.to_be_bytes();
            request
                .attribute(AttributeType::CHANNEL_NUMBER, &[high, low, 0, 0])
                .xor_address(AttributeType::XOR_PEER_ADDRESS, peer)
        });
        result(&answer)
    }

    /// The granted lifetime, or the code of the refusal.
    fn refresh(&mut self, actor: &mut Actor, lifetime: u32) -> Result<u32, u16> {
        let answer = self.request(actor, Method::REFRESH, |request| {
            request.attribute(AttributeType::LIFETIME, &lifetime.to_be_bytes())
        });
        result(&answer).map(|()| lifetime_of(&answer))
    }

    /// Asserts that no table holds anything any more.
    fn assert_empty(&self) {
        let server = &self.server;
        assert_eq!(server.allocations(), 0);
        assert!(self.sockets.is_empty());
        assert!(server.calls.is_empty() && server.sessions.is_empty());
        assert!(server.by_client.is_empty() && server.by_call.is_empty());
        assert!(server.by_session.is_empty() && self.ledger.borrow().is_empty());
        assert!(server.deadlines.is_empty() && server.by_relayed.is_empty());
    }
}

impl Actor {
    /// Starts a request; the same one until `transactions` moves on.
    fn request(&self, method: Method) -> Writer {
        Writer::new(Class::Request, method, TransactionId([self.transactions; 12]))
    }

    fn sign(&self, request: Writer) -> Vec<u8> {
        self.name(request).integrity(self.key().as_bytes()).finish()
    }

    /// Adds all of the credentials but the proof.
    fn name(&self, request: Writer) -> Writer {
        request
            .attribute(AttributeType::USERNAME, self.username.as_bytes())
            .attribute(AttributeType::REALM, &self.realm)
            .attribute(AttributeType::NONCE, &self.nonce)
    }

    fn key(&self) -> LongTermKey {
        let realm = std::str::from_utf8(&self.realm).expect("our realm is ASCII");
        LongTermKey::new(&self.username, realm, &self.password)
    }

    /// The same client at another address.
    fn moved(&self, place: u16) -> Self {
        let client = Client { address: address(place), ..self.client };
        Self { client, nonce: Vec::new(), ..self.clone() }
    }

    fn over_stream(&self, number: u32) -> Self {
        let client = Client { link: Link::Stream(number), ..self.client };
        Self { client, ..self.clone() }
    }
}

fn parse(bytes: &[u8]) -> Message<'_> {
    Message::parse(bytes).expect("the server sends well-formed messages")
}

fn code(message: &Message<'_>) -> Option<u16> {
    let value = message.first(AttributeType::ERROR_CODE)?;
    assert_eq!(value.len(), 4, "no reason phrase");
    Some(u16::from(value[2]) * 100 + u16::from(value[3]))
}

fn result(answer: &[u8]) -> Result<(), u16> {
    code(&parse(answer)).map_or(Ok(()), Err)
}

fn lifetime_of(answer: &[u8]) -> u32 {
    let value = parse(answer).first(AttributeType::LIFETIME).expect("a lifetime");
    u32::from_be_bytes(value.try_into().expect("four bytes"))
}

fn channel_data(number: u16, data: &[u8]) -> Vec<u8> {
    let number = ChannelNumber::new(number).expect("a channel number");
    [&ChannelData::header(number, data.len() as u16), data].concat()
}

fn send_indication(peer: SocketAddr, data: &[u8]) -> Writer {
    Writer::new(Class::Indication, Method::SEND, TransactionId([9; 12]))
        .xor_address(AttributeType::XOR_PEER_ADDRESS, peer)
        .attribute(AttributeType::DATA, data)
}

/// Peer and data of a Data indication.
fn data_of(bytes: &[u8]) -> (SocketAddr, Vec<u8>) {
    let message = parse(bytes);
    assert_eq!((message.class(), message.method()), (Class::Indication, Method::DATA));
    let peer = message.first(AttributeType::XOR_PEER_ADDRESS).expect("Data names its peer");
    let peer = read_xor_address(peer, message.transaction()).expect("an address");
    (peer, message.first(AttributeType::DATA).expect("Data has data").to_vec())
}
