//! The published vectors, hostile bytes, and another implementation.

use std::net::SocketAddr;

use proptest::prelude::*;
use sha2::{Digest, Sha256};
use stun::attributes::{ATTR_CHANNEL_NUMBER, ATTR_SOFTWARE, ATTR_USERNAME, ATTR_XOR_PEER_ADDRESS};
use stun::message::{BINDING_REQUEST, METHOD_REFRESH, Setter};

use super::*;

const REQUEST: &[u8] = include_bytes!("../../../tests/data/stun/rfc5769-2.1-request.bin");
const IPV4: &[u8] = include_bytes!("../../../tests/data/stun/rfc5769-2.2-ipv4-response.bin");
const IPV6: &[u8] = include_bytes!("../../../tests/data/stun/rfc5769-2.3-ipv6-response.bin");
const LONG_TERM: &[u8] =
    include_bytes!("../../../tests/data/stun/rfc5769-2.4-long-term-request.bin");
const USERHASH: &[u8] = include_bytes!("../../../tests/data/stun/rfc8489-b.1-userhash-sha256.bin");
/// Password of the first three.
const PASSWORD: &[u8] = b"VOkJxbRl1RmTxUk/WvJxBt";
const USER: &str = "\u{30DE}\u{30C8}\u{30EA}\u{30C3}\u{30AF}\u{30B9}";

fn parse(bytes: &[u8]) -> Message<'_> {
    Message::parse(bytes).expect("well-formed")
}

fn mapped(bytes: &[u8]) -> SocketAddr {
    let message = parse(bytes);
    let value = message.first(AttributeType::XOR_MAPPED_ADDRESS).expect("it has one");
    read_xor_address(value, message.transaction()).expect("an address")
}

fn request() -> Writer {
    Writer::new(Class::Request, Method::ALLOCATE, TransactionId([7; 12]))
}

#[test]
fn t1_sample_request_verifies_and_no_flipped_bit_does() {
    let message = parse(REQUEST);
    assert_eq!((message.class(), message.method()), (Class::Request, Method::BINDING));
    assert_eq!(message.first(AttributeType::USERNAME), Some(&b"evtj:h6vY"[..]));
    assert!(check(&message, PASSWORD));
    assert!(!check(&message, b"another password"));
    // Up to the fingerprint's own header, which is not covered.
    let covered = REQUEST.len() - 8;
    for bit in 0..covered * 8 {
        let mut bytes = REQUEST.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        // A changed length may swallow the fingerprint.
        let verifies =
            |bytes: &[u8]| Message::parse(bytes).is_ok_and(|message| check(&message, PASSWORD));
        assert!(!verifies(&bytes), "bit {bit}");
        // Without the fingerprint the integrity does, but for the length,
        // which it replaces.
        bytes.truncate(covered);
        let length = u16::try_from(covered - HEADER).expect("it is short");
        bytes[2..4].copy_from_slice(&length.to_be_bytes());
        assert_eq!(verifies(&bytes), (16..32).contains(&bit), "bit {bit}");
    }
    for bit in (covered + 4) * 8..REQUEST.len() * 8 {
        let mut bytes = REQUEST.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(Message::parse(&bytes).err(), Some(Malformed::Fingerprint), "bit {bit}");
    }
}

#[test]
fn t2_sample_ipv4_response() {
    assert_eq!(mapped(IPV4), "192.0.2.1:32853".parse().expect("an address"));
    assert!(check(&parse(IPV4), PASSWORD));
}

#[test]
fn t3_sample_ipv6_response() {
    let address = "[2001:db8:1234:5678:11:2233:4455:6677]:32853";
    assert_eq!(mapped(IPV6), address.parse().expect("an address"));
    assert!(check(&parse(IPV6), PASSWORD));
}

#[test]
fn t4_sample_long_term_request() {
    let message = parse(LONG_TERM);
    assert_eq!(message.first(AttributeType::USERNAME), Some(USER.as_bytes()));
    assert!(check(&message, LongTermKey::new(USER, "example.org", "TheMatrIX").as_bytes()));
    assert!(!check(&message, LongTermKey::new(USER, "example.org", "thematrix").as_bytes()));
}

