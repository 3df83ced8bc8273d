//! Forwarded headers, from the proxy and from others.

use std::net::IpAddr;

use crate::server::{Server, connect, exchange, status};

const PROXY: [u8; 4] = [127, 0, 0, 1];
const OTHER: [u8; 4] = [127, 0, 0, 2];

fn server() -> Server {
    Server::with(&["--behind-proxy", "127.0.0.1", "--domain", "chat.example"])
}

async fn ask(server: &Server, from: impl Into<IpAddr>, path: &str, headers: &[&str]) -> String {
    let stream = connect(Some(from.into()), server.address).await.unwrap();
    let host = headers.iter().any(|line| line.starts_with("host:"));
    let host = if host { "" } else { "host: chat.example\r\n" };
    let more: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let request = format!("GET {path} HTTP/1.1\r\n{host}connection: close\r\n{more}\r\n");
    exchange(stream, request).await
}

const FOR: &str = "x-forwarded-for: 192.0.2.7";
const HTTPS: &str = "x-forwarded-proto: https";

#[tokio::test]
async fn the_proxy_says_what_the_client_asked_it() {
    let server = server();
    for headers in [
        &[FOR, HTTPS][..],
        &["forwarded: for=192.0.2.7;proto=https"],
        &["host: 10.1.2.3:3001", FOR, HTTPS, "x-forwarded-host: chat.example"],
    ] {
        assert_eq!(status(&ask(&server, PROXY, "/", headers).await), 200, "{headers:?}");
    }
    // The client came without TLS: it is sent to where it is, on the usual port.
    let there = ask(&server, PROXY, "/j/x", &[FOR, "x-forwarded-proto: http"]).await;
    assert!(there.contains("location: https://chat.example/j/x\r\n"), "{there}");
    for headers in [
        &[HTTPS][..],
        &[FOR, HTTPS, "forwarded: for=127.0.0.1"],
        &[FOR, HTTPS, "forwarded: for=\"192.0.2.7"],
    ] {
        assert_eq!(status(&ask(&server, PROXY, "/", headers).await), 400, "{headers:?}");
    }
}

#[tokio::test]
async fn h11_a_forwarded_name_is_ours_or_refused() {
    let server = server();
    for name in ["evil.example", "chat.example.evil.example", "chat.example@evil.example", "x\"y"] {
        let host = format!("x-forwarded-host: {name}");
        let answer = ask(&server, PROXY, "/", &[FOR, HTTPS, &host]).await;
        assert_eq!(status(&answer), 421, "{name}");
        assert!(!answer.contains(name), "{answer}");
    }
}

#[tokio::test]
async fn h11_others_are_not_believed() {
    let server = server();
    // It stays what it is, plain HTTP to a name: sent to HTTPS.
    let answer = ask(&server, OTHER, "/", &[FOR, HTTPS]).await;
    assert_eq!(status(&answer), 308, "{answer}");
    let lie = [FOR, HTTPS, "host: evil.example", "x-forwarded-host: chat.example"];
    assert_eq!(status(&ask(&server, OTHER, "/", &lie).await), 421);
    // Nor does the proxy itself pass for a visitor on this computer.
    for headers in [
        &["host: localhost", FOR, "x-forwarded-proto: http"][..],
        &["host: localhost", "x-forwarded-for: 127.0.0.1, 192.0.2.7"],
    ] {
        assert_eq!(status(&ask(&server, PROXY, "/", headers).await), 308, "{headers:?}");
        let metrics = ask(&server, PROXY, "/metrics", headers).await;
        assert_eq!(status(&metrics), 308, "{headers:?}");
    }
    assert_ne!(status(&ask(&server, PROXY, "/metrics", &[FOR, HTTPS]).await), 200);
    // Even if it says nothing of whom it asks for, it never asks for itself.
    for (from, expected) in [(PROXY, 404), (OTHER, 200)] {
        let metrics = ask(&server, from, "/metrics", &["host: localhost"]).await;
        assert_eq!(status(&metrics), expected, "{from:?}");
    }
}
