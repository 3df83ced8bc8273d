//! Plays a script and looks at everything that comes of it: nothing panics,
//! who has proved nothing changes nothing and gets little, nobody gets what
//! they did not permit, and there is never more than the limits say.

use std::net::SocketAddr;

use callbox::pure::auth::relay::Revocation;
use callbox::pure::stun::{
    AttributeType, ChannelData, Class, LongTermKey, Message, Method, PasswordAlgorithm,
    TransactionId, Writer,
};
use callbox::pure::turn::{Client, HEAD, Link, Route, Size, Verdict};

use super::model::{Asker, Model};
use super::script::{Ask, Flaw, Script, Step};
use super::world::{self, LIMITS, PEOPLE, REALM, World};

/// Plays the script that the bytes are, and says what has happened.
pub fn run(bytes: &[u8]) -> Seen {
    let script = Script::of(bytes);
    let mut play = Play::new(&script);
    for step in script.steps {
        play.step(step);
        play.look();
    }
    play.end()
}

/// How often things have happened: a script in which nothing does proves nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen {
    pub granted: usize,
    pub refused: usize,
    pub relayed: usize,
    pub passed: usize,
    pub emitted: usize,
    pub dropped: usize,
}

struct Play {
    world: World,
    model: Model,
    seen: Seen,
}

/// How something that is relayed came.
#[derive(Debug, Clone, Copy)]
enum From {
    Person { who: usize, number: Option<u16> },
    Outside(SocketAddr),
}

impl Play {
    fn new(script: &Script) -> Self {
        let world = World::new(script.open, script.shards.into());
        Self { world, model: Model::default(), seen: Seen::default() }
    }

    fn step(&mut self, step: Step) {
        let place = |n: u8| usize::from(n) % PEOPLE;
        match step {
            Step::Ask { who, what, flaw } => self.ask(place(who), &what, flaw),
            Step::Again { who } => {
                let last = self.world.people[place(who)].last.clone();
                self.send(place(who), &last);
            }
            Step::Channel { who, number, length } => {
                let number = channel(number);
                let length = usize::from(length) * 5;
                let mut bytes = [number.to_be_bytes(), (length as u16).to_be_bytes()].concat();
                bytes.resize(4 + length, length as u8);
                self.send(place(who), &bytes);
            }
            Step::Indicate { who, peer, length } => {
                let peer = self.peer(peer);
                let data = vec![length; usize::from(length) * 5];
                let bytes = Writer::new(Class::Indication, Method::SEND, TransactionId([9; 12]))
                    .xor_address(AttributeType::XOR_PEER_ADDRESS, peer)
                    .attribute(AttributeType::DATA, &data)
                    .finish();
                self.send(place(who), &bytes);
            }
            Step::Arrive { to, peer, length } => self.arrive(place(to), peer, length),
            Step::Raw { who, bytes } => self.send(place(who), &bytes),
            Step::Disconnect { who } => {
                let person = &self.world.people[place(who)];
                let (shard, client) = (person.shard, person.client);
                self.world.shards[shard].handle_disconnect(client);
                assert!(self.world.obey(shard, None).is_empty(), "nobody is there any more");
                self.model.end(place(who));
            }
            Step::Revoke { what, who } => self.revoke(what, place(who)),
            Step::Wait { seconds } => self.world.wait(seconds.into()),
            Step::TurnKey => self.world.turn_key(),
            Step::Renew { who } => self.world.renew(place(who)),
            Step::Sockets { some } => self.world.sockets = some,
        }
    }

    fn revoke(&mut self, what: u8, who: usize) {
        let person = &self.world.people[who];
        let (call, session) = (person.call, person.session);
        let (id, of) = (world::call(call), world::session(session));
        let revocation = match what {
            0 => Revocation::Call(id),
            1 => Revocation::Leg(id, of),
            _ => Revocation::Session(of),
        };
        self.model.revoke((what < 2).then_some(call), (what > 0).then_some(session));
        for shard in 0..self.world.shards.len() {
            self.world.shards[shard].handle_revocation(self.world.now, revocation);
            assert!(self.world.obey(shard, None).is_empty(), "a revocation is no answer");
        }
    }

    /// An address to be named as a peer: somebody's relayed one, or one outside.
    fn peer(&self, n: u8) -> SocketAddr {
        let n = usize::from(n) % (PEOPLE + OUTSIDE.len());
        let nobody = SocketAddr::from(([198, 51, 100, 7], 50_007));
        match n.checked_sub(PEOPLE) {
            None => self.model.addresses[n].unwrap_or(nobody),
            Some(n) => OUTSIDE[n].0.parse().expect("an address"),
        }
    }

