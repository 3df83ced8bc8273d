//! What becomes of open connections when accounts and sessions change.

use callbox::pure::wire::{CallId, CloseCode, ConversationId, Millis};
use serde_json::{Value, json};

use super::accounts::{Owned, account_id};
use super::browser::Browser;
use super::hub::{Client, is};
use super::relay::client::Client as TurnClient;
use super::store::fresh;

/// A connection of this browser after its hello.
async fn join(owned: &Owned, browser: &Browser) -> Client {
    let mut client = Client::on(owned.server.websocket(browser).await);
    client.greet(json!(null), json!([])).await;
    client
}

#[tokio::test]
async fn a_room_outlives_the_account_of_its_manager() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", "a password").await;
    let mut ben = owned.member("Ben", "a password").await;
    let (anna_id, ben_id) = (account_id(&mut anna).await, account_id(&mut ben).await);
    let mut annas = join(&owned, &anna).await;
    let mut bens = join(&owned, &ben).await;
    let room = ConversationId::from_bytes(fresh());
    let members = [&ben_id];
    let create =
        json!({"type": "create_room", "conversation": room, "name": "Kitchen", "members": members});
    annas.ask(create).await;
    let rename = json!({"type": "rename_room", "conversation": room, "name": "Garden"});
    assert_eq!(bens.ask(rename.clone()).await["code"], "forbidden");

    let path = format!("/api/v1/admin/accounts/{anna_id}");
    owned.owner.patch(&path, json!({ "disabled": true })).await.ok();
    let told = |event: &Value| {
        let members = event["conversation"]["members"].as_array();
        let manages = |member: &Value| member["account"] == ben_id && member["role"] == "manager";
        members.is_some_and(|members| members.iter().any(manages))
    };
    assert_eq!(bens.find(told).await["conversation"]["id"], json!(room));
    assert_eq!(bens.ask(rename).await["type"], "done");
}

/// A session is good for 30 days without use, and for 180 in all.
const DAY: u64 = 86_400_000;

#[tokio::test]
async fn a_session_that_expires_loses_its_socket_and_its_allocations() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", "a password").await;
    let mut ben = owned.member("Ben", "a password").await;
    let (anna_id, ben_id) = (account_id(&mut anna).await, account_id(&mut ben).await);
    // Anna's was last used, and Ben's began, almost so long ago.
    let soon = callbox::http::now().plus(Millis(1_500));
    let database = owned.database();
    for (column, days, id) in [("used", 30, &anna_id), ("created", 180, &ben_id)] {
        let id: callbox::pure::wire::AccountId = id.parse().unwrap();
        let of_account = "account = (SELECT key FROM accounts WHERE id = ?2)";
        let text = format!("UPDATE sessions SET {column} = ?1 WHERE {of_account}");
        let moment = i64::try_from(soon.0 - days * DAY).unwrap();
        assert_eq!(database.execute(&text, (moment, id.as_bytes())).unwrap(), 1);
    }

    let mut olgas = join(&owned, &owned.owner).await;
    let mut bens = join(&owned, &ben).await;
    let direct = olgas.ask(json!({"type": "open_direct", "account": ben_id})).await;
    let call = CallId::from_bytes(fresh());
    let start = json!({"type": "start_call", "call": call, "conversation": direct["conversation"]["id"], "media": "audio"});
    olgas.ask(start).await;
    bens.ask(json!({"type": "accept_call", "call": call})).await;
    let relay = bens.ask(json!({"type": "relay_credentials", "call": call})).await;
    let text = |field: &str| relay[field].as_str().unwrap().to_owned();
    let address = owned.server.ready["turn"]["udp"][0].as_str().unwrap().parse().unwrap();
    let mut turn = TurnClient::udp(address, (text("username"), text("credential"))).await;
    turn.allocate().await.expect("it is his call");
    turn.refresh(600).await.expect("it is there");
    let mut annas = join(&owned, &anna).await;

    is(annas.end().await, CloseCode::SessionEnded);
    is(bens.end().await, CloseCode::SessionEnded);
    assert!(callbox::http::now() >= soon, "not before the time");
    assert_eq!(turn.refresh(600).await, Err(437), "his allocation is gone");
    assert_eq!(turn.allocate().await, Err(401), "his credentials are, too");
    assert_eq!(olgas.ask(json!({"type": "ping"})).await["type"], "done");
    ben.get("/api/v1/session").await.refused(401, "unauthorized");
}
