//! The codec: any bytes are read without panic, what is read is written back
//! alike, and a stream is cut into the same messages however it arrives.

use callbox::pure::stun::{
    AttributeType, ChannelData, Class, Frame, Message, Method, TransactionId, Writer, check,
    check_sha256, next_frame, read_xor_address,
};

/// Plays with the bytes.
pub fn run(bytes: &[u8]) {
    if let Some(data) = ChannelData::parse(bytes) {
        assert!(data.data.len() + ChannelData::HEADER <= bytes.len());
    }
    if let Ok(message) = Message::parse(bytes) {
        read(&message);
    }
    frames(bytes);
}

fn read(message: &Message<'_>) {
    let _ = (check(message, b"key"), check_sha256(message, b"key"));
    let mut again = Writer::new(message.class(), message.method(), message.transaction());
    let mut count = 0;
    for attribute in message.attributes() {
        count += 1;
        let _ = attribute.kind.is_comprehension_required();
        if let Some(address) = read_xor_address(attribute.value, message.transaction()) {
            let written = Writer::new(Class::Request, Method::BINDING, message.transaction())
                .xor_address(AttributeType::XOR_PEER_ADDRESS, address)
                .finish();
            let parsed = Message::parse(&written).expect("we write what we can read");
            let value = parsed.first(AttributeType::XOR_PEER_ADDRESS).expect("it is there");
            assert_eq!(read_xor_address(value, message.transaction()), Some(address));
        }
        again = again.attribute(attribute.kind, attribute.value);
    }
    assert!(count <= 32, "{count} attributes");
    let written = again.finish();
    // What is left of a proof or fingerprint is none any more, and may be refused.
    if let Ok(parsed) = Message::parse(&written) {
        assert_eq!(parsed.transaction(), message.transaction());
        let of = |message: &Message<'_>| -> Vec<(AttributeType, Vec<u8>)> {
            message.attributes().map(|held| (held.kind, held.value.to_vec())).collect()
        };
        assert_eq!(of(&parsed), of(message));
    }
}

/// Cuts a stream into messages, all of it there at once, and with ever more of it there.
fn frames(bytes: &[u8]) {
    let whole = cut(bytes);
    for end in [1, 3, 4, 19, 20, bytes.len() / 2] {
        let part = cut(&bytes[..end.min(bytes.len())]);
        assert!(whole.starts_with(&part), "more bytes change no message before them");
    }
}

fn cut(bytes: &[u8]) -> Vec<(usize, usize)> {
    let (mut start, mut found) = (0, Vec::new());
    while let Frame::Whole { message, padded } = next_frame(&bytes[start..], 1536) {
        assert!(0 < message && message <= padded && start + padded <= bytes.len());
        found.push((start, message));
        start += padded;
    }
    found
}

/// Messages to begin with.
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let id = TransactionId(*b"transaction!");
    let peer = "198.51.100.2:50000".parse().expect("an address");
    let six = "[2a00:1::1]:7".parse().expect("an address");
    let request = |method| Writer::new(Class::Request, method, id);
    let name = |writer: Writer| {
        writer
            .attribute(
                AttributeType::USERNAME,
                b"1900000000:AQEBAQEBAQEBAQEBAQEBAQ:AgICAgICAgICAgICAgICAg",
            )
            .attribute(AttributeType::REALM, b"callbox")
            .attribute(AttributeType::NONCE, b"obMatJos2gAAA01234567890123456789")
    };
    let binding = request(Method::BINDING).fingerprint().finish();
    let allocate = name(
        request(Method::ALLOCATE).attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0]),
    )
    .integrity(b"key")
    .fingerprint()
    .finish();
    let permit = name(
        request(Method::CREATE_PERMISSION)
            .xor_address(AttributeType::XOR_PEER_ADDRESS, peer)
            .xor_address(AttributeType::XOR_PEER_ADDRESS, six),
    )
    .integrity_sha256(b"key")
    .finish();
    let send = Writer::new(Class::Indication, Method::SEND, id)
        .xor_address(AttributeType::XOR_PEER_ADDRESS, peer)
        .attribute(AttributeType::DATA, b"some data")
        .finish();
    let refusal = Writer::new(Class::Error, Method::ALLOCATE, id).error_code(438).finish();
    let data = [&[0x40, 0x01, 0, 5][..], b"voice", &[0; 3]].concat();
    let stream = [&allocate[..], &data, &send, &data].concat();
    vec![
        ("binding", binding),
        ("allocate", allocate),
        ("permit", permit),
        ("send", send),
        ("refusal", refusal),
        ("channel-data", data),
        ("stream", stream),
    ]
}