    fn ask(&mut self, who: usize, what: &Ask, flaw: Flaw) {
        let method = match what {
            Ask::Binding => Method::BINDING,
            Ask::Allocate { .. } => Method::ALLOCATE,
            Ask::Refresh { .. } => Method::REFRESH,
            Ask::Permit { .. } => Method::CREATE_PERMISSION,
            Ask::Bind { .. } => Method::CHANNEL_BIND,
        };
        if *what != Ask::Binding && self.world.people[who].nonce.is_empty() {
            self.challenge(who);
        }
        let named = |peer: &u8| self.peer(*peer);
        let peers: Vec<_> = match what {
            Ask::Permit { peers } => peers.iter().map(named).collect(),
            Ask::Bind { peer, .. } => vec![named(peer)],
            Ask::Binding | Ask::Allocate { .. } | Ask::Refresh { .. } => Vec::new(),
        };
        let mut writer = self.world.people[who].start(method);
        match what {
            Ask::Binding | Ask::Permit { .. } => {}
            Ask::Allocate { family, lifetime } => {
                let transport = if *family == 77 { 6 } else { 17 };
                writer =
                    writer.attribute(AttributeType::REQUESTED_TRANSPORT, &[transport, 0, 0, 0]);
                if let family @ 1..=3 = family % 5 {
                    let value = [family, 0, 0, 0];
                    writer = writer.attribute(AttributeType::REQUESTED_ADDRESS_FAMILY, &value);
                }
                writer = with_lifetime(writer, *lifetime);
            }
            Ask::Refresh { lifetime } => writer = with_lifetime(writer, *lifetime),
            Ask::Bind { number, .. } => {
                let [high, low] = channel(*number).to_be_bytes();
                writer = writer.attribute(AttributeType::CHANNEL_NUMBER, &[high, low, 0, 0]);
            }
        }
        for peer in peers {
            writer = writer.xor_address(AttributeType::XOR_PEER_ADDRESS, peer);
        }
        let bytes = match what {
            Ask::Binding => writer.finish(),
            _ => self.sign(who, writer, flaw),
        };
        let bytes = spoil(bytes, flaw);
        self.send(who, &bytes);
    }

    /// Gets somebody a nonce, if there is one to have.
    fn challenge(&mut self, who: usize) {
        let request = self.world.people[who].start(Method::ALLOCATE);
        let request = request.attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
        self.send(who, &request.finish());
    }

    fn sign(&self, who: usize, writer: Writer, Flaw { kind, at, .. }: Flaw) -> Vec<u8> {
        let person = &self.world.people[who];
        let other = &self.world.people[usize::from(at) % PEOPLE];
        let (username, password) = match kind {
            2 => (&person.username, &other.username),
            3 => (&other.username, &other.password),
            _ => (&person.username, &person.password),
        };
        let nonce = if kind == 4 { &other.nonce } else { &person.nonce };
        let realm = if kind == 5 { "elsewhere" } else { REALM };
        let mut writer = match kind {
            // An extension: one that must be understood, one that need not.
            6 => writer.attribute(AttributeType(0x0018), &[0; 4]),
            7 => writer.attribute(AttributeType(0x8029), &[0; 8]),
            _ => writer,
        };
        writer = writer
            .attribute(AttributeType::USERNAME, username.as_bytes())
            .attribute(AttributeType::REALM, realm.as_bytes())
            .attribute(AttributeType::NONCE, nonce);
        let algorithm = match kind {
            // As it was offered to streams: SHA-256 before MD5.
            8 => {
                let offer = [0, 2, 0, 0, 0, 1, 0, 0];
                writer = writer
                    .attribute(AttributeType::PASSWORD_ALGORITHMS, &offer)
                    .attribute(AttributeType::PASSWORD_ALGORITHM, &offer[..4]);
                PasswordAlgorithm::Sha256
            }
            _ => PasswordAlgorithm::Md5,
        };
        let key = LongTermKey::with(algorithm, username, realm, password);
        match kind {
            1 => writer.finish(),
            9 => writer.integrity_sha256(key.as_bytes()).finish(),
            10 => writer.integrity(key.as_bytes()).fingerprint().finish(),
            // What follows the proof counts for nothing.
            11 => writer
                .integrity(key.as_bytes())
                .attribute(AttributeType::LIFETIME, &[0; 4])
                .finish(),
            _ => writer.integrity(key.as_bytes()).finish(),
        }
    }

