//! HTTP/2: floods, and WebSockets opened by extended CONNECT (RFC 8441).

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use h2::client::{self, SendRequest};
use h2::ext::Protocol;
use http::{Method, Request};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::server::Server;

async fn connect(server: &Server) -> SendRequest<Bytes> {
    let stream = server.tls(&["h2"]).await.unwrap();
    let (sender, connection) = client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn request(server: &Server, method: Method, path: &str) -> http::request::Builder {
    let uri = format!("https://localhost:{}{path}", server.address.port());
    Request::builder().method(method).uri(uri)
}

pub async fn open(
    server: &Server,
    origin: Option<&str>,
    cookie: &str,
) -> (http::StatusCode, Option<(h2::SendStream<Bytes>, h2::RecvStream)>) {
    let mut sender = connect(server).await.ready().await.unwrap();
    // Extended CONNECT may be used once the server's settings have said so.
    while !sender.is_extended_connect_protocol_enabled() {
        tokio::task::yield_now().await;
    }
    let mut request = request(server, Method::CONNECT, "/ws")
        .extension(Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13")
        .header("sec-websocket-protocol", "callbox.v1")
        .header("cookie", cookie);
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    let (answer, send) = sender.send_request(request.body(()).unwrap(), false).unwrap();
    let answer = answer.await.unwrap();
    let status = answer.status();
    (status, status.is_success().then(|| (send, answer.into_body())))
}

/// A short text frame as clients send it, with a mask of zeros.
fn text_frame(text: &str) -> Bytes {
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    let mut frame = vec![0x81, 0x80 | 126, length[0], length[1], 0, 0, 0, 0];
    frame.extend_from_slice(text.as_bytes());
    frame.into()
}

#[tokio::test]
async fn a_websocket_opens_over_http_2() {
    let server = Server::start();
    let owner = server.owner().await;
    let cookie = format!("__Host-sid={}", owner.cookies["callbox-sid"]);
    let own = format!("https://localhost:{}", server.address.port());
    let (status, streams) = open(&server, Some(&own), &cookie).await;
    assert_eq!(status, 200);
    let (mut send, mut receive) = streams.unwrap();
    let hello = json!({
        "id": 1,
        "command": { "type": "hello", "protocol": 1, "client": "test", "cursors": [] },
    });
    send.send_data(text_frame(&hello.to_string()), false).unwrap();
    let mut frames = Vec::new();
    while !String::from_utf8_lossy(&frames).contains("\"welcome\"") {
        let data = receive.data().await.expect("the stream is open").unwrap();
        receive.flow_control().release_capacity(data.len()).unwrap();
        frames.extend_from_slice(&data);
    }
}

#[tokio::test]
async fn h48_over_http_2_the_origin_counts_too() {
    let server = Server::start();
    let owner = server.owner().await;
    let cookie = format!("__Host-sid={}", owner.cookies["callbox-sid"]);
    let own = format!("https://localhost:{}", server.address.port());
    assert_eq!(open(&server, None, &cookie).await.0, 403);
    assert_eq!(open(&server, Some("https://evil.example"), &cookie).await.0, 403);
    assert_eq!(open(&server, Some(&own), "__Host-sid=x").await.0, 401);
    assert_eq!(open(&server, Some(&own), &format!("callbox-sid={cookie}")).await.0, 401);
}

#[tokio::test]
async fn h9_a_rapid_reset_ends_the_connection() {
    let server = Server::start();
    let mut sender = connect(&server).await;
    let mut resets = 0;
    let refused = loop {
        sender = match sender.ready().await {
            Ok(sender) => sender,
            Err(error) => break error,
        };
        let request = request(&server, Method::GET, "/healthz").body(()).unwrap();
        match sender.send_request(request, true) {
            Ok((_answer, mut stream)) => stream.send_reset(h2::Reason::CANCEL),
            Err(error) => break error,
        }
        resets += 1;
        assert!(resets < 100_000, "the server takes resets for ever");
        tokio::task::yield_now().await;
    };
    assert!(refused.is_go_away() || refused.is_io(), "{refused}");
    assert_still_serves(&server).await;
}

#[tokio::test]
async fn h9_floods_of_frames_end_the_connection_or_are_borne() {
    let server = Server::start();
    let settings = b"\0\0\0\x04\0\0\0\0\0";
    // HEADERS without END_HEADERS, then CONTINUATION for ever.
    let headers = b"\0\0\x01\x01\x01\0\0\0\x01\x82".to_vec();
    let continuation = [b"\0\x10\0\x09\0\0\0\0\x01".to_vec(), vec![0; 4096]].concat();
    // DATA without content on a stream that waits for a body.
    let post = b"\0\0\x03\x01\x04\0\0\0\x01\x83\x87\x84".to_vec();
    let data = b"\0\0\0\0\0\0\0\0\x01".to_vec();
    let ping = b"\0\0\x08\x06\0\0\0\0\0abcdefgh".to_vec();
    for (name, first, flood) in [
        ("continuation", headers, continuation),
        ("empty data", post, data),
        ("ping", vec![], ping),
        ("settings", vec![], settings.to_vec()),
    ] {
        let stream = server.tls(&["h2"]).await.unwrap();
        let (mut read, mut write) = tokio::io::split(stream);
        let begin = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), settings, &first].concat();
        write.write_all(&begin).await.unwrap();
        let chunk = flood.repeat(64 * 1024 / flood.len());
        let flooding = async {
            for _ in 0..512 {
                if write.write_all(&chunk).await.is_err() {
                    return;
                }
            }
        };
        let reading = async {
            let mut sink = vec![0; 64 * 1024];
            while read.read(&mut sink).await.is_ok_and(|n| n > 0) {}
        };
        tokio::select! { () = flooding => {}, () = reading => {} }
        assert_still_serves(&server).await;
        let kib = resident_kib(&server);
        assert!(kib < 200_000, "{name}: {kib} KiB");
    }
}

