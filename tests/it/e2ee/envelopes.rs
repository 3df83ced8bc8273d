//! Envelopes that are not what their sender made.

use callbox::pure::e2ee::{BrokenChain, Chain, Envelope, InvalidEnvelope as Invalid, VerifyKey};
use callbox::pure::wire::EnvelopeId;
use proptest::prelude::*;

use crate::e2ee_client::envelope::{CONTENT, CONTROL, SIGNAL, id};
use crate::e2ee_client::{Chance, Draft, Person, open};

const SECRET: [u8; 32] = [5; 32];

fn anna() -> Person {
    Person::new(Chance::of("anna"))
}

fn draft(kind: u8) -> Draft {
    let anna = anna();
    Draft {
        kind,
        epoch: 3,
        conversation: [1; 16],
        account: anna.account,
        device: anna.device().id,
        time: 1_700_000_000_000,
        salt: [9; 16],
        ..Draft::default()
    }
}

fn sealed(draft: &Draft) -> Vec<u8> {
    match draft.kind {
        CONTROL => draft.clear(b"{\"some\":\"payload\"}", &anna().device().key),
        _ => draft.seal(&SECRET, b"hello", &anna().device().key),
    }
}

/// What the server makes of the bytes.
fn take(bytes: &[u8]) -> Result<EnvelopeId, Invalid> {
    let anna = anna();
    let key = VerifyKey::new(*anna.device().key.verifying_key().as_bytes()).unwrap();
    Envelope::parse(bytes.to_vec().into())?.verify(&key).map(|verified| verified.id())
}

#[test]
fn an_envelope_is_taken_as_it_was_made() {
    for kind in [CONTENT, SIGNAL, CONTROL] {
        let bytes = sealed(&draft(kind));
        assert_eq!(take(&bytes), Ok(EnvelopeId::from_bytes(id(&bytes))));
        let parsed = Envelope::parse(bytes.into()).unwrap();
        assert_eq!((parsed.header().epoch, parsed.header().conversation.as_bytes()), (3, &[1; 16]));
    }
}

#[test]
fn e1_every_flipped_bit_is_refused() {
    let key = anna().device().key.verifying_key();
    for kind in [CONTENT, SIGNAL, CONTROL] {
        let good = sealed(&draft(kind));
        for bit in 0..good.len() * 8 {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(take(&bytes).is_err(), "the server takes bit {bit}");
            assert_eq!(open(&SECRET, &bytes, &key), None, "a client opens bit {bit}");
        }
    }
}

#[test]
fn e1_every_truncation_and_addition_is_refused() {
    for kind in [CONTENT, SIGNAL, CONTROL] {
        let mut bytes = sealed(&draft(kind));
        for length in 0..bytes.len() {
            assert!(take(&bytes[..length]).is_err(), "{length}");
        }
        bytes.push(0);
        assert_eq!(take(&bytes), Err(Invalid::Length));
    }
}

#[test]
fn a_signature_of_another_device_is_refused() {
    let bob = Person::new(Chance::of("bob"));
    let bytes = draft(CONTENT).seal(&SECRET, b"hello", &bob.device().key);
    assert_eq!(take(&bytes), Err(Invalid::Signature));
}

/// Whoever signs again for another place still has not sealed for it.
#[test]
fn an_envelope_opens_only_where_it_was_sealed() {
    let (good, key) = (sealed(&draft(CONTENT)), anna().device().key.clone());
    let opened = |bytes: &[u8], secret| open(secret, bytes, &key.verifying_key());
    assert_eq!(opened(&good, &SECRET).as_deref(), Some(b"hello".as_slice()));
    assert_eq!(opened(&good, &[6; 32]), None, "another secret");
    let body = &good[164..good.len() - 64];
    for (what, other) in [
        ("conversation", Draft { conversation: [2; 16], ..draft(CONTENT) }),
        ("sender", Draft { account: [2; 16], ..draft(CONTENT) }),
        ("device", Draft { device: [2; 16], ..draft(CONTENT) }),
        ("epoch", Draft { epoch: 4, ..draft(CONTENT) }),
        ("counter", Draft { n: 1, ..draft(CONTENT) }),
        ("predecessor", Draft { prev: [1; 32], ..draft(CONTENT) }),
        ("kind", draft(SIGNAL)),
    ] {
        assert_eq!(opened(&other.clear(body, &key), &SECRET), None, "another {what}");
    }
}