    /// Somebody sends something, and the relay does what it does.
    fn send(&mut self, who: usize, bytes: &[u8]) {
        let person = &mut self.world.people[who];
        person.last = bytes.to_vec();
        let (shard, client) = (person.shard, person.client);
        let message = Message::parse(bytes).ok();
        let proved = message.as_ref().is_some_and(|message| self.world.is_proved(message));
        let before = (self.sizes(), std::mem::take(&mut self.world.earned));
        let now = self.world.now;
        let verdict = self.world.shards[shard].handle_datagram(now, client, bytes);
        let number = ChannelData::parse(bytes).map(|data| data.number.get());
        let answers = self.world.obey(shard, Some(who));
        assert!(answers.len() <= 1, "one answer to a datagram");
        if !matches!(verdict, Verdict::Handled) {
            assert!(answers.is_empty(), "{verdict:?} has no answer");
        }
        if !proved {
            assert_eq!(self.sizes(), before.0, "who has proved nothing changes nothing");
            assert_eq!(self.world.earned, 0, "and has nothing done");
        }
        for (to, answer) in answers {
            assert_eq!(to, client, "answers go back");
            let request = message.as_ref().expect("only messages are answered");
            assert_eq!(request.class(), Class::Request);
            let answer_read = Message::parse(&answer).expect("answers are messages");
            match answer_read.class() {
                Class::Success => self.seen.granted += 1,
                _ => self.seen.refused += 1,
            }
            if !proved && matches!(client.link, Link::Udp(_)) {
                assert_small(request, bytes, &answer, client);
            }
            self.take_nonce(who, &answer_read);
            let person = &self.world.people[who];
            let (call, session, ip) = (person.call, person.session, client.address.ip());
            let by = self.credited(request, Asker { who, call, session, ip });
            self.model.learn(now.at, by, request, &answer_read);
        }
        self.carry_out(verdict, From::Person { who, number }, bytes);
    }

    /// Somebody who uses another's credentials is, to the relay, that other at a new address.
    fn credited(&self, request: &Message<'_>, asker: Asker) -> Asker {
        let name = request.first(AttributeType::USERNAME);
        let grant = name.and_then(|name| std::str::from_utf8(name).ok());
        let grant = grant.and_then(callbox::pure::auth::relay::Grant::parse);
        let Some(grant) = grant else { return asker };
        let of = |n: &u8| world::call(*n) == grant.call;
        let by = |n: &u8| world::session(*n) == grant.session;
        let (call, session) = ((0..8).find(of), (0..8).find(by));
        Asker {
            call: call.unwrap_or(asker.call),
            session: session.unwrap_or(asker.session),
            ..asker
        }
    }

    fn take_nonce(&mut self, who: usize, answer: &Message<'_>) {
        if let Some(nonce) = answer.first(AttributeType::NONCE) {
            self.world.people[who].nonce = nonce.to_vec();
        }
    }

    /// Something comes to somebody's socket, if they have one.
    fn arrive(&mut self, to: usize, peer: u8, length: u8) {
        let found = self.world.relays.iter().find(|(_, owner)| **owner == to);
        let Some((&allocation, _)) = found else { return };
        let (from, shard) = (self.peer(peer), self.world.people[to].shard);
        let bytes = vec![length; usize::from(length) * 5];
        let now = self.world.now;
        let verdict =
            self.world.shards[shard].handle_peer_datagram(now, allocation, from, bytes.len());
        assert!(self.world.obey(shard, None).is_empty(), "a peer gets no answer");
        self.carry_out(verdict, From::Outside(from), &bytes);
    }

    fn carry_out(&mut self, verdict: Verdict, from: From, bytes: &[u8]) {
        let now = self.world.now;
        match verdict {
            Verdict::Relay(route) => {
                self.seen.relayed += 1;
                self.relayed(&route, from, bytes);
            }
            Verdict::Pass { passed, data } => {
                self.seen.passed += 1;
                let (shard, length) = (passed.shard(), data.len());
                let verdict = self.world.shards[shard].handle_passed(now, &passed, length);
                assert!(!matches!(verdict, Verdict::Pass { .. }), "it is passed on once");
                assert!(self.world.obey(shard, None).is_empty(), "a packet is no answer");
                let bytes = bytes[data].to_vec();
                self.carry_out(verdict, from, &bytes);
            }
            Verdict::Emit { allocation, to, data } => {
                self.seen.emitted += 1;
                let From::Person { who, number } = from else { panic!("peers reach no peers") };
                assert_eq!(self.world.relays.get(&allocation), Some(&who), "from its own socket");
                assert!(self.model.may_leave(now.at, who, number, to), "{to} is not permitted");
                let outside = OUTSIDE.iter().find(|(text, _)| text.parse() == Ok(to));
                assert!(outside.is_some_and(|(_, allowed)| *allowed), "{to} is never reached");
                assert!(data.end <= bytes.len());
            }
            Verdict::Handled => {}
            Verdict::Drop(_) => self.seen.dropped += 1,
        }
    }

