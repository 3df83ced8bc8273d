//! HTTP as bytes: what is malformed, too long or for somebody else.

use super::server::{Server, status};

fn get(path: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{more}\r\n")
}

#[tokio::test]
async fn h7_requests_that_could_be_read_in_two_ways_are_refused() {
    let server = Server::start();
    for (name, head) in [
        ("te+cl", "content-length: 4\r\ntransfer-encoding: chunked\r\n"),
        ("two lengths", "content-length: 4\r\ncontent-length: 5\r\n"),
        ("list of lengths", "content-length: 4, 5\r\n"),
        ("signed length", "content-length: +4\r\n"),
        ("te not chunked", "transfer-encoding: gzip\r\n"),
        ("te twice", "transfer-encoding: chunked, chunked\r\n"),
        ("folded line", "x-a: b\r\n c\r\n"),
        ("space before colon", "content-length : 4\r\n"),
    ] {
        let smuggled = "0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
        let request =
            format!("POST /api/v1/logout HTTP/1.1\r\nhost: localhost\r\n{head}\r\n{smuggled}");
        let answer = server.exchange(request).await;
        // Whatever it answers, the connection ends and nothing behind is taken for a request.
        assert!((400..500).contains(&status(&answer)), "{name}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{name}: {answer}");
    }
    assert_eq!(status(&server.exchange(get("/healthz", "")).await), 200);
}

#[tokio::test]
async fn h8_long_and_malformed_heads_are_refused() {
    let server = Server::start();
    let lines = |n: usize| (0..n).map(|n| format!("x-{n}: a\r\n")).collect::<String>();
    // Two are there already.
    assert_eq!(status(&server.exchange(get("/healthz", &lines(62))).await), 200);
    assert_eq!(status(&server.exchange(get("/healthz", &lines(63))).await), 431);
    let long = format!("x-long: {}\r\n", "a".repeat(33 * 1024));
    assert_eq!(status(&server.exchange(get("/healthz", &long)).await), 431);
    let path = format!("/{}", "a".repeat(5 * 1024));
    assert_eq!(status(&server.exchange(get(&path, "")).await), 414);
    assert_eq!(status(&server.exchange(get("/healthz", "x-a: a\0b\r\n")).await), 400);
    assert_eq!(status(&server.exchange(get("/healthz", "x-\u{e9}: a\r\n")).await), 400);
}

#[tokio::test]
async fn h10_other_methods_are_refused() {
    let server = Server::start();
    for method in ["TRACE", "BREW", "PROPFIND"] {
        let request =
            format!("{method} / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        assert_eq!(status(&server.exchange(request).await), 405, "{method}");
    }
    let connect =
        "CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\nconnection: close\r\n\r\n";
    assert_eq!(status(&server.exchange(connect).await), 405);
    let post =
        "POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(status(&server.exchange(post).await), 405);
    let put = "PUT /api/v1/status HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost\r\n\
               x-callbox: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    server.owner().await;
    let answer = server.exchange(put).await;
    assert_eq!(status(&answer), 405);
    assert!(answer.contains("allow: GET"), "{answer}");
}

#[tokio::test]
async fn h11_foreign_hosts_are_refused_and_not_reflected() {
    let server = Server::start();
    for (line, host) in [
        ("/", ""),
        ("/", "host: evil.example\r\n"),
        ("/", "host: localhost.evil.example\r\n"),
        ("/", "host: localhost:80@evil.example\r\n"),
        ("/", "host: 203.0.113.9\r\n"),
        ("/", "host: localhost\r\nhost: evil.example\r\n"),
        ("http://evil.example/", "host: localhost\r\n"),
        ("http://evil.example/", "host: evil.example\r\n"),
    ] {
        for tls in [false, true] {
            let request = format!("GET {line} HTTP/1.1\r\n{host}connection: close\r\n\r\n");
            let answer = match tls {
                false => server.exchange(request).await,
                true => server.exchange_tls(request).await,
            };
            assert_eq!(status(&answer), 421, "{line} {host}: {answer}");
            assert!(!answer.contains("evil"), "{answer}");
        }
    }
    let forwarded = get("/", "x-forwarded-host: evil.example\r\nx-forwarded-proto: http\r\n");
    let answer = server.exchange(forwarded).await;
    assert_eq!(status(&answer), 200);
    assert!(!answer.contains("evil"), "{answer}");
}

#[tokio::test]
async fn h12_a_rebound_name_reaches_nothing() {
    let server = Server::start();
    let mut owner = server.owner().await;
    let cookie = owner.session_cookie().unwrap();
    let host = format!("evil.example:{}", server.address.port());
    let request = format!(
        "GET /api/v1/session HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\n\
         cookie: {cookie}\r\nconnection: close\r\n\r\n"
    );
    assert_eq!(status(&server.exchange(request).await), 421);
    assert_eq!(owner.get("/api/v1/session").await.status, 200);
}

#[tokio::test]
async fn plain_http_that_is_not_from_this_computer_goes_to_https() {
    let server = Server::with(&["--domain", "chat.example"]);
    let port = server.address.port();
    for method in ["GET", "POST"] {
        let request = format!(
            "{method} /j/abc?x=y HTTP/1.1\r\nhost: chat.example:{port}\r\nconnection: close\r\n\
             content-length: 0\r\n\r\n"
        );
        let answer = server.exchange(request).await;
        assert_eq!(status(&answer), 308, "{answer}");
        assert!(
            answer.contains(&format!("location: https://chat.example:{port}/j/abc?x=y\r\n")),
            "{answer}"
        );
    }
    let health = "GET /healthz HTTP/1.1\r\nhost: 203.0.113.9\r\nconnection: close\r\n\r\n";
    assert_eq!(status(&server.exchange(health).await), 200);
    // The same name over TLS is served.
    let request =
        format!("GET / HTTP/1.1\r\nhost: chat.example:{port}\r\nconnection: close\r\n\r\n");
    assert_eq!(status(&server.exchange_tls(request).await), 200);
}

#[tokio::test]
async fn h5_a_body_that_breaks_off_or_is_too_large_is_refused() {
    let server = Server::start();
    let port = server.address.port();
    let head = format!(
        "POST /api/v1/login/start HTTP/1.1\r\nhost: localhost:{port}\r\n\
         origin: http://localhost:{port}\r\nx-callbox: 1\r\ncontent-type: application/json\r\n\
         connection: close\r\n"
    );
    server.owner().await;
    let large = "a".repeat(64 * 1024 + 1);
    let request = format!("{head}content-length: {}\r\n\r\n{large}", large.len());
    assert_eq!(status(&server.exchange(request).await), 413);
    let chunked = format!(
        "{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
        large.len()
    );
    assert_eq!(status(&server.exchange(chunked).await), 413);
    let longer = format!(
        "{head}content-length: 2\r\n\r\n{{}}GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"
    );
    let answer = server.exchange(longer).await;
    assert_eq!(status(&answer), 400, "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
}
