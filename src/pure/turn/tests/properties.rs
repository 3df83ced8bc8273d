//! Whatever is sent, in whatever order: no panic, and nothing is left over.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Allocate(usize),
    Refresh(usize, u32),
    Permit(usize, usize),
    Bind(usize, u16, usize),
    Channel(usize, u16, Vec<u8>),
    Indicate(usize, usize, Vec<u8>),
    Garbage(usize, Vec<u8>),
    Mangled(usize, usize, u8),
    Disconnect(usize),
    Revoke(Revocation),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let actor = 0..ACTORS;
    let data = || proptest::collection::vec(any::<u8>(), 0..80);
    let number = 0x4000_u16..0x4004;
    prop_oneof![
        4 => actor.clone().prop_map(Step::Allocate),
        1 => (actor.clone(), prop_oneof![Just(0), Just(600), any::<u32>()])
            .prop_map(|(a, lifetime)| Step::Refresh(a, lifetime)),
        4 => (actor.clone(), actor.clone()).prop_map(|(a, b)| Step::Permit(a, b)),
        4 => (actor.clone(), number.clone(), actor.clone())
            .prop_map(|(a, number, b)| Step::Bind(a, number, b)),
        4 => (actor.clone(), number, data()).prop_map(|(a, n, data)| Step::Channel(a, n, data)),
        4 => (actor.clone(), actor.clone(), data()).prop_map(|(a, b, d)| Step::Indicate(a, b, d)),
        1 => (actor.clone(), data()).prop_map(|(a, data)| Step::Garbage(a, data)),
        2 => (actor.clone(), any::<usize>(), any::<u8>())
            .prop_map(|(a, at, xor)| Step::Mangled(a, at, xor)),
        1 => prop_oneof![
            actor.prop_map(Step::Disconnect),
            (0_u8..3, 0_u8..4)
                .prop_map(|(c, s)| Step::Revoke(Revocation::Leg(call(c), session(s)))),
            (0_u8..3).prop_map(|c| Step::Revoke(Revocation::Call(call(c)))),
            (0_u8..4).prop_map(|s| Step::Revoke(Revocation::Session(session(s)))),
        ],
        2 => (0_u64..700).prop_map(Step::Pass),
    ]
}

const ACTORS: usize = 6;

/// Each with the relayed address it had last.
type Cast = Vec<(Actor, SocketAddr)>;

fn take(world: &mut World, cast: &mut Cast, step: Step) {
    let nowhere = SocketAddr::from(([198, 51, 100, 1], 50_000));
    let address = |cast: &Cast, n: usize| cast.get(n).map_or(nowhere, |(_, address)| *address);
    // Nonces of the past are part of the play; now and then a new one.
    let fresh = |world: &mut World, actor: &mut Actor| {
        if actor.transactions.is_multiple_of(8) {
            actor.nonce.clear();
        }
        actor.transactions = actor.transactions % 200 + 1;
        let _ = world;
    };
    match step {
        Step::Allocate(n) => {
            fresh(world, &mut cast[n].0);
            if let Ok(relayed) = world.allocate(&mut cast[n].0) {
                cast[n].1 = relayed;
            }
        }
        Step::Refresh(n, lifetime) => {
            fresh(world, &mut cast[n].0);
            let _ = world.refresh(&mut cast[n].0, lifetime);
        }
        Step::Permit(n, peer) => {
            let peer = address(cast, peer);
            fresh(world, &mut cast[n].0);
            let _ = world.permit(&mut cast[n].0, peer);
        }
        Step::Bind(n, number, peer) => {
            let peer = address(cast, peer);
            fresh(world, &mut cast[n].0);
            let _ = world.bind(&mut cast[n].0, number, peer);
        }
        Step::Channel(n, number, data) => relay(world, cast, n, &channel_data(number, &data)),
        Step::Indicate(n, peer, data) => {
            let bytes = send_indication(address(cast, peer), &data).finish();
            relay(world, cast, n, &bytes);
        }
        Step::Garbage(n, bytes) => {
            let _ = world.send(cast[n].0.client, &bytes);
        }
        Step::Mangled(n, at, xor) => {
            let actor = &cast[n].0;
            let mut bytes = actor.sign(actor.request(Method::CHANNEL_BIND));
            let at = at % bytes.len();
            bytes[at] ^= xor;
            let _ = world.send(actor.client, &bytes);
        }
        Step::Disconnect(n) => world.disconnect(cast[n].0.client),
        Step::Revoke(revocation) => world.revoke(revocation),
        Step::Pass(seconds) => world.pass(seconds),
    }
}

/// A relayed packet goes to another client of the same call, with its data whole.
fn relay(world: &mut World, cast: &Cast, from: usize, bytes: &[u8]) {
    if let Outcome::Relayed { to, bytes: sent } = world.send(cast[from].0.client, bytes) {
        let sender = &cast[from].0;
        let receiver = &cast.iter().find(|(actor, _)| actor.client == to).expect("one of us").0;
        let call = |actor: &Actor| Grant::parse(&actor.username).expect("a grant").call;
        assert_eq!(call(sender), call(receiver));
        assert_ne!(sender.client, receiver.client);
        let data = |bytes: &[u8]| match ChannelData::parse(bytes) {
            Some(message) => message.data.to_vec(),
            None => parse(bytes).first(AttributeType::DATA).expect("data").to_vec(),
        };
        assert_eq!(data(&sent), data(bytes));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn never_panics_and_never_leaks_an_allocation(
        steps in proptest::collection::vec(step(), 0..120),
    ) {
        let mut world = World::with(Limits {
            unauthenticated_replies: 10_000,
            authentication_failures: 10_000,
            ..Limits::default()
        });
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let actor = |world: &World, n: u16| {
            let actor = world.actor_until(n, n as u8 % 2, n as u8 / 2, START + 3600);
            let actor = if n == 0 { actor.over_stream(1) } else { actor };
            (actor, nowhere)
        };
        let mut cast: Cast = (0..ACTORS as u16).map(|n| actor(&world, n)).collect();
        for step in steps {
            take(&mut world, &mut cast, step);
            prop_assert!(world.server.allocations() <= ACTORS);
            prop_assert_eq!(world.server.deadlines.len(), world.server.allocations());
            prop_assert_eq!(world.server.by_client.len(), world.server.allocations());
        }
        world.pass(3601);
        world.assert_empty();
        world.pass(3601);
        prop_assert_eq!(world.server.poll_timeout(), None);
    }

    #[test]
    fn never_panics_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut world = World::new();
        let client = world.actor(1, 1, 1).client;
        let _ = world.send(client, &bytes);
        world.assert_empty();
    }
}
