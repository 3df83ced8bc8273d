//! Who gets in, and what a stranger hears.

use super::*;

#[test]
fn t12_unknown_attributes_are_named() {
    let mut world = World::new();
    let actor = world.actor(1, 1, 1);
    let unknown = |request: Writer| {
        request
            .attribute(AttributeType(0x0003), &[0; 4])
            .attribute(AttributeType(0x8003), b"optional")
            .attribute(AttributeType(0x7777), b"")
    };
    let answer = world.ask(actor.client, &unknown(actor.request(Method::BINDING)).finish());
    let expected = Some(&[0x00, 0x03, 0x77, 0x77][..]);
    assert_eq!(code(&parse(&answer)), Some(420));
    assert_eq!(parse(&answer).first(AttributeType::UNKNOWN_ATTRIBUTES), expected);

    let mut actor = world.actor(1, 1, 1);
    let answer = world.request(&mut actor, Method::REFRESH, unknown);
    assert_eq!(code(&parse(&answer)), Some(420));
    assert_eq!(parse(&answer).first(AttributeType::UNKNOWN_ATTRIBUTES), expected);
}

#[test]
fn t16_bindings_are_answered_up_to_a_limit_and_in_few_bytes() {
    let mut world = World::with(Limits::default());
    let ipv6 = "[2001:db8::1]:9".parse().expect("an address");
    let ipv6 = Client { link: Link::Udp(0), address: ipv6 };
    for client in [world.actor(1, 1, 1).client, ipv6] {
        let request = world.actor(1, 1, 1).request(Method::BINDING).finish();
        let answer = world.ask(client, &request);
        assert!(answer.len() <= 44, "{}", answer.len());
        let message = parse(&answer);
        let value = message.first(AttributeType::XOR_MAPPED_ADDRESS).expect("the address");
        assert_eq!(read_xor_address(value, message.transaction()), Some(client.address));
        let answered =
            (0..100).filter(|_| matches!(world.send(client, &request), Outcome::Answer(_))).count();
        assert_eq!(answered, 19, "twenty with the first");
    }
    // Another port of the same address has no share of its own.
    let elsewhere = Client { link: Link::Udp(0), address: address(2) };
    let request = world.actor(2, 1, 1).request(Method::BINDING).finish();
    assert_eq!(world.send(elsewhere, &request), Outcome::Dropped(DropReason::Throttled));
    world.pass(1);
    assert!(matches!(world.send(elsewhere, &request), Outcome::Answer(_)));
}

#[test]
fn t17_responses_and_indications_are_dropped() {
    let mut world = World::new();
    let client = world.actor(1, 1, 1).client;
    for number in 0..16 {
        for class in [Class::Indication, Class::Success, Class::Error] {
            let method = Method::new(number);
            if (class, method) != (Class::Indication, Method::SEND) {
                let bytes = Writer::new(class, method, TransactionId([1; 12])).finish();
                let outcome = world.send(client, &bytes);
                assert_eq!(outcome, Outcome::Dropped(DropReason::Unsupported));
            }
        }
    }
}

#[test]
fn t18_a_stranger_gets_a_small_challenge_and_leaves_nothing() {
    let mut world = World::new();
    let actor = world.actor(1, 1, 1);
    let bare = actor.request(Method::ALLOCATE).finish();
    let browser = actor
        .request(Method::ALLOCATE)
        .attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0])
        .finish();
    for (request, factor) in [(bare, 3.3), (browser, 2.5)] {
        let answer = world.ask(actor.client, &request);
        let ratio = answer.len() as f64 / request.len() as f64;
        assert!(ratio <= factor, "{} for {}", answer.len(), request.len());
        let message = parse(&answer);
        assert_eq!(code(&message), Some(401));
        assert_eq!(message.first(AttributeType::REALM), Some(&b"callbox"[..]));
        let kinds = message.attributes().count();
        assert_eq!(kinds, 3, "code, realm and nonce only");
    }
    world.assert_empty();
    assert_eq!(world.server.poll_timeout(), None);
}