#[test]
fn t5_sample_request_with_userhash_and_sha256() {
    let message = parse(USERHASH);
    let userhash = Sha256::digest(format!("{USER}:example.org"));
    assert_eq!(message.first(AttributeType::USERHASH), Some(userhash.as_slice()));
    // As in erratum 6268: the request chooses the password algorithm SHA-256.
    let key = Sha256::digest(format!("{USER}:example.org:TheMatrIX"));
    assert!(check_sha256(&message, &key));
    assert!(!check(&message, &key));
}

#[test]
fn the_writer_makes_the_sample_of_long_term_credentials() {
    let id = TransactionId(*b"\x78\xad\x34\x33\xc6\xad\x72\xc0\x29\xda\x41\x2e");
    let made = Writer::new(Class::Request, Method::BINDING, id)
        .attribute(AttributeType::USERNAME, USER.as_bytes())
        .attribute(AttributeType::NONCE, b"f//499k954d6OL34oL9FSTvy64sA")
        .attribute(AttributeType::REALM, b"example.org")
        .integrity(LongTermKey::new(USER, "example.org", "TheMatrIX").as_bytes())
        .finish();
    assert_eq!(made, LONG_TERM);
}

#[test]
fn t6_every_length_below_a_header_is_refused() {
    for length in 0..HEADER {
        assert_eq!(Message::parse(&REQUEST[..length]).err(), Some(Malformed::Short));
    }
}

#[test]
fn t7_a_length_that_does_not_fit_is_refused() {
    for length in [0, 4, 0x57, 0x59, 0x5A, 0x5C, 0xFFFC, 0xFFFF] {
        let mut bytes = REQUEST.to_vec();
        bytes[2..4].copy_from_slice(&u16::to_be_bytes(length));
        assert_eq!(Message::parse(&bytes).err(), Some(Malformed::Length), "{length}");
    }
}

#[test]
fn t8_t9_other_protocols_are_refused() {
    let mut classic = REQUEST.to_vec();
    classic[4] ^= 1;
    assert_eq!(Message::parse(&classic).err(), Some(Malformed::Cookie));
    for top in [0x40, 0x80, 0xC0] {
        let mut bytes = REQUEST.to_vec();
        bytes[0] |= top;
        assert_eq!(Message::parse(&bytes).err(), Some(Malformed::NotStun));
    }
}

#[test]
fn t10_attributes_beyond_the_message_or_too_many_are_refused() {
    let empty = |count| (0..count).fold(request(), |r, _| r.attribute(AttributeType::DATA, b""));
    assert!(Message::parse(&empty(32).finish()).is_ok());
    for count in [33, 1000] {
        let error = Message::parse(&empty(count).finish()).err();
        assert_eq!(error, Some(Malformed::TooManyAttributes));
    }
    for length in [5, 8, 0xFFFF] {
        let mut bytes = request().attribute(AttributeType::DATA, b"four").finish();
        bytes[22..24].copy_from_slice(&u16::to_be_bytes(length));
        assert_eq!(Message::parse(&bytes).err(), Some(Malformed::Attribute), "{length}");
    }
}

#[test]
fn t11_padding_may_hold_anything() {
    let mut bytes = request().attribute(AttributeType::USERNAME, b"a").finish();
    bytes[25..28].fill(0xFF);
    assert_eq!(parse(&bytes).first(AttributeType::USERNAME), Some(&b"a"[..]));
}

#[test]
fn t13_the_first_of_two_counts() {
    let bytes = request()
        .attribute(AttributeType::REALM, b"one")
        .attribute(AttributeType::REALM, b"two")
        .finish();
    assert_eq!(parse(&bytes).first(AttributeType::REALM), Some(&b"one"[..]));
}

#[test]
fn t14_what_follows_the_integrity_does_not_count() {
    let key = b"key";
    let bytes = request()
        .integrity(key)
        .attribute(AttributeType::LIFETIME, &[0; 4])
        .integrity_sha256(key)
        .integrity(b"other")
        .attribute(AttributeType::XOR_PEER_ADDRESS, &[0; 8])
        .fingerprint()
        .finish();
    let kinds: Vec<_> = parse(&bytes).attributes().map(|attribute| attribute.kind).collect();
    let counting = [
        AttributeType::MESSAGE_INTEGRITY,
        AttributeType::MESSAGE_INTEGRITY_SHA256,
        AttributeType::FINGERPRINT,
    ];
    assert_eq!(kinds, counting);
    assert!(check(&parse(&bytes), key));
    assert!(check_sha256(&parse(&bytes), key));
}