    /// A packet goes to a client: one who wants it, and as it is.
    fn relayed(&self, route: &Route, from: From, bytes: &[u8]) {
        let now = self.world.now.at;
        let to = self.world.whose(route.to).expect("a client that is there");
        let allowed = match from {
            From::Person { who, number } => self.model.may_pass(now, who, number, to),
            From::Outside(address) => self.model.may_enter(now, address, to),
        };
        assert!(allowed, "{from:?} may not reach {to}");
        let mut head = [0; HEAD];
        let length = route.head(&mut head);
        let data = &bytes[route.data.clone()];
        let whole = [&head[..length], data, &[0; 3][..route.padding()]].concat();
        assert!(whole.len() <= bytes.len() + HEAD + 3, "a relay adds a header and no more");
        match ChannelData::parse(&whole) {
            Some(channel) => assert_eq!(channel.data, data),
            None => {
                let message = Message::parse(&whole).expect("it is well formed");
                assert_eq!((message.class(), message.method()), (Class::Indication, Method::DATA));
                assert_eq!(message.first(AttributeType::DATA), Some(data));
            }
        }
    }

    fn sizes(&self) -> Vec<Size> {
        self.world.shards.iter().map(|shard| shard.size()).collect()
    }

    /// Whatever has happened, there is no more than there may be.
    fn look(&self) {
        let sizes = self.sizes();
        let sum = |part: fn(&Size) -> usize| sizes.iter().map(part).sum::<usize>();
        let allocations = sum(|size| size.allocations);
        assert!(allocations <= LIMITS.allocations);
        assert!(self.model.living_count(self.world.now.at) <= allocations, "none is lost");
        assert!(sum(|size| size.permissions) <= allocations * LIMITS.permissions);
        assert!(sum(|size| size.channels) <= allocations * LIMITS.channels);
        assert!(sum(|size| size.calls) <= allocations * sizes.len());
        assert!(sum(|size| size.sessions) <= allocations);
        assert!(sum(|size| size.indexed) <= allocations * (4 + 2 * sizes.len()));
        assert_eq!(sum(|size| size.outputs), 0);
        assert!(self.world.relays.len() <= allocations);
    }

    /// Time takes everything.
    fn end(mut self) -> Seen {
        self.world.wait(3601);
        self.world.wait(3602);
        for size in self.sizes() {
            assert_eq!(size, Size::default());
        }
        assert!(self.world.relays.is_empty());
        self.seen
    }
}

/// An answer to a stranger over UDP is hardly larger than the question.
fn assert_small(request: &Message<'_>, asked: &[u8], answer: &[u8], client: Client) {
    let most = match (request.method(), client.address.is_ipv4()) {
        (Method::BINDING, true) => asked.len() as f64 * 1.6,
        // On the wire, with the headers of IPv6 and UDP.
        (Method::BINDING, false) => (asked.len() + 48) as f64 * 1.6 - 48.0,
        // As any client asks for an allocation, and with nothing but a header.
        _ if asked.len() >= 28 => asked.len() as f64 * 2.5,
        _ => asked.len() as f64 * 3.3,
    };
    assert!(answer.len() as f64 <= most, "{} bytes for {}", answer.len(), asked.len());
}

/// Numbers around the bounds of what a channel may have.
fn channel(n: u8) -> u16 {
    match n % 8 {
        n @ 0..=5 => 0x4000 + u16::from(n),
        6 => 0x4FFF,
        _ => [0x3FFF, 0x5000, 0, 0xFFFF][usize::from(n / 8) % 4],
    }
}

fn with_lifetime(writer: Writer, n: u8) -> Writer {
    let seconds = match n % 6 {
        0 => return writer,
        1 => 0,
        2 => 1,
        3 => 600,
        4 => 1_000,
        _ => u32::MAX,
    };
    writer.attribute(AttributeType::LIFETIME, &seconds.to_be_bytes())
}

/// Changes bytes of a message that was right.
fn spoil(mut bytes: Vec<u8>, Flaw { kind, at, by }: Flaw) -> Vec<u8> {
    let at = usize::from(at) * bytes.len() / 256;
    match kind {
        12 | 13 => bytes[at] ^= by,
        14 => bytes.truncate(at),
        15 => {
            bytes.splice(at..at, [by; 4]);
        }
        _ => {}
    }
    bytes
}

/// Addresses outside, and whether an open relay may reach them.
const OUTSIDE: [(&str, bool); 16] = [
    ("8.8.4.4:3478", true),
    ("8.8.4.4:7", true),
    ("1.1.1.1:50000", true),
    ("[2a00:1::1]:7", true),
    ("[2a00:1::2]:7", true),
    ("127.0.0.1:80", false),
    ("10.0.0.5:22", false),
    ("169.254.169.254:80", false),
    ("0.0.0.0:80", false),
    ("224.0.0.1:80", false),
    ("9.9.9.9:3478", false),
    ("8.8.4.4:0", false),
    ("[::1]:80", false),
    ("[::ffff:127.0.0.1]:80", false),
    ("[64:ff9b::7f00:1]:80", false),
    ("[fd00:ec2::254]:80", false),
];
