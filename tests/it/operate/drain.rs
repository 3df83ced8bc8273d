//! Stopping: in which order, and what goes on meanwhile.

use std::time::{Duration, Instant};

use callbox::pure::wire::CloseCode;
use serde_json::json;

use super::manager::Manager;
use crate::accounts::setup_ticket;
use crate::hub::{Client, is};
use crate::relay::client::{Client as TurnClient, Received};
use crate::server::{Server, status};

async fn asked(server: &Server, path: &str) -> u16 {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    status(&server.exchange(request).await)
}

#[tokio::test]
async fn h56_it_is_not_ready_first_then_says_when_to_come_back() {
    let (manager, server) = Manager::start(&[], &["--drain-seconds", "600"]);
    let mut olga = server.browser();
    olga.register(setup_ticket(&server), "Olga", "correct horse").await.ok();
    let mut client = Client::on(server.websocket(&olga).await);
    client.greet(json!(null), json!([])).await;
    assert_eq!(asked(&server, "/readyz").await, 200);

    server.terminate();
    manager.hears("STOPPING=1").await;
    assert_eq!(asked(&server, "/readyz").await, 503);
    assert_eq!(asked(&server, "/healthz").await, 200);
    assert_eq!(client.ask(json!({"type": "ping"})).await["type"], "done");
    // Whoever asks twice does not want to wait.
    server.terminate();
    is(client.end().await, CloseCode::stopping(0, 0));
    let retry: u64 = client.reason().strip_prefix("retry_ms=").unwrap().parse().unwrap();
    assert!((500..=1_500).contains(&retry), "{retry}");
    assert!(server.ended().await.0.success());
}

/// Two ends of a call that goes through the relay.
async fn call(server: &Server) -> [TurnClient; 2] {
    let address = server.ready["turn"]["udp"][0].as_str().unwrap().parse().unwrap();
    let credentials = || ("ann".to_owned(), "password".to_owned());
    let mut a = TurnClient::udp(address, credentials()).await;
    let mut b = TurnClient::udp(address, credentials()).await;
    let (at_a, at_b) = (a.allocate().await.unwrap(), b.allocate().await.unwrap());
    a.bind(0x4001, at_b).await.unwrap();
    b.bind(0x4001, at_a).await.unwrap();
    [a, b]
}

#[tokio::test]
async fn the_relay_goes_on_until_the_calls_are_over_or_the_time_is() {
    let flags = ["--turn-user", "ann:password", "--turn-drain-seconds", "600"];
    let server = Server::with(&flags);
    let [mut a, mut b] = call(&server).await;
    server.terminate();
    // The doors are closed once the pages do not answer.
    while tokio::net::TcpStream::connect(server.address).await.is_ok() {}
    for _ in 0..3 {
        a.send_channel(0x4001, b"media").await;
        assert_eq!(b.receive().await, Some(Received::Channel(0x4001, b"media".to_vec())));
    }
    a.refresh(0).await.unwrap();
    b.refresh(0).await.unwrap();
    assert!(server.ended().await.0.success());

    let server = Server::with(&["--turn-user", "ann:password", "--turn-drain-seconds", "1"]);
    let _call = call(&server).await;
    let begun = Instant::now();
    server.terminate();
    assert!(server.ended().await.0.success());
    assert!(begun.elapsed() >= Duration::from_secs(1));
}