#[test]
fn a_header_out_of_range_is_refused() {
    let base = || draft(CONTENT);
    let far = 1 << 53;
    for (wrong, why) in [
        (Draft { kind: 0x11, ..base() }, Invalid::Kind),
        (Draft { epoch: 0, ..base() }, Invalid::Epoch),
        (Draft { time: far, ..base() }, Invalid::Number),
        (Draft { n: far, prev: [1; 32], ..base() }, Invalid::Number),
        (Draft { n: 1, ..base() }, Invalid::Prev),
        (Draft { prev: [1; 32], ..base() }, Invalid::Prev),
        (Draft { seen_seq: 1, ..base() }, Invalid::Seen),
        (Draft { seen_hash: [1; 32], ..base() }, Invalid::Seen),
        (Draft { seen_seq: 1, seen_hash: [1; 32], ..draft(SIGNAL) }, Invalid::Signal),
        (Draft { n: 1, prev: [1; 32], ..draft(SIGNAL) }, Invalid::Signal),
    ] {
        assert_eq!(take(&sealed(&wrong)), Err(why));
    }
    let with = |at: usize, byte: u8| {
        let mut bytes = sealed(&base());
        bytes[at] = byte;
        take(&bytes)
    };
    assert_eq!(with(0, 2), Err(Invalid::Version));
    assert_eq!(with(2, 1), Err(Invalid::Flags));
    assert_eq!(with(3, 1), Err(Invalid::Flags));
    assert_eq!(with(160, 0xff), Err(Invalid::Length));
}

#[test]
fn bodies_have_the_length_of_padded_plaintexts() {
    let key = anna().device().key.clone();
    for length in [0, 16, 79, 81, 64] {
        assert_eq!(take(&draft(CONTENT).clear(&vec![1; length], &key)), Err(Invalid::Padding));
    }
    assert!(take(&draft(CONTENT).clear(&[1; 80], &key)).is_ok());
    let sized = |kind, length: usize| take(&draft(kind).clear(&vec![1; length], &key));
    assert!(sized(CONTENT, 40_960 + 16).is_ok());
    assert_eq!(sized(CONTENT, 45_056 + 16), Err(Invalid::TooLarge));
    assert_eq!(sized(SIGNAL, 45_056 + 16), Err(Invalid::TooLarge));
    assert!(sized(CONTROL, 500 * 1024).is_ok());
    assert_eq!(sized(CONTROL, 512 * 1024), Err(Invalid::TooLarge));
}

#[test]
fn h61_a_chain_goes_on_where_it_stopped() {
    let check = |chain: Chain, n, prev| {
        let bytes = sealed(&Draft { n, prev, ..draft(CONTENT) });
        chain.check(Envelope::parse(bytes.into()).unwrap().header())
    };
    assert_eq!(check(Chain::START, 0, [0; 32]), Ok(()));
    assert_eq!(check(Chain::START, 1, [1; 32]), Err(BrokenChain::Gap));
    let later = Chain::after(4, EnvelopeId::from_bytes([7; 32]));
    assert_eq!(check(later, 5, [7; 32]), Ok(()));
    assert_eq!(check(later, 5, [8; 32]), Err(BrokenChain::Prev));
    assert_eq!(check(later, 4, [7; 32]), Err(BrokenChain::Replayed));
    assert_eq!(check(later, 6, [7; 32]), Err(BrokenChain::Gap));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = take(&bytes);
    }

    #[test]
    fn any_body_behind_a_good_start_is_read_without_panic(
        kind in prop::sample::select(vec![CONTENT, SIGNAL, CONTROL]),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let _ = take(&[&draft(kind).header(rest.len())[..], &rest].concat());
    }
}