#[tokio::test]
async fn h9_headers_that_grow_when_unpacked_are_refused() {
    let server = Server::start();
    let stream = server.tls(&["h2"]).await.unwrap();
    let (mut read, mut write) = tokio::io::split(stream);
    let settings = b"\0\0\0\x04\0\0\0\0\0".as_slice();
    write.write_all(&[b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", settings].concat()).await.unwrap();
    // One long value goes into the table (RFC 7541, 6.2.1); each byte behind
    // it is that value again (6.1): 12 KiB stand for 47 MiB.
    let stored = [b"\x40\x01a\x7f\xa1\x1e".to_vec(), vec![b'x'; 4_000]].concat();
    let request = [b"\x82\x87\x84\x41\x09localhost".to_vec(), stored].concat();
    let again = b"\x82\x87\x84\x41\x09localhost".to_vec();
    let bombs = (0..100).map(|n| {
        let start = if n == 0 { &request } else { &again };
        let block = [start.clone(), vec![0xBE; 12_000]].concat();
        let length = u32::try_from(block.len()).unwrap().to_be_bytes();
        // HEADERS with END_STREAM and END_HEADERS.
        let id = (2 * n + 1_u32).to_be_bytes();
        [&length[1..], b"\x01\x05", &id, &block].concat()
    });
    let flood: Vec<u8> = bombs.flatten().collect();
    let writing = async {
        // The server may have had enough before the end.
        let _ = write.write_all(&flood).await;
        std::future::pending::<()>().await;
    };
    let refused = async {
        let mut refused = 0;
        while refused < 100 {
            let mut head = [0; 9];
            if read.read_exact(&mut head).await.is_err() {
                break;
            }
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
            let mut payload = vec![0; length];
            read.read_exact(&mut payload).await.unwrap();
            match head[3] {
                // An answer, whose status is not 200 (0x88), or the stream's end.
                1 => assert_ne!(payload[0], 0x88, "it was taken"),
                3 => {}
                7 => break,
                _ => continue,
            }
            refused += 1;
        }
    };
    tokio::select! { () = writing => {}, () = refused => {} }
    assert_still_serves(&server).await;
    let kib = resident_kib(&server);
    assert!(kib < 200_000, "{kib} KiB");
}

#[tokio::test]
async fn h6_what_a_session_leaves_unread_has_a_bound() {
    let server = Server::start();
    let mut owner = server.owner().await;
    let settings = json!({
        "version": 1,
        "nonce": URL_SAFE_NO_PAD.encode([7; 12]),
        "ct": URL_SAFE_NO_PAD.encode(vec![7; 512 * 1024]),
    });
    owner.with_json("PUT", "/api/v1/keys/settings", settings).await.ok();
    let cookie = format!("__Host-sid={}", owner.cookies["callbox-sid"]);
    let mut asked = Vec::new();
    let mut statuses = BTreeMap::new();
    for _ in 0..4 {
        let stream = server.tls(&["h2"]).await.unwrap();
        // Nothing is to be sent of any answer.
        let client = client::Builder::new().initial_window_size(0).handshake::<_, Bytes>(stream);
        let (mut sender, connection) = client.await.unwrap();
        tokio::spawn(connection);
        for _ in 0..50 {
            sender = sender.ready().await.unwrap();
            let request = request(&server, Method::GET, "/api/v1/keys").header("cookie", &cookie);
            let (answer, _) = sender.send_request(request.body(()).unwrap(), true).unwrap();
            let answer = answer.await.unwrap();
            *statuses.entry(answer.status().as_u16()).or_insert(0) += 1;
            asked.push((sender.clone(), answer));
        }
    }
    // Each has 683 KiB, and 32 MiB may be on their way.
    assert_eq!(statuses, BTreeMap::from([(200, 47), (429, 153)]));
    // Once they are given up, others get through.
    drop(asked);
    let given_up = async { while owner.get("/api/v1/keys").await.status != 200 {} };
    tokio::time::timeout(Duration::from_secs(20), given_up).await.expect("it is noticed");
}

async fn assert_still_serves(server: &Server) {
    let mut sender = connect(server).await.ready().await.unwrap();
    let request = request(server, Method::GET, "/healthz").body(()).unwrap();
    let (answer, _) = sender.send_request(request, true).unwrap();
    assert_eq!(answer.await.unwrap().status(), 200);
}

/// The memory that the server holds.
fn resident_kib(server: &Server) -> u64 {
    let pid = server.ready["pid"].as_u64().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