#[test]
fn t15_a_fingerprint_must_be_right_and_last() {
    assert!(Message::parse(&request().fingerprint().finish()).is_ok());
    let early = request().fingerprint().attribute(AttributeType::REALM, b"r").finish();
    assert_eq!(Message::parse(&early).err(), Some(Malformed::Fingerprint));
    for value in [&[0; 4][..], &[0; 3], b""] {
        let wrong = request().attribute(AttributeType::FINGERPRINT, value).finish();
        assert_eq!(Message::parse(&wrong).err(), Some(Malformed::Fingerprint));
    }
}

#[test]
fn types_split_and_join() {
    for number in 0..0x1000 {
        for class in [Class::Request, Class::Indication, Class::Success, Class::Error] {
            let bytes = Writer::new(class, Method::new(number), TransactionId([0; 12])).finish();
            let message = parse(&bytes);
            assert_eq!((message.class(), message.method().number()), (class, number));
        }
    }
}

#[test]
fn channel_data_knows_its_bounds() {
    let number = ChannelNumber::new(0x4001).expect("in range");
    let bytes = [&ChannelData::header(number, 3)[..], b"abc."].concat();
    assert_eq!(ChannelData::parse(&bytes), Some(ChannelData { number, data: b"abc" }));
    assert_eq!(ChannelData::parse(&bytes[..6]), None);
    for outside in [0, 0x3FFF, 0x5000, 0x7FFF, 0xFFFF] {
        assert_eq!(ChannelNumber::new(outside), None);
    }
}

#[test]
fn frames_are_found_at_every_cut() {
    let message = request().attribute(AttributeType::REALM, b"realm").finish();
    let number = ChannelNumber::new(0x4000).expect("in range");
    let data = [&ChannelData::header(number, 5)[..], b"hello\0\0\0"].concat();
    for (frame, length) in [(&message, message.len()), (&data, 9)] {
        for cut in 0..frame.len() {
            assert_eq!(next_frame(&frame[..cut], 1500), Frame::Partial);
        }
        let both = [frame.as_slice(), &message].concat();
        let whole = Frame::Whole { message: length, padded: frame.len() };
        assert_eq!(next_frame(&both, 1500), whole);
        assert_eq!(next_frame(&both, frame.len() - 1), Frame::Broken);
    }
    for broken in [&b"GET / HTTP/1.1"[..], b"\x80", b"\0\x01\0\x02", b"\0\x01\0\0HTTP"] {
        let http = broken[0].is_ascii_alphabetic();
        // Letters look like channels: then the length must give it away.
        let longest = if http { 1500 } else { usize::MAX };
        assert_eq!(next_frame(broken, longest), Frame::Broken, "{broken:?}");
    }
}

#[test]
fn the_stun_crate_reads_what_we_write() {
    let address = "203.0.113.9:4711".parse::<SocketAddr>().expect("an address");
    let key = LongTermKey::new("user", "realm", "pass");
    let bytes = Writer::new(Class::Request, Method::REFRESH, TransactionId([3; 12]))
        .attribute(AttributeType::USERNAME, b"user")
        .attribute(AttributeType::CHANNEL_NUMBER, &[0x40, 0, 0, 0])
        .xor_address(AttributeType::XOR_PEER_ADDRESS, address)
        .integrity(key.as_bytes())
        .fingerprint()
        .finish();
    let mut theirs = stun::message::Message::new();
    theirs.unmarshal_binary(&bytes).expect("it reads");
    assert_eq!(theirs.typ.method, METHOD_REFRESH);
    assert_eq!(theirs.transaction_id.0, [3; 12]);
    assert_eq!(theirs.get(ATTR_USERNAME).expect("there"), b"user");
    assert_eq!(theirs.get(ATTR_CHANNEL_NUMBER).expect("there"), [0x40, 0, 0, 0]);
    let mut peer = stun::xoraddr::XorMappedAddress::default();
    peer.get_from_as(&theirs, ATTR_XOR_PEER_ADDRESS).expect("there");
    assert_eq!(SocketAddr::new(peer.ip, peer.port), address);
    let long_term = |pass: &str| {
        stun::integrity::MessageIntegrity::new_long_term_integrity(
            "user".to_owned(),
            "realm".to_owned(),
            pass.to_owned(),
        )
    };
    long_term("pass").check(&mut theirs).expect("it verifies");
    long_term("word").check(&mut theirs).expect_err("it does not");
    stun::fingerprint::FINGERPRINT.check(&theirs).expect("it verifies");
}

