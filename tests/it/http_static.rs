//! The client's files: found by exact name, cached right, never framed.

use super::server::{Server, status};

async fn get(server: &Server, path: &str, more: &str) -> String {
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{more}\r\n");
    server.exchange(request).await
}

const NAVIGATION: &str = "sec-fetch-dest: document\r\nsec-fetch-mode: navigate\r\n";

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next().unwrap();
    head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")))
}

#[tokio::test]
async fn h21_nothing_is_found_by_climbing() {
    let server = Server::start();
    for path in [
        "/../Cargo.toml",
        "/%2e%2e%2fCargo.toml",
        "/..%5cCargo.toml",
        "//",
        "//etc/passwd",
        "/assets/../index.html",
        "/assets//",
        "/./index.html",
        "/index.html/",
        "/index.html%00",
        "/%00",
        "/%c0%ae%c0%ae/",
        "/assets/%2e%2e/index.html",
        "/INDEX.HTML",
        "/\\..\\x",
    ] {
        for more in ["", NAVIGATION] {
            let answer = get(&server, path, more).await;
            assert!([400, 404].contains(&status(&answer)), "{path}: {answer}");
        }
    }
}

#[tokio::test]
async fn h22_one_range_is_served_others_are_not() {
    let server = Server::start();
    let whole = get(&server, "/", "").await;
    let body = whole.split_once("\r\n\r\n").unwrap().1;
    let answer = get(&server, "/", "range: bytes=0-8\r\n").await;
    assert_eq!(status(&answer), 206);
    assert_eq!(answer.split_once("\r\n\r\n").unwrap().1, &body[..9]);
    assert_eq!(
        header(&answer, "content-range"),
        Some(format!("bytes 0-8/{}", body.len()).as_str())
    );
    for range in ["bytes=-0", "bytes=999999999-"] {
        let answer = get(&server, "/", &format!("range: {range}\r\n")).await;
        assert_eq!(status(&answer), 416, "{range}");
        assert_eq!(
            header(&answer, "content-range"),
            Some(format!("bytes */{}", body.len()).as_str())
        );
    }
    let many = format!("bytes={}0-1", "0-1,".repeat(5_000));
    for range in ["bytes=0-1,0-1", &many, "bytes=5-2"] {
        assert_eq!(
            status(&get(&server, "/", &format!("range: {range}\r\n")).await),
            200,
            "{range}"
        );
    }
}

#[tokio::test]
async fn h23_the_page_is_for_navigations_only() {
    let server = Server::start();
    for path in ["/setup", "/j/AQEBAQEBAQEBAQEBAQEBAQ", "/c/AQEBAQEBAQEBAQEBAQEBAQ"] {
        let answer = get(&server, path, NAVIGATION).await;
        assert_eq!(status(&answer), 200, "{path}");
        assert!(header(&answer, "content-type").unwrap().starts_with("text/html"), "{answer}");
        assert_eq!(status(&get(&server, path, "accept: text/html,*/*;q=0.8\r\n").await), 200);
        for script in [
            "",
            "accept: */*\r\n",
            "sec-fetch-dest: empty\r\naccept: text/html\r\n",
            "sec-fetch-dest: script\r\n",
        ] {
            assert_eq!(status(&get(&server, path, script).await), 404, "{path} {script}");
        }
    }
    for path in ["/assets/gone.js", "/assets/gone", "/favicon-gone.ico", "/setup/"] {
        assert_eq!(status(&get(&server, path, NAVIGATION).await), 404, "{path}");
    }
}

#[tokio::test]
async fn h24_a_page_that_is_known_is_not_sent_again() {
    let server = Server::start();
    let answer = get(&server, "/", "").await;
    let etag = header(&answer, "etag").unwrap().to_owned();
    assert_eq!(header(&answer, "cache-control"), Some("no-cache"));
    let same = get(&server, "/", &format!("if-none-match: {etag}\r\n")).await;
    assert_eq!(status(&same), 304);
    assert_eq!(same.split_once("\r\n\r\n").unwrap().1, "");
    let long = format!("if-none-match: {}{etag}\r\n", "\"x\",".repeat(4_000));
    assert_eq!(status(&get(&server, "/", &long).await), 200);
    let too_long = format!("if-none-match: {}{etag}\r\n", "\"x\",".repeat(16_384));
    assert_eq!(status(&get(&server, "/", &too_long).await), 431);
}

#[tokio::test]
async fn h25_what_is_not_for_the_public_is_not_there() {
    let server = Server::with(&["--metrics-token", "0123456789abcdef"]);
    for path in ["/.git/config", "/index.html.br", "/index.html.map", "/.stamp", "/assets/x.map"] {
        for more in ["", NAVIGATION] {
            assert_eq!(status(&get(&server, path, more).await), 404, "{path}");
        }
    }
    for path in ["/debug", "/debug/pprof", "/admin/v1/accounts"] {
        assert_eq!(status(&get(&server, path, "").await), 404, "{path}");
    }
    assert_eq!(status(&get(&server, "/metrics", "").await), 200);
    let proxied = "x-forwarded-for: 203.0.113.9\r\n";
    for more in [proxied, "X-Forwarded-Host: localhost\r\n", "via: 1.1 proxy\r\n"] {
        assert_eq!(status(&get(&server, "/metrics", more).await), 404, "{more}");
    }
    let token = |token| format!("{proxied}authorization: Bearer {token}\r\n");
    assert_eq!(status(&get(&server, "/metrics", &token("0123456789abcdeX")).await), 404);
    assert_eq!(status(&get(&server, "/metrics", &token("0123456789abcdef")).await), 200);
}

#[tokio::test]
async fn h25_a_proxy_on_this_computer_is_not_this_computer() {
    let server = Server::with(&["--allowed-hosts", "chat.example"]);
    let asked = async |host| {
        let request = format!("GET /metrics HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        status(&server.exchange_tls(request).await)
    };
    for host in ["localhost", "127.0.0.1", "[::1]:3001"] {
        assert_eq!(asked(host).await, 200, "{host}");
    }
    // One that says nothing of whom it asks for passes on the name they asked for.
    assert_eq!(asked("chat.example").await, 404);
}

#[tokio::test]
async fn h26_every_answer_forbids_framing_and_foreign_code() {
    let server = Server::start();
    for path in ["/", "/healthz", "/api/v1/status", "/gone", "/api/v1/gone"] {
        let answer = get(&server, path, "").await;
        let policy = header(&answer, "content-security-policy").unwrap();
        for rule in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval';",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(header(&answer, "referrer-policy"), Some("no-referrer"), "{path}");
        assert_eq!(header(&answer, "cross-origin-opener-policy"), Some("same-origin"), "{path}");
        assert_eq!(header(&answer, "strict-transport-security"), None, "{path}");
    }
}

#[tokio::test]
async fn a_head_says_what_a_get_would() {
    let server = Server::start();
    let get = get(&server, "/", "").await;
    let head =
        server.exchange("HEAD / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
    let heads = [&get, &head].map(|answer| {
        let head = answer.split("\r\n\r\n").next().unwrap();
        let mut lines: Vec<_> = head.lines().filter(|line| !line.starts_with("date")).collect();
        lines.sort_unstable();
        lines.join("\n")
    });
    assert_eq!(heads[0], heads[1]);
    assert!(head.ends_with("\r\n\r\n"));
}