/// How many times what was sent is answered to who has proved nothing: at most
/// 1.6 times to a Binding, 2.5 times to a request as clients make it. Of IPv6 a
/// Binding is told a longer address, so there the whole packets count.
#[test]
fn t16_t18_answers_to_strangers_are_hardly_larger_than_what_they_sent() {
    for (ip, headers) in [("192.0.2.7", 28), ("2a00:7::7", 48)] {
        let mut world = World::new();
        let address = SocketAddr::new(ip.parse().expect("an address"), 5);
        let client = Client { link: Link::Udp(0), address };
        let actor = Actor { client, ..world.actor(1, 1, 1) };
        let udp =
            |request: Writer| request.attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
        let binding = || actor.request(Method::BINDING);
        let unknown = || binding().attribute(AttributeType(0x0003), &[0, 0, 0, 2]);
        for request in [binding(), binding().fingerprint(), unknown()] {
            let request = request.finish();
            let answer = world.ask(client, &request).len();
            if headers == 28 {
                assert!(answer as f64 <= 1.6 * request.len() as f64, "{answer}");
            }
            let (answer, request) = (answer + headers, request.len() + headers);
            assert!(answer as f64 <= 1.6 * request as f64, "{answer} for {request}");
        }
        let allocate = || udp(actor.request(Method::ALLOCATE));
        let mut stale = actor.clone();
        (stale.realm, stale.nonce) = (b"callbox".to_vec(), vec![b'x'; 20]);
        let proof = |request| stale.name(request).integrity(&[1; 16]);
        let lifetime = actor.request(Method::REFRESH).attribute(AttributeType::LIFETIME, &[0; 4]);
        let requests = [
            allocate(),
            allocate().fingerprint(),
            udp(allocate().attribute(AttributeType::REQUESTED_ADDRESS_FAMILY, &[2, 0, 0, 0])),
            lifetime,
            proof(allocate()),
            proof(actor.request(Method::CREATE_PERMISSION)),
            allocate().integrity(&[1; 16]),
        ];
        for request in requests {
            let request = request.finish();
            let answer = world.ask(client, &request).len();
            assert!(answer as f64 <= 2.5 * request.len() as f64, "{answer} for {}", request.len());
        }
        world.assert_empty();
    }
}

#[test]
fn t20_garbage_integrity_without_our_nonce_is_stale() {
    let mut world = World::new();
    let mut actor = world.actor(1, 1, 1);
    actor.realm = b"callbox".to_vec();
    actor.nonce = b"12345678901234567890".to_vec();
    let request = actor
        .name(actor.request(Method::ALLOCATE))
        .attribute(AttributeType::MESSAGE_INTEGRITY, &[0xAA; 20])
        .finish();
    let answer = world.ask(actor.client, &request);
    assert_eq!(code(&parse(&answer)), Some(438));
    assert!(parse(&answer).first(AttributeType::NONCE).is_some());
    world.assert_empty();
}

#[test]
fn t21_a_nonce_is_good_for_one_address_and_port() {
    let mut world = World::new();
    let mut actor = world.actor(1, 1, 1);
    world.challenge(&mut actor);
    // The same IP address with another port, and another IP address.
    for place in [2, 0x100 + 1] {
        let mut thief = actor.moved(place);
        thief.nonce = actor.nonce.clone();
        assert_eq!(world.allocate(&mut thief), Err(438));
    }
    assert!(world.allocate(&mut actor).is_ok());
}

#[test]
fn t22_broken_or_old_nonces_are_stale() {
    let mut world = World::new();
    let mut actor = world.actor(1, 1, 1);
    world.challenge(&mut actor);
    let good = actor.nonce.clone();
    let mut flipped = good.clone();
    flipped[3] ^= 1;
    let broken = [vec![], good[..19].to_vec(), vec![b'A'; 128], vec![0xFF; 20], flipped];
    for nonce in broken {
        let mut actor = actor.clone();
        actor.nonce = nonce;
        let request = actor.sign(actor.request(Method::ALLOCATE));
        let answer = world.ask(actor.client, &request);
        assert_eq!(code(&parse(&answer)), Some(438));
    }
    world.pass(600);
    assert_eq!(world.refresh(&mut actor, 600), Err(437), "just fresh");
    world.pass(1);
    assert_eq!(world.refresh(&mut actor, 600), Err(438));
    // From the future: the clock of this server never goes back, so it is none of ours.
    let mut later = World::new();
    later.pass(60);
    let mut other = later.actor(1, 1, 1);
    later.challenge(&mut other);
    let mut earlier = World::new();
    assert_eq!(earlier.refresh(&mut other, 600), Err(438));
}

