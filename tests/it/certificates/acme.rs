//! Certificates by ACME when all goes well.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;
use tokio::net::TcpStream;

use super::authority::{Authority, ORDER};
use super::wire::{believer, connect, leaf, report_when, talk};
use crate::any_certificate::connector;
use crate::server::{exchange, status};

const NAME: &str = "chat.example.org";

#[tokio::test]
async fn a_certificate_is_obtained_and_kept_and_the_acme_server_may_go_away() {
    let mut authority = Authority::start(3600).await;
    let server = authority.server(NAME, &[]);
    // From the first moment there is one, if not a good one.
    assert!(connect(&server, &connector(&["http/1.1"]), NAME).await.is_ok());
    let report = report_when(&server, NAME, |report| !report["until"].is_null()).await;
    assert_eq!((&report["source"], &report["trouble"]), (&json!("acme"), &json!(null)));
    let client = believer(&authority.root().await);
    let first = leaf(&connect(&server, &client, NAME).await.unwrap());
    assert_eq!(authority.count(ORDER), 1);

    // h19: keys are for their owner only.
    let folders = fs::read_dir(server.data().join("tls")).unwrap().flatten();
    let kept = folders.filter(|entry| entry.file_type().unwrap().is_dir()).last().unwrap();
    let files: Vec<_> = fs::read_dir(kept.path()).unwrap().flatten().collect();
    assert_eq!(files.len(), 2);
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    server.terminate();
    let (_, directory) = server.ended().await;
    let flags = authority.flags(NAME);
    authority.close();
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let server = crate::server::Server::on(directory, &flags);
    assert_eq!(leaf(&connect(&server, &client, NAME).await.unwrap()), first);
    let report = report_when(&server, NAME, |_| true).await;
    assert!(!report["until"].is_null() && report["trouble"].is_null(), "{report}");
}

#[tokio::test]
async fn it_is_renewed_without_a_gap_and_connections_live_on() {
    let authority = Authority::start(45).await;
    let server = authority.server(NAME, &[]);
    report_when(&server, NAME, |report| !report["until"].is_null()).await;
    let client = believer(&authority.root().await);
    let open = connect(&server, &client, NAME).await.unwrap();
    let first = leaf(&open);
    let mut talk = talk(open, &server.owner().await).await;
    let mut handshakes = 0;
    loop {
        // Each of them finds one that is good now.
        let now = leaf(&connect(&server, &client, NAME).await.unwrap());
        handshakes += 1;
        if now != first {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(handshakes > 100, "{handshakes}");
    assert_eq!(authority.count(ORDER), 2);
    assert_eq!(talk.ask(json!({"type": "ping"})).await["type"], "done");
}

#[tokio::test]
async fn http_01_is_answered_where_there_is_only_http() {
    let authority = Authority::start(3600).await;
    let server = authority.server(NAME, &["--acme-challenge", "http-01"]);
    report_when(&server, NAME, |report| !report["until"].is_null()).await;
    let client = believer(&authority.root().await);
    assert!(connect(&server, &client, NAME).await.is_ok());
    let ask = async |path: &str, host: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        exchange(TcpStream::connect(authority.http).await.unwrap(), request).await
    };
    // h2: there, only our own proofs, the way to HTTPS, and health.
    let proof = ask("/.well-known/acme-challenge/abc", NAME).await;
    assert_eq!(status(&proof), 404);
    let there = ask("/j/abc?x=y", NAME).await;
    assert_eq!(status(&there), 308);
    assert!(there.contains(&format!("location: https://{NAME}/j/abc?x=y\r\n")), "{there}");
    let host = format!("{NAME}:{}", authority.http.port());
    let there = ask("/", &host).await;
    let https = server.address.port();
    assert!(there.contains(&format!("location: https://{NAME}:{https}/\r\n")), "{there}");
    assert_eq!(status(&ask("/", "evil.example").await), 421);
    assert_eq!(status(&ask("/healthz", "evil.example").await), 200);
    for other in [&b"\x16\x03\x01\0\x05hello"[..], b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl"] {
        let stream = TcpStream::connect(authority.http).await.unwrap();
        assert_eq!(exchange(stream, other).await, "");
    }
}

#[tokio::test]
async fn h16_h17_names_that_are_not_ours_cause_no_orders() {
    let authority = Authority::start(3600).await;
    let server = authority.server(NAME, &[]);
    report_when(&server, NAME, |report| !report["until"].is_null()).await;
    let client = believer(&authority.root().await);
    let ours = leaf(&connect(&server, &client, NAME).await.unwrap());
    for n in 0..200 {
        let name = format!("n{n}.example.net");
        let stream = connect(&server, &connector(&["http/1.1"]), &name).await.unwrap();
        // What lists this computer's addresses is not shown to those who ask around.
        assert_eq!(leaf(&stream), ours);
    }
    // Nobody is proving anything now, neither that name nor another.
    for name in [NAME, "n1.example.net"] {
        assert!(connect(&server, &connector(&["acme-tls/1"]), name).await.is_err(), "{name}");
    }
    assert_eq!(authority.count(ORDER), 1);
}
