//! A relay of some shards with its ledger, and the people who use it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use callbox::pure::auth::relay::{Grant, Keys};
use callbox::pure::stun::{
    AttributeType, Class, LongTermKey, Message, Method, PasswordAlgorithm, TransactionId, Writer,
    check, check_sha256,
};
use callbox::pure::turn::{
    AllocationId, Client, Credentials, Ledger, Limits, Link, Mode, Now, Open, Output, Relay, Rules,
    Server, Setup,
};
use callbox::pure::wire::{CallId, Millis, SessionId};

/// The relay and the clock.
pub struct World {
    pub shards: Vec<Server>,
    pub ledger: Ledger,
    pub now: Now,
    /// Whether there are sockets to have.
    pub sockets: bool,
    pub people: Vec<Person>,
    /// Open sockets, and whose they are.
    pub relays: BTreeMap<AllocationId, usize>,
    /// Everything that was ever right: names and passwords.
    pub issued: Vec<(String, String)>,
    /// What was done lately that needs somebody to have proved who they are.
    pub earned: usize,
    keys: u8,
    next_port: u16,
}

/// Who uses it, from one address.
pub struct Person {
    pub client: Client,
    pub shard: usize,
    pub call: u8,
    pub session: u8,
    pub username: String,
    pub password: String,
    pub nonce: Vec<u8>,
    pub transaction: u64,
    /// What was sent last.
    pub last: Vec<u8>,
}

/// Few, so that they are reached.
pub const LIMITS: Limits = Limits {
    allocations: 6,
    allocations_per_session: 2,
    allocations_per_ip: 4,
    channels: 3,
    permissions: 4,
    unauthenticated_replies: 50,
    authentication_failures: 20,
    allocation_rate: 80_000,
    session_rate: 120_000,
    total_rate: 400_000,
};

pub const REALM: &str = "callbox";
pub const PEOPLE: usize = 8;
const START: u64 = 1_800_000_000;
const OUR: Ipv4Addr = Ipv4Addr::new(9, 9, 9, 9);
const OUR_6: Ipv6Addr = Ipv6Addr::new(0x2a00, 9, 0, 0, 0, 0, 0, 9);

impl World {
    pub fn new(open: bool, shards: u16) -> Self {
        let rules = Rules {
            allow: Vec::new(),
            deny: Vec::new(),
            own: vec![OUR.into(), OUR_6.into()],
            listening: vec![(OUR, 3478).into()],
        };
        let mode = match open {
            true => Mode::Open(Open { ipv4: Some(OUR), ipv6: Some(OUR_6), rules }),
            false => Mode::Closed,
        };
        let credentials = Credentials::of_hub(keys(0));
        let (realm, meters) = (REALM.to_owned(), Default::default());
        let setup = Setup { mode, limits: LIMITS, realm, credentials, meters };
        let relay = Relay::new(setup, [3; 64], shards);
        let now = Now { at: Millis(5_000), unix: START };
        let mut world = Self {
            shards: (0..shards).map(|index| relay.shard(index)).collect(),
            ledger: relay.ledger(),
            now,
            sockets: true,
            people: Vec::new(),
            relays: BTreeMap::new(),
            issued: Vec::new(),
            earned: 0,
            keys: 0,
            next_port: 50_000,
        };
        for n in 0..PEOPLE as u8 {
            let ip = match n {
                // Two behind one address, two in one network.
                0 | 1 => IpAddr::from([192, 0, 2, 1]),
                6 | 7 => Ipv6Addr::new(0x2a00, 7, 7, 7, u16::from(n), 0, 0, 1).into(),
                _ => IpAddr::from([192, 0, 2, n]),
            };
            let link = if n % 3 == 2 { Link::Stream(n.into()) } else { Link::Udp(0) };
            let client = Client { link, address: SocketAddr::new(ip, 10_000 + u16::from(n)) };
            // Two calls, and one who is in both.
            let (call, session) = if n == 5 { (1, 1) } else { (n / 4, n) };
            world.people.push(Person {
                client,
                shard: usize::from(n) % usize::from(shards),
                call,
                session,
                username: String::new(),
                password: String::new(),
                nonce: Vec::new(),
                transaction: u64::from(n) << 32,
                last: Vec::new(),
            });
            world.renew(usize::from(n));
        }
        world
    }

