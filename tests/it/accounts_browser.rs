//! What a browser is protected from: rows H35, H36, H45 and H46.

use futures_util::StreamExt;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::accounts::{Owned, account_id, setup_ticket};
use super::browser::Browser;
use super::server::Server;

const PASSWORD: &str = "a password";

/// Opens a WebSocket as the browser's page would; the status when it is refused.
async fn socket(browser: &Browser) -> Result<WebSocketStream<TcpStream>, u16> {
    let mut stream = TcpStream::connect(browser.address).await.unwrap();
    let request = format!(
        "GET /ws HTTP/1.1\r\nhost: localhost:{}\r\norigin: {}\r\ncookie: {}\r\n\
         connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-protocol: callbox.v1\r\n\r\n",
        browser.address.port(),
        browser.origin(),
        browser.cookie_header(),
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    match std::str::from_utf8(&head[9..12]).unwrap() {
        "101" => Ok(WebSocketStream::from_raw_socket(stream, Role::Client, None).await),
        status => Err(status.parse().unwrap()),
    }
}

/// The code with which the server closes.
async fn closed(mut socket: WebSocketStream<TcpStream>) -> u16 {
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Close(Some(frame)) = message {
            return frame.code.into();
        }
    }
    panic!("closed without a word");
}

#[tokio::test]
async fn h35_live_sockets_close_when_their_session_ends() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let admin = format!("/api/v1/admin/accounts/{}", account_id(&mut anna).await);
    let mut phone = owned.browser();

    let device = phone.log_in("Anna", PASSWORD).await.ok()["device"].clone();
    let live = socket(&phone).await.unwrap();
    let stolen = phone.clone();
    phone.post("/api/v1/logout", json!({})).await.ok();
    assert_eq!(closed(live).await, 4001);
    assert_eq!(socket(&stolen).await.err(), Some(401));

    phone.log_in("Anna", PASSWORD).await.ok();
    let live = socket(&phone).await.unwrap();
    anna.delete(&format!("/api/v1/devices/{}", device.as_str().unwrap())).await.ok();
    assert_eq!(closed(live).await, 4001);

    phone.log_in("Anna", PASSWORD).await.ok();
    let live = socket(&phone).await.unwrap();
    let finish = json!({ "bundle_version": 1, "sign_out_others": true });
    let body = |request| json!({ "request": request });
    anna.registration("/api/v1/password", body, finish, "new").await.ok();
    assert_eq!(closed(live).await, 4001);

    let live = socket(&anna).await.unwrap();
    owned.owner.patch(&admin, json!({ "disabled": true })).await.ok();
    assert_eq!(closed(live).await, 4001);
    assert_eq!(socket(&anna).await.err(), Some(401));
}

#[tokio::test]
async fn h36_a_cookie_counts_only_under_its_name_and_over_its_channel() {
    let server = Server::start();
    let mut secure = Browser::over_tls(server.address);
    secure.register(setup_ticket(&server), "Olga", PASSWORD).await.ok();
    secure.get("/api/v1/session").await.ok();
    let names: Vec<_> = secure.cookies.keys().cloned().collect();
    assert_eq!(names, ["__Host-dev", "__Host-sid"]);
    let token = secure.token().unwrap().to_owned();

    let mut plain = Browser::new(server.address);
    plain.log_in("Olga", PASSWORD).await.ok();
    let plain_token = plain.token().unwrap().to_owned();
    for (mut browser, name, token) in [
        (Browser::over_tls(server.address), "callbox-sid", &token),
        (Browser::over_tls(server.address), "sid", &token),
        (Browser::over_tls(server.address), "__Secure-sid", &token),
        (Browser::over_tls(server.address), "callbox-sid", &plain_token),
        (Browser::new(server.address), "__Host-sid", &token),
    ] {
        browser.cookies.insert(name.into(), token.clone());
        browser.get("/api/v1/session").await.refused(401, "unauthorized");
    }
}

#[tokio::test]
async fn h34_cookies_are_out_of_reach_of_scripts_and_other_sites() {
    let server = Server::start();
    let mut browser = Browser::over_tls(server.address);
    let answer = browser.register(setup_ticket(&server), "Olga", PASSWORD).await;
    let lines: Vec<_> = answer.headers.iter().filter(|(name, _)| name == "set-cookie").collect();
    assert_eq!(lines.len(), 2);
    for (_, line) in lines {
        for part in ["Path=/;", " Secure;", " HttpOnly;", " SameSite=Strict;"] {
            assert!(line.contains(part), "{part}");
        }
        assert!(!line.contains("Domain"));
    }
}

#[tokio::test]
async fn h45_h46_requests_of_other_pages_change_nothing() {
    let mut owned = Owned::start().await;
    let olga = &mut owned.owner;
    let own = olga.own_headers("application/json");
    let port = olga.address.port();
    let replaced = |name: &str, value: Option<&str>| {
        let mut headers = own.clone();
        headers.retain(|(key, _)| key != name);
        headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        headers
    };
    let mut foreign = vec![
        replaced("x-callbox", None),
        replaced("origin", None),
        replaced("origin", Some("null")),
        replaced("origin", Some("https://evil.example")),
        replaced("origin", Some(&format!("http://localhost:{}", port ^ 1))),
        replaced("origin", Some(&format!("http://localhost.evil.example:{port}"))),
        replaced("origin", Some(&format!("http://a.localhost:{port}"))),
        replaced("sec-fetch-site", Some("cross-site")),
        replaced("sec-fetch-site", Some("same-site")),
        replaced("sec-fetch-site", Some("none")),
    ];
    // What a form of another page can send, with everything a browser adds.
    foreign.push(vec![
        ("origin".into(), "https://evil.example".into()),
        ("sec-fetch-site".into(), "cross-site".into()),
        ("content-type".into(), "text/plain".into()),
    ]);
    let body = json!({ "name": "Hacked" }).to_string();
    for headers in foreign {
        let answer = olga.send("PATCH", "/api/v1/account", &headers, body.as_bytes()).await;
        assert_eq!(answer.status, 403, "{headers:?}");
        let shared = answer.headers.iter().find(|(name, _)| name.starts_with("access-control"));
        assert_eq!(shared, None, "{headers:?}");
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let headers = olga.own_headers(kind);
        let answer = olga.send("PATCH", "/api/v1/account", &headers, body.as_bytes()).await;
        answer.refused(400, "bad_request");
    }
    assert_eq!(olga.get("/api/v1/session").await.ok()["account"]["name"], "Olga");
}
