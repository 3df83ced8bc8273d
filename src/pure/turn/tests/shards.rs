//! Clients of one call in different shards.

use super::*;

/// Two shards of one relay; everything one tells reaches the other at once.
struct Pair([World; 2]);

impl Pair {
    fn of(setup: Setup) -> Self {
        let shards: [World; 2] =
            World::shards(setup, 2).try_into().unwrap_or_else(|_| panic!("two shards"));
        Self(shards)
    }

    fn new() -> Self {
        Self::of(setup(wide()))
    }

    fn tell(&mut self) {
        let [a, b] = &mut self.0;
        a.told.drain(..).for_each(|news| b.server.handle_news(news));
        b.told.drain(..).for_each(|news| a.server.handle_news(news));
    }

    /// A client with an allocation in a shard, and its relayed address.
    fn member(&mut self, shard: usize, place: u16, call: u8, session: u8) -> (Actor, SocketAddr) {
        let member = self.0[shard].member(place, call, session);
        self.tell();
        member
    }

    /// Sends from one shard, through the other.
    fn send(&mut self, shard: usize, client: Client, bytes: &[u8]) -> Outcome {
        match self.0[shard].send(client, bytes) {
            Outcome::Passed(passed, data) => {
                assert_eq!(passed.shard(), 1 - shard);
                let world = &mut self.0[1 - shard];
                let verdict = world.server.handle_passed(world.now, &passed, data.len());
                world.outcome(verdict, None, &data)
            }
            other => other,
        }
    }

    fn assert_empty(&mut self) {
        self.tell();
        self.0.iter().for_each(World::assert_empty);
    }
}

fn wide() -> Limits {
    Limits { unauthenticated_replies: 10_000, ..Limits::default() }
}

fn open_setup() -> Setup {
    let rules =
        Rules { allow: Vec::new(), deny: Vec::new(), own: Vec::new(), listening: Vec::new() };
    let mode = Mode::Open(Open { ipv4: Some(Ipv4Addr::new(9, 9, 9, 9)), ipv6: None, rules });
    Setup { mode, ..setup(wide()) }
}

#[test]
fn packets_pass_from_shard_to_shard_by_channel_and_indication() {
    for setup in [setup(wide()), open_setup()] {
        let mut pair = Pair::of(setup);
        let (mut a, at_a) = pair.member(0, 1, 1, 1);
        let (mut b, at_b) = pair.member(1, 2, 1, 2);
        assert_eq!(pair.0[0].bind(&mut a, 0x4001, at_b), Ok(()));
        let bytes = channel_data(0x4001, b"there");
        let refused = Outcome::Dropped(DropReason::NoPermission);
        assert_eq!(pair.send(0, a.client, &bytes), refused, "its receiver has not permitted it");
        assert_eq!(pair.0[1].permit(&mut b, at_a), Ok(()));
        let Outcome::Relayed { to, bytes } = pair.send(0, a.client, &bytes) else {
            panic!("it passes")
        };
        assert_eq!((to, data_of(&bytes)), (b.client, (at_a, b"there".to_vec())));
        let back = send_indication(at_a, b"back").finish();
        let expected = Outcome::Relayed { to: a.client, bytes: channel_data(0x4001, b"back") };
        assert_eq!(pair.send(1, b.client, &back), expected);
        for (shard, actor) in [(0, &mut a), (1, &mut b)] {
            assert_eq!(pair.0[shard].refresh(actor, 0), Ok(0));
        }
        pair.assert_empty();
    }
}

