//! Password algorithms and USERHASH: RFC 8489, 9.2, and who bids them down.

use std::collections::HashMap;

use super::*;
use crate::pure::stun::{PasswordAlgorithm, check_sha256, user_hash};

const OFFER: [u8; 8] = [0, 2, 0, 0, 0, 1, 0, 0];

fn world() -> World {
    let limits = Limits {
        unauthenticated_replies: 10_000,
        authentication_failures: 1000,
        ..Limits::default()
    };
    let users = HashMap::from([("anna".to_owned(), "secret".to_owned())]);
    let credentials = Credentials { users, ..Credentials::of_hub(keys()) };
    World::of(Setup { credentials, ..setup(limits) })
}

/// A named user on a stream, with a nonce of its own.
fn anna(world: &mut World, number: u32) -> Actor {
    let actor = world.actor(number as u16, 1, 1).over_stream(number);
    let (username, password) = ("anna".to_owned(), "secret".to_owned());
    let mut anna = Actor { username, password, ..actor };
    world.challenge(&mut anna);
    anna
}

/// An Allocate request up to its proof.
fn named(anna: &Actor, offer: Option<&[u8]>, chosen: Option<&[u8]>) -> Writer {
    let request = anna.request(Method::ALLOCATE);
    let mut request =
        anna.name(request.attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0]));
    if let Some(offer) = offer {
        request = request.attribute(AttributeType::PASSWORD_ALGORITHMS, offer);
    }
    if let Some(chosen) = chosen {
        request = request.attribute(AttributeType::PASSWORD_ALGORITHM, chosen);
    }
    request
}

fn key(algorithm: PasswordAlgorithm) -> LongTermKey {
    LongTermKey::with(algorithm, "anna", "callbox", "secret")
}

#[test]
fn algorithms_are_offered_to_streams_only() {
    let mut world = world();
    let actor = world.actor(1, 1, 1);
    for (client, offered) in [(actor.client, None), (actor.over_stream(1).client, Some(&OFFER[..]))]
    {
        let answer = world.ask(client, &actor.request(Method::ALLOCATE).finish());
        let message = parse(&answer);
        assert_eq!(message.first(AttributeType::PASSWORD_ALGORITHMS), offered);
        let nonce = message.first(AttributeType::NONCE).expect("a nonce");
        assert_eq!(nonce.starts_with(b"obMatJos2gAAA"), offered.is_some());
    }
}

#[test]
fn t33_t34_an_offer_is_answered_as_it_was_made_or_refused() {
    let mut world = world();
    let sha256 = PasswordAlgorithm::Sha256;
    let md5 = PasswordAlgorithm::Md5;
    let swapped: &[u8] = &[0, 1, 0, 0, 0, 2, 0, 0];
    type Case<'a> = (Option<&'a [u8]>, Option<&'a [u8]>, PasswordAlgorithm, Result<(), u16>);
    let cases: [Case<'_>; 12] = [
        (None, None, md5, Ok(())),
        (Some(&OFFER), Some(&[0, 1, 0, 0]), md5, Ok(())),
        (Some(&OFFER), Some(&[0, 2, 0, 0]), sha256, Ok(())),
        (Some(&OFFER), Some(&[0, 2, 0, 0]), md5, Err(401)),
        (None, None, sha256, Err(401)),
        // Cut down, turned round, or only one of the two.
        (Some(&[0, 1, 0, 0]), Some(&[0, 1, 0, 0]), md5, Err(400)),
        (Some(swapped), Some(&[0, 1, 0, 0]), md5, Err(400)),
        (Some(&OFFER), None, md5, Err(400)),
        (None, Some(&[0, 1, 0, 0]), md5, Err(400)),
        // None of those offered, or no algorithm at all.
        (Some(&OFFER), Some(&[0, 3, 0, 0]), md5, Err(400)),
        (Some(&OFFER), Some(&[0, 1]), md5, Err(400)),
        (Some(&OFFER), Some(&[]), md5, Err(400)),
    ];
    for (number, (offer, chosen, algorithm, expected)) in (1..).zip(cases) {
        let anna = anna(&mut world, number);
        let key = key(algorithm);
        let request = named(&anna, offer, chosen).integrity_sha256(key.as_bytes()).finish();
        let answer = world.ask(anna.client, &request);
        assert_eq!(result(&answer), expected, "{offer:?} {chosen:?}");
        assert_eq!(check_sha256(&parse(&answer), key.as_bytes()), expected.is_ok());
    }
}

#[test]
fn t33_a_nonce_without_its_cookie_is_none() {
    let mut world = world();
    let mut anna = anna(&mut world, 1);
    let whole = anna.nonce.clone();
    anna.nonce = whole[13..].to_vec();
    assert_eq!(world.allocate(&mut anna), Err(438), "cut off on the way");
    anna.nonce = [b"obMatJos2AAAA", &whole[13..]].concat();
    assert_eq!(world.allocate(&mut anna), Err(438), "the bit taken out");
    // Nor does one that was given without an offer become one with it.
    let mut over_udp = world.actor(2, 1, 1);
    world.challenge(&mut over_udp);
    let bare = over_udp.nonce.clone();
    over_udp.nonce = [b"obMatJos2gAAA", &bare[..]].concat();
    assert_eq!(world.allocate(&mut over_udp), Err(438));
    over_udp.nonce = bare;
    let chosen = over_udp.name(over_udp.request(Method::ALLOCATE));
    let chosen = chosen.attribute(AttributeType::PASSWORD_ALGORITHM, &[0, 1, 0, 0]);
    let answer = world.ask(over_udp.client, &chosen.integrity(over_udp.key().as_bytes()).finish());
    assert_eq!(code(&parse(&answer)), Some(400), "nothing was offered");
    anna.nonce = whole;
    assert!(world.allocate(&mut anna).is_ok());
}

#[test]
fn t34_a_cut_sha256_integrity_is_refused() {
    let mut world = world();
    let anna = anna(&mut world, 1);
    let whole = named(&anna, None, None).integrity_sha256(key(PasswordAlgorithm::Md5).as_bytes());
    let whole = whole.finish();
    let tag = parse(&whole).first(AttributeType::MESSAGE_INTEGRITY_SHA256).expect("a tag").to_vec();
    for length in [0, 15, 16, 17, 20, 28, 31] {
        let request = named(&anna, None, None)
            .attribute(AttributeType::MESSAGE_INTEGRITY_SHA256, &tag[..length])
            .finish();
        let answer = world.ask(anna.client, &request);
        assert_eq!(code(&parse(&answer)), Some(401), "{length}");
    }
    assert_eq!(result(&world.ask(anna.client, &whole)), Ok(()));
}

#[test]
fn t36_a_user_may_come_as_a_hash() {
    let mut world = world();
    let anna = anna(&mut world, 1);
    let request = |hash: &[u8]| {
        anna.request(Method::ALLOCATE)
            .attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0])
            .attribute(AttributeType::USERHASH, hash)
            .attribute(AttributeType::REALM, &anna.realm)
            .attribute(AttributeType::NONCE, &anna.nonce)
            .integrity(anna.key().as_bytes())
            .finish()
    };
    let unknown = user_hash("berta", "callbox");
    for hash in [&unknown[..], &unknown[..31], b"", b"anna"] {
        let answer = world.ask(anna.client, &request(hash));
        assert_eq!(code(&parse(&answer)), Some(401));
        assert!(parse(&answer).first(AttributeType::NONCE).is_some(), "like any other 401");
    }
    let known = user_hash("anna", "callbox");
    assert_eq!(result(&world.ask(anna.client, &request(&known))), Ok(()));
}
