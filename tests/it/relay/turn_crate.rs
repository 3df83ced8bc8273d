//! The client of the `turn` crate against our server.

use std::sync::Arc;

use tokio::net::UdpSocket;
use turn::client::{Client, ClientConfig};
use webrtc_util::Conn;

use super::{LOOPBACK, TestRelay};

async fn client(relay: &TestRelay, session: u8) -> Client {
    client_as(relay, relay.credentials(1, session)).await
}

async fn client_as(relay: &TestRelay, (username, password): (String, String)) -> Client {
    let socket = UdpSocket::bind(LOOPBACK).await.expect("a free port");
    let config = ClientConfig {
        stun_serv_addr: relay.udp().to_string(),
        turn_serv_addr: relay.udp().to_string(),
        username,
        password,
        realm: String::new(),
        software: String::new(),
        rto_in_ms: 0,
        conn: Arc::new(socket),
        vnet: None,
    };
    let client = Client::new(config).await.expect("a client");
    client.listen().await.expect("it listens");
    client
}

#[tokio::test]
async fn two_clients_of_the_turn_crate_talk() {
    let relay = TestRelay::start();
    let (first, second) = (client(&relay, 1).await, client(&relay, 2).await);
    let mapped = first.send_binding_request().await.expect("an answer");
    assert_eq!(mapped.ip(), LOOPBACK.ip());

    let a = first.allocate().await.expect("an allocation");
    let b = second.allocate().await.expect("an allocation");
    let at_a = a.local_addr().expect("a relayed address");
    let at_b = b.local_addr().expect("a relayed address");
    // Makes the permission. Nobody lets it in yet; but it may be overtaken by who does.
    a.send_to(b"knock", at_b).await.expect("a permission");

    // The client changes from indications to a channel on its own.
    for n in 0..50_u8 {
        let mut buffer = [0; 1500];
        b.send_to(&[n; 100], at_a).await.expect("sent");
        let (length, from) = a.recv_from(&mut buffer).await.expect("received");
        assert_eq!((&buffer[..length], from), (&[n; 100][..], at_b));
        a.send_to(&[n, n], at_b).await.expect("sent");
        let (mut length, mut from) = b.recv_from(&mut buffer).await.expect("received");
        if n == 0 && &buffer[..length] == b"knock" {
            (length, from) = b.recv_from(&mut buffer).await.expect("received");
        }
        assert_eq!((&buffer[..length], from), (&[n, n][..], at_a));
    }
    first.close().await.expect("closes");
    second.close().await.expect("closes");
}

#[tokio::test]
async fn a_client_of_another_call_is_no_peer() {
    let relay = TestRelay::start();
    let ours = client(&relay, 1).await;
    let a = ours.allocate().await.expect("an allocation");
    let at_a = a.local_addr().expect("a relayed address");
    let mut other = super::client::Client::udp(relay.udp(), relay.credentials(2, 2)).await;
    other.allocate().await.expect("an allocation");
    assert_eq!(other.permit(at_a).await, Err(403));
}

#[tokio::test]
async fn a_client_of_the_turn_crate_reaches_a_peer_outside() {
    let relay = TestRelay::open();
    for credentials in [relay.credentials(1, 1), ("anna".to_owned(), "password".to_owned())] {
        let client = client_as(&relay, credentials).await;
        let ours = client.allocate().await.expect("an allocation");
        let relayed = ours.local_addr().expect("a relayed address");
        let peer = UdpSocket::bind(LOOPBACK).await.expect("a free port");
        let at_peer = peer.local_addr().expect("bound");
        // The client changes from indications to a channel on its own.
        for n in 0..50_u8 {
            let mut buffer = [0; 1500];
            ours.send_to(&[n; 100], at_peer).await.expect("sent");
            let (length, from) = peer.recv_from(&mut buffer).await.expect("received");
            assert_eq!((&buffer[..length], from), (&[n; 100][..], relayed));
            peer.send_to(&[n, n], relayed).await.expect("sent");
            let (length, from) = ours.recv_from(&mut buffer).await.expect("received");
            assert_eq!((&buffer[..length], from), (&[n, n][..], at_peer));
        }
        client.close().await.expect("closes");
    }
}
