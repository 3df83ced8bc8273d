//! Hostile frames, written as bytes.

use callbox::pure::wire::CloseCode;
use callbox::session::Limits;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::hub::{PATIENCE, Server};

const TEXT: u8 = 0x81;
const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;
/// A mask that changes nothing.
const MASK: [u8; 4] = [0; 4];

/// A masked frame with this first byte.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        len @ 0..126 => bytes.push(MASKED | len as u8),
        len @ 126..0x1_0000 => {
            bytes.push(MASKED | 126);
            bytes.extend((len as u16).to_be_bytes());
        }
        len => {
            bytes.push(MASKED | 127);
            bytes.extend((len as u64).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload);
    bytes
}

/// Writes bytes and returns the code that the connection is closed with.
async fn closed_by(bytes: &[u8]) -> u16 {
    let server = Server::start().await;
    let mut stream = server.dial_raw(&server.anna, Limits::default()).await;
    // The other side may have had enough before everything is written.
    let (mut read, mut write) = stream.split();
    let (_, code) = tokio::join!(write.write_all(bytes), close_code(&mut read));
    let mut ben = server.join(&server.ben).await;
    ben.say(server.ben.everyone, "others are not affected").await;
    code
}

/// Reads frames until the close, and returns its code; 0 when there was none.
async fn close_code(stream: &mut (impl AsyncReadExt + Unpin)) -> u16 {
    let code = async {
        loop {
            let first = stream.read_u8().await.ok()?;
            let len = match stream.read_u8().await.ok()? {
                126 => usize::from(stream.read_u16().await.ok()?),
                127 => usize::try_from(stream.read_u64().await.ok()?).ok()?,
                len => usize::from(len),
            };
            let mut payload = vec![0; len];
            stream.read_exact(&mut payload).await.ok()?;
            if first == FIN | 8 {
                return payload.first_chunk().map(|code| u16::from_be_bytes(*code));
            }
        }
    };
    tokio::time::timeout(PATIENCE, code).await.expect("it is closed").unwrap_or(0)
}

#[tokio::test]
async fn h50_too_large_is_closed_without_being_read() {
    let too_large = CloseCode::TooLarge.number();
    assert_eq!(closed_by(&frame(TEXT, &vec![b' '; 64 * 1024 + 1])).await, too_large);

    // Announced only: were it waited for, this would not end.
    let mut endless = vec![TEXT, MASKED | 127];
    endless.extend((1u64 << 63).to_be_bytes());
    endless.extend(MASK);
    assert_eq!(closed_by(&endless).await, too_large);

    let mut fragments = frame(0x01, b" ");
    for _ in 0..100_000 {
        fragments.extend(frame(0x00, b""));
    }
    assert_eq!(closed_by(&fragments).await, too_large);

    let mut growing = frame(0x01, b" ");
    for _ in 0..3 {
        growing.extend(frame(0x00, &vec![b' '; 30 * 1024]));
    }
    assert_eq!(closed_by(&growing).await, too_large);
}

#[tokio::test]
async fn h51_what_is_not_the_protocol_is_closed() {
    let protocol = CloseCode::ProtocolError.number();
    let invalid_text = CloseCode::InvalidText.number();
    // The last two: cut within a character, and a surrogate, which UTF-8 has not.
    for text in [&b"\xff\xfe"[..], b"\xc0\x80", b"{\xc3", b"\xed\xa0\x80"] {
        assert_eq!(closed_by(&frame(TEXT, text)).await, invalid_text, "{text:?}");
    }
    for bit in [0x10, 0x20, 0x40] {
        assert_eq!(closed_by(&frame(TEXT | bit, b"{}")).await, protocol, "reserved bit {bit}");
    }
    for opcode in (3..8).chain(11..16) {
        assert_eq!(closed_by(&frame(FIN | opcode, b"")).await, protocol, "opcode {opcode}");
    }
    assert_eq!(closed_by(&[TEXT, 2, b'{', b'}']).await, protocol, "unmasked");
    for opcode in 8..11 {
        assert_eq!(closed_by(&frame(opcode, b"")).await, protocol, "fragmented control {opcode}");
    }
    assert_eq!(closed_by(&frame(FIN, b"")).await, protocol, "a continuation of nothing");
    let unsupported = CloseCode::Unsupported.number();
    assert_eq!(closed_by(&frame(FIN | 2, b"{}")).await, unsupported, "binary");
}

#[tokio::test]
async fn h52_control_frames_are_small_and_few() {
    let long = frame(FIN | 9, &[0; 126]);
    assert_eq!(closed_by(&long).await, CloseCode::ProtocolError.number());
    for opcode in [9, 10] {
        let flood = frame(FIN | opcode, b"x").repeat(1_000);
        assert_eq!(closed_by(&flood).await, CloseCode::Flood.number());
    }
}

#[tokio::test]
async fn a_long_answer_comes_in_fragments_and_whole() {
    let server = Server::start().await;
    let mut anna = server.join(&server.anna).await;
    let text = "ü".repeat(10_000);
    anna.say(server.anna.everyone, &text).await;
    let entry = anna.wait("entries").await;
    let data = entry["entries"][0]["content"]["envelope"].as_str().expect("text");
    assert!(data.len() > (text.len() * 4).div_ceil(3));
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_forgotten() {
    let server = Server::start().await;
    let mut ben = server.join(&server.ben).await;
    let mut anna = server.dial_raw(&server.anna, Limits::default()).await;
    let hello = json!({"command": {"type": "hello", "protocol": 1, "client": "t", "cursors": []}});
    anna.write_all(&frame(TEXT, hello.to_string().as_bytes())).await.expect("it is open");
    assert_eq!(ben.wait("presence").await["online"], json!(true));
    break_off(anna);
    assert_eq!(ben.wait("presence").await["online"], json!(false));
}

/// Ends it with a reset, in the middle of everything.
fn break_off(stream: TcpStream) {
    let socket = socket2::SockRef::from(&stream);
    socket.set_linger(Some(std::time::Duration::ZERO)).expect("an option");
}
