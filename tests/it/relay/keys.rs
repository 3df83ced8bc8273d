//! A fresh key every day, without anybody noticing.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use callbox::boot::{DataDirectory, RelayKeys};
use callbox::http::now;
use callbox::pure::auth::relay::{Grant, Keys, Ring};
use callbox::pure::wire::{CallId, Millis};
use serde_json::json;
use tokio::sync::watch;

use super::client::Client;
use super::{TestRelay, call_id, session_id};
use crate::hub::PATIENCE;
use crate::server::Server;

const DAY: u64 = 86_400_000;

#[tokio::test]
async fn keys_turn_daily_and_calls_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = DataDirectory::open(folder.path()).expect("a data directory");
    let file = folder.path().join("keys/relay");
    let start = now();
    let mut keys = RelayKeys::open(&data, start).expect("a first key");
    let watched = keys.watch();
    let relay = TestRelay::watching(watched.clone());
    let credentials = |session| issue(&watched, session);
    let first = credentials(1);
    let mut early = Client::udp(relay.udp(), first.clone()).await;
    early.allocate().await.expect("the first key signed it");

    let written = fs::read(&file).expect("the key is kept");
    keys.turn_if_due(Millis(start.0 + DAY - 1)).expect("nothing to do");
    assert_eq!(fs::read(&file).expect("a file"), written, "its day is not over");
    keys.turn_if_due(Millis(start.0 + DAY)).expect("a fresh key");
    let mode = fs::metadata(&file).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert_eq!(fs::read_dir(folder.path().join("keys")).expect("a folder").count(), 1);
    let reopened = RelayKeys::open(&data, Millis(start.0 + DAY)).expect("both are kept");
    let kept: Vec<_> = reopened.watch().borrow().passwords(&first.0).collect();
    assert_eq!(kept[1], first.1);

    let second = credentials(2);
    assert_eq!(kept[0], reopened.watch().borrow().passwords(&first.0).next().expect("one"));
    assert_ne!(credentials(1).1, first.1, "the fresh key signs");
    for credentials in [second, first.clone()] {
        let mut client = Client::udp(relay.udp(), credentials).await;
        client.allocate().await.expect("both count");
    }

    keys.turn_if_due(Millis(start.0 + 2 * DAY)).expect("another key");
    let mut late = Client::udp(relay.udp(), first).await;
    assert_eq!(late.allocate().await, Err(401), "its key is forgotten");
    early.refresh(600).await.expect("what it allocated stays");
}

#[tokio::test]
async fn keys_turn_by_themselves_when_their_day_is_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = DataDirectory::open(folder.path()).expect("a data directory");
    let start = Millis(now().0 - DAY + 200);
    let keys = RelayKeys::open(&data, start).expect("a first key");
    let mut watched = keys.watch();
    tokio::spawn(keys.run());
    let turned = tokio::time::timeout(PATIENCE, watched.changed()).await;
    turned.expect("they turn").expect("they are told");
    assert!(now().0 >= start.0 + DAY, "not before the time");
}

#[tokio::test]
async fn a_server_that_was_away_begins_with_a_fresh_key() {
    let server = Server::start();
    let file = server.data().join("keys/relay");
    server.terminate();
    let (_, directory) = server.ended().await;
    let old = Ring::new(Millis(now().0 - DAY), [5; 32]);
    fs::write(&file, old.bytes()).expect("the key is ours");
    let server = Server::on(directory, &[]);
    let bytes = fs::read(&file).expect("the key is kept");
    let ring = Ring::read(&bytes).expect("a ring");
    let (signs, signed) = (watch::channel(ring.keys()).1, watch::channel(old.keys()).1);
    assert_ne!(issue(&signs, 1), issue(&signed, 1));
    let udp = json!(server.ready["turn"]["udp"][0]);
    let address = udp.as_str().expect("an address").parse().expect("an address");
    for credentials in [issue(&signs, 1), issue(&signed, 2)] {
        let mut client = Client::udp(address, credentials).await;
        client.allocate().await.expect("both count");
    }
}

fn issue(keys: &watch::Receiver<Keys>, session: u8) -> (String, String) {
    let expires = now().0 / 1_000 + 3_600;
    let call: CallId = call_id(1);
    keys.borrow().issue(Grant { expires, call, session: session_id(session) })
}