#[test]
fn we_read_what_the_stun_crate_writes() {
    let integrity = stun::integrity::MessageIntegrity::new_short_term_integrity("pw".to_owned());
    let mut theirs = stun::message::Message::new();
    let parts: [Box<dyn Setter>; 6] = [
        Box::new(BINDING_REQUEST),
        Box::new(stun::agent::TransactionId([5; 12])),
        Box::new(stun::textattrs::TextAttribute::new(ATTR_SOFTWARE, "odd".to_owned())),
        Box::new(stun::xoraddr::XorMappedAddress {
            ip: "2001:db8::7".parse().expect("an address"),
            port: 9,
        }),
        Box::new(integrity),
        Box::new(stun::fingerprint::FINGERPRINT),
    ];
    theirs.build(&parts).expect("it writes");
    let ours = parse(&theirs.raw);
    assert_eq!(ours.transaction(), TransactionId([5; 12]));
    assert_eq!(ours.first(AttributeType::SOFTWARE), Some(&b"odd"[..]));
    assert_eq!(mapped(&theirs.raw), "[2001:db8::7]:9".parse().expect("an address"));
    assert!(check(&ours, b"pw"));
}

proptest! {
    #[test]
    fn reading_never_panics(mut bytes in proptest::collection::vec(any::<u8>(), 0..256), fit: bool) {
        if fit && bytes.len() >= HEADER {
            // Gets past the header, into the attributes.
            bytes[0] &= 0x3F;
            bytes.truncate(bytes.len() & !3);
            let length = (bytes.len() - HEADER) as u16;
            bytes[2..4].copy_from_slice(&length.to_be_bytes());
            bytes[4..8].copy_from_slice(&MAGIC_COOKIE);
        }
        if let Ok(message) = Message::parse(&bytes) {
            for attribute in message.attributes() {
                let _ = read_xor_address(attribute.value, message.transaction());
            }
            let _ = (check(&message, b"key"), check_sha256(&message, b"key"));
        }
        let _ = ChannelData::parse(&bytes);
        if let Frame::Whole { message, padded } = next_frame(&bytes, 200) {
            prop_assert!(message <= padded && padded <= bytes.len() && padded <= 200);
        }
    }

    #[test]
    fn what_is_written_reads_back(
        method in 0_u16..0x1000,
        id: [u8; 12],
        attributes in proptest::collection::vec(
            (0x0020_u16..0x8000, proptest::collection::vec(any::<u8>(), 0..40)), 0..30),
        key: [u8; 16],
    ) {
        let writer = Writer::new(Class::Request, Method::new(method), TransactionId(id));
        let bytes = attributes
            .iter()
            .fold(writer, |writer, (kind, value)| writer.attribute(AttributeType(*kind), value))
            .integrity(&key)
            .fingerprint()
            .finish();
        let message = parse(&bytes);
        let read: Vec<_> = message
            .attributes()
            .map(|attribute| (attribute.kind.0, attribute.value.to_vec()))
            .take(attributes.len())
            .collect();
        prop_assert_eq!(read, attributes);
        prop_assert_eq!(message.transaction(), TransactionId(id));
        prop_assert!(check(&message, &key));
    }

    #[test]
    fn addresses_read_back(ip: [u8; 16], four: bool, port: u16, id: [u8; 12]) {
        let ip = if four {
            std::net::IpAddr::from(*ip.first_chunk::<4>().expect("16 bytes"))
        } else {
            std::net::IpAddr::from(ip)
        };
        let address = SocketAddr::new(ip, port);
        let mut value = [0; 20];
        let length = write_xor_address(&mut value, address, TransactionId(id));
        prop_assert_eq!(read_xor_address(&value[..length], TransactionId(id)), Some(address));
    }
}
