//! Requests, and WebSockets, that other sites try to send.

use serde_json::json;

use super::server::{Server, status, upgrade_request};

fn without(request: &str, header: &str) -> String {
    let lines = request.split_inclusive("\r\n").filter(|line| !line.starts_with(header));
    lines.collect()
}

#[tokio::test]
async fn h45_forms_and_simple_requests_change_nothing() {
    let server = Server::start();
    let mut owner = server.owner().await;
    let good = owner.own_headers("application/json");
    let invite = owner.invite_body(3_600_000, 1).0.to_string();
    let with = |name: &str, value: &str| {
        let mut headers = good.clone();
        headers.retain(|(key, _)| key != name);
        if !value.is_empty() {
            headers.push((name.into(), value.into()));
        }
        headers
    };
    for headers in [
        with("x-callbox", ""),
        with("x-callbox", "0"),
        with("origin", ""),
        with("origin", "null"),
        with("origin", "https://evil.example"),
        with("sec-fetch-site", "cross-site"),
        with("sec-fetch-site", "same-site"),
        with("sec-fetch-site", "none"),
    ] {
        let answer = owner.send("POST", "/api/v1/invites", &headers, invite.as_bytes()).await;
        answer.refused(403, "forbidden");
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""] {
        let headers = with("content-type", kind);
        let answer = owner.send("POST", "/api/v1/invites", &headers, invite.as_bytes()).await;
        answer.refused(400, "bad_request");
    }
    let site = [("sec-fetch-site".to_owned(), "cross-site".to_owned())];
    owner.send("GET", "/api/v1/session", &site, b"").await.refused(403, "forbidden");
    assert_eq!(owner.get("/api/v1/invites").await.ok()["invites"], json!([]));
    owner.send("POST", "/api/v1/invites", &good, invite.as_bytes()).await.ok();
}

#[tokio::test]
async fn h46_no_other_origin_reads_the_api() {
    let server = Server::with(&["--allowed-origins", "https://status.example"]);
    let mut owner = server.owner().await;
    let port = server.address.port();
    for origin in [
        "null".to_owned(),
        "http://localhost".to_owned(),
        format!("http://localhost:{}", port ^ 1),
        format!("https://localhost:{port}"),
        format!("http://a.localhost:{port}"),
        format!("http://localhost:{port}.evil.example"),
        "https://status.example.evil.example".to_owned(),
        "http://status.example".to_owned(),
    ] {
        let headers = [("origin".to_owned(), origin.clone())];
        for method in ["GET", "OPTIONS"] {
            let answer = owner.send(method, "/api/v1/session", &headers, b"").await;
            assert_eq!(answer.status, 403, "{method} {origin}");
            assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
        }
    }
}

#[tokio::test]
async fn h46_an_allowed_origin_reads_as_nobody() {
    let server = Server::with(&["--allowed-origins", "https://status.example"]);
    let mut owner = server.owner().await;
    let headers = [("origin".to_owned(), "https://status.example".to_owned())];
    let answer = owner.send("GET", "/api/v1/status", &headers, b"").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://status.example"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(answer.header("vary"), Some("origin"));
    // The cookie was sent along, as a browser might from a neighbouring name.
    owner.send("GET", "/api/v1/session", &headers, b"").await.refused(401, "unauthorized");
    let answer = owner.send("OPTIONS", "/api/v1/login/start", &headers, b"").await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-headers"), Some("content-type, x-callbox"));
}

#[tokio::test]
async fn h47_a_websocket_from_another_origin_is_refused() {
    let server = Server::start();
    let owner = server.owner().await;
    let port = server.address.port();
    let cookie = format!("cookie: {}\r\n", owner.session_cookie().unwrap());
    let good = upgrade_request(port, &cookie);
    for origin in
        ["https://evil.example", "null", "http://localhost", &format!("https://localhost:{port}")]
    {
        let request = without(&good, "origin")
            .replace("\r\n\r\n", &format!("\r\norigin: {origin}\r\nconnection: close\r\n\r\n"));
        let answer = server.exchange(request).await;
        assert_eq!(status(&answer), 403, "{origin}: {answer}");
    }
    let request = without(&good, "origin").replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
    assert_eq!(status(&server.exchange(request).await), 403);
    let nobody = upgrade_request(port, "connection: close\r\n");
    assert_eq!(status(&server.exchange(nobody).await), 401);
    server.websocket(&owner).await;
}

#[tokio::test]
async fn h48_what_is_no_upgrade_is_refused() {
    let server = Server::start();
    let owner = server.owner().await;
    let port = server.address.port();
    let more = format!("cookie: {}\r\nconnection: close\r\n", owner.session_cookie().unwrap());
    let good = upgrade_request(port, &more);
    for (name, request, expected) in [
        ("no key", without(&good, "sec-websocket-key"), 400),
        ("short key", good.replace("sec-websocket-key: ", "sec-websocket-key: A"), 400),
        ("version 12", good.replace("version: 13", "version: 12"), 400),
        ("no version", without(&good, "sec-websocket-version"), 400),
        ("no upgrade", without(&good, "upgrade"), 400),
        ("other protocol", good.replace("callbox.v1", "callbox.v0"), 400),
        ("no protocol", without(&good, "sec-websocket-protocol"), 400),
        ("post", good.replacen("GET", "POST", 1), 405),
        ("head", good.replacen("GET", "HEAD", 1), 405),
        ("HTTP/1.0", good.replace("HTTP/1.1", "HTTP/1.0"), 400),
    ] {
        let answer = server.exchange(request).await;
        assert_eq!(status(&answer), expected, "{name}: {answer}");
    }
}

#[tokio::test]
async fn h36_a_cookie_counts_only_where_it_was_made() {
    let server = Server::start();
    let mut owner = server.owner().await;
    let value = owner.cookies["callbox-sid"].clone();
    let port = server.address.port();
    let session = |cookie: &str| {
        format!(
            "GET /api/v1/session HTTP/1.1\r\nhost: localhost:{port}\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n"
        )
    };
    // The same session, with the other channel's name for it.
    let (plain, bound) = (format!("callbox-sid={value}"), format!("__Host-sid={value}"));
    assert_eq!(status(&server.exchange(session(&plain)).await), 200);
    assert_eq!(status(&server.exchange(session(&bound)).await), 401);
    assert_eq!(status(&server.exchange_tls(session(&plain)).await), 401);
    assert_eq!(status(&server.exchange_tls(session(&format!("sid={value}"))).await), 401);
    assert_eq!(status(&server.exchange_tls(session(&format!("__host-sid={value}"))).await), 401);
    assert_eq!(status(&server.exchange_tls(session(&bound)).await), 200);
    assert_eq!(owner.get("/api/v1/session").await.status, 200);
}
