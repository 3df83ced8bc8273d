//! A thousand clients whose server restarts: all of them come back at the same
//! moment, none is turned away, each has what was said, and talking goes on.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use callbox::pure::auth::token::Token;
use callbox::pure::wire::ConversationId;
use callbox::store::Store;
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::crash_client::connect;
use crate::crash_server::Server;
use crate::e2ee_client::{Pen, b64};
use crate::hub::Client;
use crate::store::{member, owner, signed_in};

const PEOPLE: usize = 100;
const DEVICES: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h56_a_thousand_clients_come_back_at_once() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let (everyone, mut pen, tokens) = populate(&data.path().join("callbox.db")).await;

    let server = Server::start(data.path());
    let mut first = dial(server.address, &tokens[0]).await;
    let welcome = first.greet(Value::Null, json!([])).await;
    let sent = first.ask(written(&mut pen)).await;
    let seq = sent["seq"].as_u64().unwrap_or_else(|| panic!("a number in {sent}"));
    server.kill();
    first.end().await;

    let server = Server::start(data.path());
    let address = server.address;
    // One entry behind, so that each of them has something to get.
    let cursors = json!([{"conversation": everyone, "seq": seq - 1}]);
    let gate = Arc::new(Barrier::new(tokens.len()));
    let storm = tokens.into_iter().map(|token| {
        let (gate, cursors, epoch) = (gate.clone(), cursors.clone(), welcome["epoch"].clone());
        tokio::spawn(async move {
            gate.wait().await;
            let mut client = dial(address, &token).await;
            client.greet(epoch, cursors).await;
            assert_eq!(client.seqs(everyone, seq).await, [seq]);
            client
        })
    });
    let mut clients = Vec::new();
    for task in storm.collect::<Vec<_>>() {
        clients.push(task.await.expect("nobody is turned away"));
    }
    assert_eq!(clients.len(), PEOPLE * DEVICES);

    let next = clients[0].ask(written(&mut pen)).await["seq"].as_u64();
    let next = next.expect("a number");
    assert_eq!(next, seq + 1);
    for client in &mut clients {
        assert_eq!(client.seqs(everyone, next).await, [next]);
    }
}

/// A message from the first device.
fn written(pen: &mut Pen) -> Value {
    json!({"type": "send", "envelope": b64(pen.write(b"hello"))})
}

async fn dial(server: SocketAddr, token: &Token) -> Client {
    Client::on(connect(server, token).await.expect("it takes connections"))
}

/// People with several signed-in devices each.
async fn populate(path: &Path) -> (ConversationId, Pen, Vec<Token>) {
    let store = Store::open(path).expect("a new database");
    let first = owner(&store, "0").await;
    let mut people = vec![first.clone()];
    for n in 1..PEOPLE {
        let person = member(&store, &first, &n.to_string()).await;
        people.push(person);
    }
    let (token, device) = signed_in(&store, &first).await;
    let pen = {
        let keys = first.keys();
        let talk = first.talk(first.everyone);
        Pen::new(&talk, keys.account, *device.as_bytes(), &keys.device().key)
    };
    let mut tokens = vec![token];
    for (n, person) in people.iter().enumerate() {
        for _ in usize::from(n == 0)..DEVICES {
            tokens.push(signed_in(&store, person).await.0);
        }
    }
    (first.everyone, pen, tokens)
}