#[test]
fn t23_a_client_recovers_after_a_restart() {
    let mut world = World::new();
    let mut actor = world.actor(1, 1, 1);
    world.allocate(&mut actor).expect("an allocation");
    let mut secret = [3; 64];
    secret[0] = 4;
    let relay = Relay::new(setup(Limits::default()), secret, 1);
    (world.server, world.ledger) = (relay.shard(0), Rc::new(RefCell::new(relay.ledger())));
    let answer = world.request(&mut actor, Method::REFRESH, |request| request);
    assert_eq!(code(&parse(&answer)), Some(438));
    actor.nonce = parse(&answer).first(AttributeType::NONCE).expect("a new one").to_vec();
    assert_eq!(world.refresh(&mut actor, 600), Err(437));
    assert!(world.allocate(&mut actor).is_ok());
}

#[test]
fn t24_t25_a_wrong_proof_is_refused() {
    let mut world = World::new();
    let mut actor = world.actor(1, 1, 1);
    world.challenge(&mut actor);
    let wrong = Actor { password: "wrong".to_owned(), ..actor.clone() };
    assert_eq!(world.allocate(&mut wrong.clone()), Err(401));
    for length in [16, 19, 21, 32] {
        let request = actor
            .name(actor.request(Method::ALLOCATE))
            .attribute(AttributeType::MESSAGE_INTEGRITY, &vec![0; length])
            .finish();
        let answer = world.ask(actor.client, &request);
        assert_eq!(code(&parse(&answer)), Some(401));
    }
    let anonymous = actor.request(Method::ALLOCATE).integrity(b"").finish();
    let answer = world.ask(actor.client, &anonymous);
    assert_eq!(code(&parse(&answer)), Some(400));
    world.assert_empty();
}

#[test]
fn another_realm_is_refused_whatever_the_proof() {
    let mut world = World::new();
    let mut actor = world.actor(1, 1, 1);
    world.challenge(&mut actor);
    let request = actor
        .request(Method::ALLOCATE)
        .attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0])
        .attribute(AttributeType::USERNAME, actor.username.as_bytes())
        .attribute(AttributeType::REALM, b"elsewhere")
        .attribute(AttributeType::NONCE, &actor.nonce)
        .integrity(actor.key().as_bytes())
        .finish();
    let answer = world.ask(actor.client, &request);
    assert_eq!(code(&parse(&answer)), Some(401));
    world.assert_empty();
    assert!(world.allocate(&mut actor).is_ok());
}

#[test]
fn wrong_credentials_are_answered_ten_times_and_right_ones_always() {
    let mut world = World::new();
    let mut actor = world.actor(1, 1, 1);
    world.challenge(&mut actor);
    let wrong = Actor { password: "wrong".to_owned(), ..actor.clone() };
    let request = wrong.sign(wrong.request(Method::ALLOCATE));
    for _ in 0..10 {
        assert!(matches!(world.send(actor.client, &request), Outcome::Answer(_)));
    }
    for _ in 0..10 {
        let outcome = world.send(actor.client, &request);
        assert_eq!(outcome, Outcome::Dropped(DropReason::Throttled));
    }
    assert!(world.allocate(&mut actor).is_ok(), "others behind the same address get on");
    world.pass(60);
    assert!(matches!(world.send(actor.client, &request), Outcome::Answer(_)));
}