    /// Gives somebody new credentials.
    pub fn renew(&mut self, who: usize) {
        let person = &mut self.people[who];
        let (call, session) = (call(person.call), session(person.session));
        let grant = Grant { expires: self.now.unix + 3600, call, session };
        (person.username, person.password) = keys(self.keys).issue(grant);
        self.issued.push((person.username.clone(), person.password.clone()));
    }

    pub fn turn_key(&mut self) {
        self.keys = self.keys.wrapping_add(1);
        for shard in &mut self.shards {
            shard.handle_keys(keys(self.keys));
        }
    }

    /// Lets time pass, with the timeouts that the cores ask for.
    pub fn wait(&mut self, seconds: u64) {
        let end = self.now.at.plus(Millis(seconds * 1000));
        self.now.unix += seconds;
        loop {
            let next = self.shards.iter().filter_map(Server::poll_timeout).min();
            let Some(at) = next.filter(|at| *at <= end) else { break };
            self.now.at = self.now.at.max(at);
            for place in 0..self.shards.len() {
                self.shards[place].handle_timeout(self.now);
                assert!(self.obey(place, None).is_empty(), "time is no answer");
            }
        }
        self.now.at = end;
    }

    /// Does what a shard wants, for somebody or of itself, and gives what it sends.
    pub fn obey(&mut self, place: usize, who: Option<usize>) -> Vec<(Client, Vec<u8>)> {
        let mut sent = Vec::new();
        while let Some(output) = self.shards[place].poll_output() {
            self.earned += usize::from(!matches!(output, Output::Send { .. }));
            match output {
                Output::Send { to, message } => sent.push((to, message)),
                Output::Open { allocation, .. } => {
                    let who = who.expect("somebody asked for it");
                    let port = self.sockets.then_some(self.next_port);
                    if port.is_some() {
                        self.next_port = 50_000 + (self.next_port + 1) % 10_000;
                        assert_eq!(self.relays.insert(allocation, who), None);
                    }
                    self.shards[place].handle_opened(allocation, port);
                }
                Output::Shut(allocation) => {
                    self.relays.remove(&allocation);
                }
                Output::Bound { allocation, peer } => {
                    assert_eq!(
                        self.relays.get(&allocation).copied(),
                        who,
                        "it is theirs, and open"
                    );
                    assert!(
                        ![IpAddr::from(OUR), OUR_6.into()].contains(&peer.ip()),
                        "it is outside"
                    );
                }
                Output::Close(client) => assert!(matches!(client.link, Link::Stream(_))),
                Output::Claim { allocation, claim } => {
                    let claimed = self.ledger.claim(claim);
                    self.shards[place].handle_claimed(allocation, claimed);
                }
                Output::Release(claim) => self.ledger.release(claim),
                Output::Tell(news) => {
                    for other in (0..self.shards.len()).filter(|other| *other != place) {
                        self.shards[other].handle_news(news);
                    }
                }
            }
        }
        sent
    }

    /// The person with this end, if there is one.
    pub fn whose(&self, client: Client) -> Option<usize> {
        self.people.iter().position(|person| person.client == client)
    }

    /// Whether a message proves who sent it, with anything that was ever right.
    pub fn is_proved(&self, message: &Message<'_>) -> bool {
        let name = message.first(AttributeType::USERNAME);
        let named = |username: &str| name == Some(username.as_bytes());
        self.issued.iter().filter(|(username, _)| named(username)).any(|(username, password)| {
            [PasswordAlgorithm::Md5, PasswordAlgorithm::Sha256].into_iter().any(|algorithm| {
                let key = LongTermKey::with(algorithm, username, REALM, password);
                check(message, key.as_bytes()) || check_sha256(message, key.as_bytes())
            })
        })
    }
}

impl Person {
    /// Starts a request that was not there before.
    pub fn start(&mut self, method: Method) -> Writer {
        self.transaction += 1;
        let mut id = [0; 12];
        id[..8].copy_from_slice(&self.transaction.to_be_bytes());
        Writer::new(Class::Request, method, TransactionId(id))
    }
}

/// Those of some day, with those of the day before.
fn keys(day: u8) -> Keys {
    let previous = day.checked_sub(1).map(|day| [day; 32]);
    Keys::new(&[day; 32], previous.as_ref())
}

pub fn call(n: u8) -> CallId {
    CallId::from_bytes([n + 1; 16])
}

pub fn session(n: u8) -> SessionId {
    SessionId::from_bytes([n + 1; 16])
}
