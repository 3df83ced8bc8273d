//! What happens when something of ours fails: a panic, a full log, a stop.

use std::sync::Arc;

use callbox::http::{self, Auth, Router, Setup, State, Transport, Version, Wire};
use callbox::hub;
use callbox::pure::auth::{attempts::Limits, relay::Keys};
use callbox::store::{Files, Quotas, Store};
use futures_util::StreamExt;
use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::Message;

use super::http_h2::open;
use super::server::{Server, exchange, status};

pub async fn state(data: &tempfile::TempDir) -> State {
    let store = Store::open(&data.path().join("callbox.db")).unwrap();
    let directory = store.directory().await.unwrap();
    let install = directory.install_id.clone();
    let keys = watch::channel(Keys::new(&[1; 32], None)).1;
    let relay = hub::Relay {
        keys,
        urls: vec![],
        revocations: mpsc::unbounded_channel().0,
        meter: hub::Meter::default(),
    };
    let hub = hub::start(store.clone(), directory, relay, hub::Limits::default());
    let auth = Auth::open(data.path(), install, Limits::default()).unwrap();
    let quotas = Quotas { member: 0, guest: 0 };
    let files = Files::open(&data.path().join("files"), store.clone(), quotas).await.unwrap();
    State::new(store, files, hub, auth, Setup::done(data.path()).unwrap(), String::new())
}

async fn ask(state: &Arc<State>, path: &str) -> String {
    let (client, server) = tokio::io::duplex(1 << 16);
    let here = [127, 0, 0, 1].into();
    let wire = Wire { transport: Transport::Plain, client: here, local: here, elsewhere: None };
    let (_stop, stopped) = watch::channel(false);
    let serving = http::serve(Arc::clone(state), server, wire, Version::Http1, stopped);
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    tokio::join!(exchange(client, request), serving).0
}

#[tokio::test]
async fn h95_a_panic_costs_one_request() {
    let data = tempfile::tempdir().unwrap();
    let mut state = state(&data).await;
    state.api =
        Router::new().on(::http::Method::GET, "/panic", |_, _| async { panic!("on purpose") });
    let state = Arc::new(state);
    let answer = ask(&state, "/api/v1/panic").await;
    assert_eq!(status(&answer), 500);
    assert!(!answer.contains("purpose"), "{answer}");
    assert!(answer.contains("content-security-policy"), "{answer}");
    assert_eq!(status(&ask(&state, "/healthz").await), 200);
}

#[tokio::test]
async fn who_stops_is_alive_but_not_ready() {
    let data = tempfile::tempdir().unwrap();
    let state = Arc::new(state(&data).await);
    assert_eq!(status(&ask(&state, "/readyz").await), 200);
    state.drain();
    assert_eq!(status(&ask(&state, "/readyz").await), 503);
    assert_eq!(status(&ask(&state, "/healthz").await), 200);
}

#[tokio::test]
async fn a_stop_tells_sockets_to_come_back_and_is_quick() {
    let server = Server::start();
    let owner = server.owner().await;
    let mut socket = server.websocket(&owner).await;
    let begun = std::time::Instant::now();
    server.terminate();
    let code = loop {
        match socket.next().await {
            Some(Ok(Message::Close(Some(frame)))) => break u16::from(frame.code),
            Some(Ok(_)) => {}
            other => panic!("no closing frame: {other:?}"),
        }
    };
    assert_eq!(code, 1012);
    drop(socket);
    let (ending, directory) = server.ended().await;
    assert!(ending.success(), "{ending}");
    assert!(begun.elapsed().as_secs() < 10);
    assert!(!directory.path().join("data/admin.sock").exists());
    let again = Server::on(directory, &[]);
    assert_eq!(again.ready["setup_url"], serde_json::Value::Null);
    let cookie = owner.session_cookie().unwrap();
    let request = format!(
        "GET /api/v1/session HTTP/1.1\r\nhost: localhost\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n"
    );
    assert_eq!(status(&again.exchange(request).await), 200);
}

#[tokio::test]
async fn before_setup_only_the_way_to_it_is_open() {
    let server = Server::start();
    let mut browser = server.browser();
    assert_eq!(browser.get("/api/v1/status").await.ok()["setup_required"], json!(true));
    for path in ["/api/v1/session", "/api/v1/devices", "/api/v1/gone"] {
        browser.get(path).await.refused(503, "setup_required");
    }
    browser.post("/api/v1/login/start", json!({})).await.refused(503, "setup_required");
    server.owner().await;
    assert_eq!(browser.get("/api/v1/status").await.ok()["setup_required"], json!(false));
    browser.get("/api/v1/session").await.refused(401, "unauthorized");
}

#[tokio::test]
async fn h87_no_secret_reaches_the_log() {
    let server = Server::with(&["--log", "trace", "--metrics-token", "metrics-secret-0123"]);
    let token = server.setup_token();
    let mut owner = server.owner().await;
    let session = owner.cookies["callbox-sid"].clone();
    let created = owner.invite(3_600_000, 2).await.ok();
    let mut guest = server.browser();
    guest.join(&created, "Gina Gallant", "guest password").await.ok();
    let mut again = server.browser();
    again.log_in("Gina Gallant", "guest password").await.ok();
    again.log_in("Gina Gallant", "wrong password").await;
    let bearer = [("authorization".to_owned(), "Bearer metrics-secret-0123".to_owned())];
    again.send("GET", "/metrics?token=in-the-query", &bearer, b"").await;
    // The crate below HTTP/2 says much at this level.
    let cookie = format!("__Host-sid={}", guest.cookies["callbox-sid"]);
    let own = format!("https://localhost:{}", server.address.port());
    assert_eq!(open(&server, Some(&own), &cookie).await.0, 200);
    let socket = server.websocket(&guest).await;
    drop(socket);
    server.terminate();
    let (_, directory) = server.ended().await;
    let log = std::fs::read_to_string(directory.path().join("log")).unwrap();
    assert!(log.contains("\"TRACE\""), "{log}");
    let link = created["secret"].as_str().unwrap();
    for (what, secret) in [
        ("setup token", token.as_str()),
        ("session", &session),
        ("second session", &guest.cookies["callbox-sid"]),
        ("link", link),
        ("metrics token", "metrics-secret-0123"),
        ("query", "in-the-query"),
        ("password", "guest password"),
        ("wrong password", "wrong password"),
    ] {
        assert!(!log.contains(secret), "{what} in the log");
    }
    // Names may be in there at debug and below, but never above.
    for line in log.lines().filter(|line| line.contains("Gina")) {
        assert!(line.contains("\"DEBUG\"") || line.contains("\"TRACE\""), "{line}");
    }
}