#[test]
fn t26_t28_strange_usernames_are_refused_like_wrong_passwords() {
    let mut world = World::with(Limits {
        unauthenticated_replies: 10_000,
        authentication_failures: 1000,
        ..Limits::default()
    });
    let mut actor = world.actor(1, 1, 1);
    world.challenge(&mut actor);
    let ids = actor.username.split_once(':').expect("a colon").1.to_owned();
    let mut names: Vec<Vec<u8>> = vec![
        vec![b'a'; 129],
        b"nul\0".to_vec(),
        b"a\r\nb".to_vec(),
        b"%s%n".to_vec(),
        vec![0xFF, 0xFE],
        b"\"'".to_vec(),
        b"".to_vec(),
        b"1900000000".to_vec(),
    ];
    for expires in ["9223372036854775808", "-1", "1e9", " 1900000000", ""] {
        names.push(format!("{expires}:{ids}").into_bytes());
    }
    for name in names {
        let key = md5_key(&name);
        let request = actor
            .request(Method::ALLOCATE)
            .attribute(AttributeType::USERNAME, &name)
            .attribute(AttributeType::REALM, &actor.realm)
            .attribute(AttributeType::NONCE, &actor.nonce)
            .attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0])
            .integrity(&key)
            .finish();
        let answer = world.ask(actor.client, &request);
        assert_eq!(code(&parse(&answer)), Some(401), "{name:?}");
    }
    world.assert_empty();
}

/// The key that the server's own passwords would give this name.
fn md5_key(name: &[u8]) -> Vec<u8> {
    let name = String::from_utf8_lossy(name);
    let password = keys().passwords(&name).next().expect("at least one");
    LongTermKey::new(&name, "callbox", &password).as_bytes().to_vec()
}

#[test]
fn t27_expired_credentials_refresh_but_do_not_allocate() {
    let mut world = World::new();
    let mut actor = world.actor_until(1, 1, 1, START + 100);
    world.allocate(&mut actor).expect("an allocation");
    world.pass(100);
    assert_eq!(world.refresh(&mut actor, 600), Ok(600));
    let mut late = world.actor_until(2, 1, 1, START + 100);
    assert_eq!(world.allocate(&mut late), Err(401));
}

#[test]
fn t31_other_credentials_on_an_allocation_are_refused() {
    let mut world = World::new();
    let (mut actor, _) = world.member(1, 1, 1);
    let (_, at_b) = world.member(2, 1, 2);
    let mut other = world.actor(1, 1, 3);
    assert_eq!(world.refresh(&mut other, 0), Err(441));
    assert_eq!(world.permit(&mut other, at_b), Err(441));
    assert_eq!(world.bind(&mut other, 0x4000, at_b), Err(441));
    assert_eq!(world.refresh(&mut actor, 600), Ok(600));
}

#[test]
fn t32_another_realm_is_refused() {
    let mut world = World::new();
    let mut actor = world.actor(1, 1, 1);
    world.challenge(&mut actor);
    actor.realm = b"elsewhere".to_vec();
    assert_eq!(world.allocate(&mut actor), Err(401));
    actor.realm = b"callbox".to_vec();
    let origin = |request: Writer| request.attribute(AttributeType(0x802F), b"https://evil");
    assert!(world.allocate_with(&mut actor, origin).is_ok());
}

#[test]
fn t35_sha256_integrity_is_judged_alone_and_answered_in_kind() {
    let mut world = World::new();
    let mut actor = world.actor(1, 1, 1);
    world.challenge(&mut actor);
    let named = |actor: &Actor| {
        let request = actor.request(Method::ALLOCATE);
        actor.name(request.attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0]))
    };
    // MESSAGE-INTEGRITY right, the other wrong.
    let key = actor.key();
    let mixed = named(&actor).integrity(key.as_bytes()).integrity_sha256(b"wrong").finish();
    let answer = world.ask(actor.client, &mixed);
    assert_eq!(code(&parse(&answer)), Some(401));
    let right = named(&actor).integrity_sha256(key.as_bytes()).finish();
    let answer = world.ask(actor.client, &right);
    assert_eq!(code(&parse(&answer)), None);
    assert!(crate::pure::stun::check_sha256(&parse(&answer), key.as_bytes()));
}

#[test]
fn t71_a_jump_of_the_wall_clock_disturbs_no_one_who_is_in() {
    let mut world = World::new();
    let (mut actor, _) = world.member(1, 1, 1);
    for unix in [START - 3600, START + 3600] {
        world.now.unix = unix;
        assert_eq!(world.refresh(&mut actor, 600), Ok(600));
    }
    let mut newcomer = world.actor(2, 1, 2);
    assert!(world.allocate(&mut newcomer).is_ok());
}