#[test]
fn t55_foreign_and_freed_addresses_of_another_shard_are_no_peers() {
    for setup in [setup(wide()), open_setup()] {
        let mut pair = Pair::of(setup);
        let (mut a, _) = pair.member(0, 1, 1, 1);
        let (mut b, at_b) = pair.member(1, 2, 1, 2);
        let (mut stranger, at_stranger) = pair.member(1, 3, 2, 3);
        for peer in [at_stranger, SocketAddr::new(at_b.ip(), 0)] {
            assert_eq!(pair.0[0].permit(&mut a, peer), Err(403));
            let bytes = send_indication(peer, b"x").finish();
            assert_eq!(pair.send(0, a.client, &bytes), Outcome::Dropped(DropReason::NoPeer));
        }
        assert_eq!(pair.0[1].permit(&mut stranger, at_b), Err(403));
        assert_eq!(pair.0[0].bind(&mut a, 0x4000, at_b), Ok(()));
        assert_eq!(pair.0[1].refresh(&mut b, 0), Ok(0));
        let bytes = channel_data(0x4000, b"late");
        assert_eq!(pair.send(0, a.client, &bytes), Outcome::Dropped(DropReason::NoPeer));
        pair.tell();
        // Where there are sockets, it is an address of the internet again.
        let freed = if pair.0[0].server.is_open() { Ok(()) } else { Err(403) };
        assert_eq!(pair.0[0].permit(&mut a, at_b), freed);
        // Whoever comes next does not inherit what was bound.
        pair.member(1, 4, 1, 4);
        assert_eq!(pair.send(0, a.client, &bytes), Outcome::Dropped(DropReason::NoPeer));
    }
}

#[test]
fn a_leg_has_one_address_in_all_shards_and_each_shard_ports_of_its_own() {
    let mut pair = Pair::new();
    let (_, first) = pair.member(0, 1, 1, 1);
    let (_, other) = pair.member(1, 2, 1, 2);
    assert_ne!(first.ip(), other.ip());
    let mut ports = vec![first.port(), other.port()];
    for n in 0..50 {
        let (_, relayed) = pair.member(n % 2, 10 + n as u16, 1, 1);
        assert_eq!(relayed.ip(), first.ip());
        assert_eq!(usize::from(relayed.port()) % 2, n % 2, "the port tells the shard");
        ports.push(relayed.port());
    }
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 52);
}

#[test]
fn t44_quotas_are_for_all_shards_together() {
    let limits = Limits { allocations_per_session: 3, allocations: 5, ..wide() };
    let mut pair = Pair::of(setup(limits));
    let (mut first, _) = pair.member(0, 1, 1, 1);
    pair.member(1, 2, 1, 1);
    pair.member(0, 3, 2, 1);
    let mut one_more = pair.0[1].actor(4, 3, 1);
    assert_eq!(pair.0[1].allocate(&mut one_more), Err(486));
    pair.member(1, 5, 1, 2);
    pair.member(1, 6, 1, 2);
    let mut full = pair.0[0].actor(7, 1, 3);
    assert_eq!(pair.0[0].allocate(&mut full), Err(508));
    assert_eq!(pair.0[0].refresh(&mut first, 0), Ok(0));
    assert!(pair.0[1].allocate(&mut one_more).is_ok());

    let mut pair = Pair::of(setup(Limits { allocations_per_ip: 2, ..wide() }));
    pair.member(0, 1, 1, 1);
    pair.member(1, 2, 1, 2);
    let mut one_more = pair.0[0].actor(3, 1, 3);
    assert_eq!(pair.0[0].allocate(&mut one_more), Err(486));
}

#[test]
fn t18_strangers_are_answered_so_often_by_all_shards_together() {
    let mut pair = Pair::of(setup(Limits { unauthenticated_replies: 10, ..Limits::default() }));
    let binding = Writer::new(Class::Request, Method::BINDING, TransactionId([1; 12])).finish();
    let answers = (0..100_u16).filter(|n| {
        let world = &mut pair.0[usize::from(n % 2)];
        let client = Client { link: Link::Udp(0), address: address(*n) };
        matches!(world.send(client, &binding), Outcome::Answer(_))
    });
    assert_eq!(answers.count(), 10);
}

