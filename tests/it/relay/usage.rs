//! What a call has used of the relay: in its entry, and for admins.

use std::net::SocketAddr;

use callbox::pure::wire::CallId;
use serde_json::{Value, json};

use super::client::{Client, Received};
use crate::accounts::Owned;
use crate::accounts_live::{direct, join};
use crate::hub;
use crate::store::fresh;

/// A leg's way through the relay.
async fn relay(leg: &mut hub::Client, call: CallId, address: SocketAddr) -> Client {
    let relay = leg.ask(json!({"type": "relay_credentials", "call": call})).await;
    let text = |field: &str| relay[field].as_str().unwrap().to_owned();
    Client::udp(address, (text("username"), text("credential"))).await
}

/// The end of a call, as its entry has it.
async fn end(client: &mut hub::Client, call: CallId) -> Value {
    let entry = client.find(|e| e["entries"][0]["content"]["call"] == json!(call)).await;
    entry["entries"][0]["content"]["end"].clone()
}

#[tokio::test]
async fn the_entry_of_a_call_and_the_admin_are_told_what_was_relayed() {
    let mut owned = Owned::start().await;
    let mut ben = owned.member("Ben", "a password").await;
    let address = owned.server.ready["turn"]["udp"][0].as_str().unwrap().parse().unwrap();
    let mut olgas = join(&owned, &owned.owner).await;
    let mut bens = join(&owned, &ben).await;
    let talk = direct(&mut owned.owner, &ben).await;
    let start =
        |call| json!({"type": "start_call", "call": call, "conversation": talk, "media": "audio"});
    let call = CallId::from_bytes(fresh());
    olgas.ask(start(call)).await;
    bens.ask(json!({"type": "accept_call", "call": call})).await;
    let (mut a, mut b) =
        (relay(&mut olgas, call, address).await, relay(&mut bens, call, address).await);
    let (at_a, at_b) = (a.allocate().await.unwrap(), b.allocate().await.unwrap());
    a.bind(0x4000, at_b).await.unwrap();
    b.bind(0x4000, at_a).await.unwrap();
    for _ in 0..3 {
        a.send_channel(0x4000, &[1; 1000]).await;
        assert_eq!(b.receive().await, Some(Received::Channel(0x4000, vec![1; 1000])));
    }
    b.send_channel(0x4000, &[2; 100]).await;
    assert_eq!(a.receive().await, Some(Received::Channel(0x4000, vec![2; 100])));

    ben.get("/api/v1/admin/relay").await.refused(403, "forbidden");
    let flow = |packets: u64, bytes: u64| json!({"packets": packets, "bytes": bytes});
    let used = |live| {
        json!({
            "call": call, "live": live, "relayed": flow(4, 3100),
            "legs": [
                {"sent": flow(3, 3000), "received": flow(1, 100)},
                {"sent": flow(1, 100), "received": flow(3, 3000)},
            ],
        })
    };
    let seen = owned.owner.get("/api/v1/admin/relay").await.ok();
    assert_eq!(seen, json!({"allocations": 2, "calls": [used(true)]}));

    // Browsers give their allocations back before they say that it is over.
    assert_eq!(a.refresh(0).await, Ok(()));
    let told = bens.ask(json!({"type": "end_call", "call": call, "failed": false})).await;
    assert_eq!(told["call"]["state"]["end"]["relayed"], json!(null), "the entry tells it");
    let ended = end(&mut olgas, call).await;
    assert_eq!(ended["relayed"], flow(4, 3100));
    let path = format!("/api/v1/conversations/{}/entries?before=1000", talk.as_str().unwrap());
    let history = owned.owner.get(&path).await.ok();
    let kept = history["entries"].as_array().unwrap().iter();
    let kept: Vec<_> = kept.filter(|entry| entry["content"]["call"] == json!(call)).collect();
    assert_eq!((kept.len(), &kept[0]["content"]["end"]), (1, &ended), "and it is kept");
    while b.refresh(600).await != Err(437) {}
    let seen = owned.owner.get("/api/v1/admin/relay").await.ok();
    assert_eq!(seen, json!({"allocations": 0, "calls": [used(false)]}));

    // Of one that went another way there is nothing to tell.
    let call = CallId::from_bytes(fresh());
    olgas.ask(start(call)).await;
    bens.ask(json!({"type": "accept_call", "call": call})).await;
    relay(&mut olgas, call, address).await.allocate().await.unwrap();
    bens.ask(json!({"type": "end_call", "call": call, "failed": false})).await;
    let ended = end(&mut olgas, call).await;
    assert_eq!((&ended["outcome"], ended.get("relayed")), (&json!("completed"), None));
}
