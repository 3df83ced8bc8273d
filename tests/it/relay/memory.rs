//! What an allocation costs, in memory that the process really has.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;

use callbox::pure::auth::relay::{Grant, Keys};
use callbox::pure::stun::{
    AttributeType, Class, LongTermKey, Message, Method, TransactionId, Writer, read_xor_address,
};
use callbox::pure::turn::{
    Client, Credentials, Ledger, Limits, Link, Mode, Now, Output, Relay, Server, Setup, Size,
};
use callbox::pure::wire::{CallId, Millis, SessionId};

use super::namespaces::resident;

const INSIDE: &str = "CALLBOX_TEST_MEMORY";
const NOW: Now = Now { at: Millis(1_000), unix: 1_800_000_000 };
const CALLS: u32 = 2_000;

/// A leg of a call, at an address of its own.
struct Leg {
    client: Client,
    username: String,
    key: LongTermKey,
    nonce: Vec<u8>,
    transactions: u32,
}

struct World {
    server: Server,
    ledger: Ledger,
    keys: Keys,
}

impl World {
    fn new() -> Self {
        let keys = Keys::new(&[7; 32], None);
        let limits = Limits {
            allocations: usize::MAX,
            unauthenticated_replies: 1_000_000,
            ..Limits::default()
        };
        let credentials = Credentials::of_hub(keys.clone());
        let (realm, meters) = ("callbox".to_owned(), Default::default());
        let setup = Setup { mode: Mode::Closed, limits, realm, credentials, meters };
        let relay = Relay::new(setup, [3; 64], 1);
        Self { server: relay.shard(0), ledger: relay.ledger(), keys }
    }

    fn ask(&mut self, client: Client, request: &[u8]) -> Vec<u8> {
        self.server.handle_datagram(NOW, client, request);
        let mut answer = Vec::new();
        while let Some(output) = self.server.poll_output() {
            match output {
                Output::Send { message, .. } => answer = message,
                Output::Claim { allocation, claim } => {
                    let claimed = self.ledger.claim(claim);
                    self.server.handle_claimed(allocation, claimed);
                }
                Output::Release(claim) => self.ledger.release(claim),
                other => panic!("{other:?}"),
            }
        }
        answer
    }

    fn leg(&mut self, call: u32, session: u32) -> (Leg, SocketAddr) {
        let id = |n: u32| u128::from(n).to_be_bytes();
        let grant = Grant {
            expires: NOW.unix + 3600,
            call: CallId::from_bytes(id(call)),
            session: SessionId::from_bytes(id(session)),
        };
        let (username, password) = self.keys.issue(grant);
        let address = SocketAddr::new(Ipv4Addr::from_bits(0x0A00_0000 | session).into(), 40_000);
        let client = Client { link: Link::Udp(0), address };
        let key = LongTermKey::new(&username, "callbox", &password);
        let mut leg = Leg { client, username, key, nonce: Vec::new(), transactions: 0 };
        let challenge = self.ask(client, &leg.start(Method::ALLOCATE).finish());
        let challenge = Message::parse(&challenge).expect("an answer");
        leg.nonce = challenge.first(AttributeType::NONCE).expect("a nonce").to_vec();
        let answer = self.request(&mut leg, Method::ALLOCATE, |request| {
            request.attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0])
        });
        let answer = Message::parse(&answer).expect("an answer");
        let relayed = answer.first(AttributeType::XOR_RELAYED_ADDRESS).expect("an address");
        (leg, read_xor_address(relayed, answer.transaction()).expect("an address"))
    }

    fn request(
        &mut self,
        leg: &mut Leg,
        method: Method,
        fill: impl FnOnce(Writer) -> Writer,
    ) -> Vec<u8> {
        let request = fill(leg.start(method))
            .attribute(AttributeType::USERNAME, leg.username.as_bytes())
            .attribute(AttributeType::REALM, b"callbox")
            .attribute(AttributeType::NONCE, &leg.nonce)
            .integrity(leg.key.as_bytes())
            .finish();
        let answer = self.ask(leg.client, &request);
        assert_eq!(Message::parse(&answer).expect("an answer").class(), Class::Success);
        answer
    }

    /// A permission and a channel, as a browser has them.
    fn meet(&mut self, leg: &mut Leg, peer: SocketAddr) {
        let peer = |request: Writer| request.xor_address(AttributeType::XOR_PEER_ADDRESS, peer);
        self.request(leg, Method::CREATE_PERMISSION, peer);
        self.request(leg, Method::CHANNEL_BIND, |request| {
            peer(request.attribute(AttributeType::CHANNEL_NUMBER, &[0x40, 1, 0, 0]))
        });
    }

    /// A call of two legs that can talk.
    fn call(&mut self, n: u32) {
        let (mut a, at_a) = self.leg(n, 2 * n);
        let (mut b, at_b) = self.leg(n, 2 * n + 1);
        self.meet(&mut a, at_b);
        self.meet(&mut b, at_a);
    }
}

impl Leg {
    fn start(&mut self, method: Method) -> Writer {
        self.transactions += 1;
        let mut id = [0; 12];
        id[..4].copy_from_slice(&self.transactions.to_be_bytes());
        Writer::new(Class::Request, method, TransactionId(id))
    }
}

/// Whether this is the inside, a process of its own: what other tests hold is
/// none of its business. On the outside, runs the inside to its end first.
fn is_inside(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let own = std::env::current_exe().expect("our own file");
    let mut inside = Command::new(own);
    inside.args([test, "--exact", "--nocapture"]).env(INSIDE, "1");
    let output = inside.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{wrong}");
    print!("{said}");
    false
}

#[test]
fn an_allocation_with_a_permission_and_a_channel_takes_at_most_2_kb() {
    if !is_inside("relay::memory::an_allocation_with_a_permission_and_a_channel_takes_at_most_2_kb")
    {
        return;
    }
    let mut world = World::new();
    for call in 0..100 {
        world.call(call);
    }
    let before = resident();
    for call in 100..100 + CALLS {
        world.call(call);
    }
    let bytes = (resident() - before) * 1024 / u64::from(2 * CALLS);
    println!("{bytes} bytes for each of {} allocations", 2 * CALLS);
    assert_eq!(world.server.allocations(), 2 * (100 + CALLS as usize));
    assert!((200..=2_000).contains(&bytes), "{bytes}");
}

#[test]
fn t45_calls_that_come_and_go_by_the_thousand_leave_no_memory() {
    if !is_inside("relay::memory::t45_calls_that_come_and_go_by_the_thousand_leave_no_memory") {
        return;
    }
    let rounds = std::env::var("T45_ROUNDS").ok().and_then(|text| text.parse().ok());
    let rounds: u32 = rounds.unwrap_or(10_000);
    let mut world = World::new();
    let mut before = None;
    for n in 0..rounds {
        let (mut a, _) = world.leg(n, n);
        world.request(&mut a, Method::REFRESH, |request| {
            request.attribute(AttributeType::LIFETIME, &[0; 4])
        });
        assert_eq!(world.server.size(), Size::default());
        // By then as many calls that are over are remembered as ever will be.
        if n == rounds / 5 {
            before = Some(resident());
        }
    }
    let grown = resident().saturating_sub(before.expect("it was measured"));
    println!("{grown} KiB more after {rounds} allocations");
    assert!(grown <= 512, "{grown} KiB");
}