#[test]
fn t67_what_a_session_may_send_is_for_all_shards_together() {
    let limits = Limits { session_rate: 8 * 64_000, allocation_rate: 8 * 64_000, ..wide() };
    let mut pair = Pair::of(setup(limits));
    let bytes = channel_data(0x4000, &[0; 968]);
    let mut senders = Vec::new();
    for shard in [0, 1] {
        let place = 10 * shard as u16;
        let (mut sender, at_sender) = pair.member(shard, place, 1, 1);
        let (mut receiver, at_receiver) = pair.member(1 - shard, place + 1, 1, 2);
        pair.0[shard].bind(&mut sender, 0x4000, at_receiver).expect("a peer");
        pair.0[1 - shard].permit(&mut receiver, at_sender).expect("a peer");
        senders.push(sender.client);
    }
    let passed = |pair: &mut Pair| {
        let sent = (0..200).filter(|n| {
            let outcome = pair.send(n % 2, senders[n % 2], &bytes);
            matches!(outcome, Outcome::Relayed { .. })
        });
        sent.count()
    };
    // Half a second of it, of which a portion may be left in each shard.
    assert!((30..=32).contains(&passed(&mut pair)));
    for world in &mut pair.0 {
        world.now.at = world.now.at.plus(Millis(250));
    }
    assert!((14..=18).contains(&passed(&mut pair)));
}

#[test]
fn t70_a_revocation_ends_what_is_in_every_shard() {
    let mut pair = Pair::new();
    let (mut a, _) = pair.member(0, 1, 1, 1);
    let (_, at_b) = pair.member(1, 2, 1, 2);
    pair.0[0].bind(&mut a, 0x4000, at_b).expect("a peer");
    for world in &mut pair.0 {
        world.revoke(Revocation::Call(call(1)));
    }
    let bytes = channel_data(0x4000, b"x");
    assert_eq!(pair.send(0, a.client, &bytes), Outcome::Dropped(DropReason::NoAllocation));
    pair.assert_empty();
}

#[test]
fn a_claim_that_is_answered_too_late_is_given_back() {
    let mut pair = Pair::new();
    let world = &mut pair.0[0];
    let mut actor = world.actor(1, 1, 1);
    world.challenge(&mut actor);
    let request = actor.request(Method::ALLOCATE);
    let request = actor.sign(request.attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0]));
    assert_eq!(world.server.handle_datagram(world.now, actor.client, &request), Verdict::Handled);
    let Some(Output::Claim { allocation, claim }) = world.server.poll_output() else {
        panic!("a claim")
    };
    // Again, and then away, before the ledger has said anything.
    assert_eq!(world.server.handle_datagram(world.now, actor.client, &request), Verdict::Handled);
    assert_eq!(world.server.poll_output(), None);
    world.server.handle_disconnect(actor.client);
    assert_eq!(world.server.poll_output(), None, "it did not count yet");
    let claimed = world.ledger.borrow_mut().claim(claim);
    world.server.handle_claimed(allocation, claimed);
    assert_eq!(world.obey(), None);
    pair.assert_empty();
}

#[test]
fn news_in_whatever_order_leave_nothing_behind() {
    let mut pair = Pair::of(open_setup());
    let (mut a, _) = pair.member(0, 1, 1, 1);
    assert_eq!(pair.0[0].refresh(&mut a, 0), Ok(0));
    // The other shard gets the port before it hears that it is free.
    pair.0[1].next_port = Some(50_000);
    let mut b = pair.0[1].actor(2, 1, 2);
    let at_b = pair.0[1].allocate(&mut b).expect("an allocation");
    assert_eq!(at_b.port(), 50_000);
    let (left, joined) = (pair.0[0].told.remove(0), pair.0[1].told.remove(0));
    pair.0[1].server.handle_news(left);
    pair.0[0].server.handle_news(joined);
    let (mut c, at_c) = pair.member(0, 3, 1, 3);
    assert_eq!(pair.0[0].permit(&mut c, at_b), Ok(()));
    assert_eq!(pair.0[1].permit(&mut b, at_c), Ok(()));
    let bytes = send_indication(at_b, b"x").finish();
    assert!(matches!(pair.send(0, c.client, &bytes), Outcome::Relayed { .. }));
    assert_eq!(pair.0[1].refresh(&mut b, 0), Ok(0));
    assert_eq!(pair.0[0].refresh(&mut c, 0), Ok(0));
    pair.assert_empty();
}
