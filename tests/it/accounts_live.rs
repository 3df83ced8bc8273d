//! What becomes of open connections when accounts and sessions change.

use callbox::pure::wire::ConversationId;
use serde_json::{Value, json};

use super::accounts::{Owned, account_id};
use super::browser::Browser;
use super::hub::Client;
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
