//! What becomes of open connections when accounts and sessions change.

use callbox::pure::wire::{CallId, CloseCode, Millis};
use serde_json::{Value, json};

use super::accounts::{Owned, account_id};
use super::browser::Browser;
use super::browser_keys::{posted, vault};
use super::hub::{Client, is};
use super::relay::client::Client as TurnClient;
use super::store::fresh;
use crate::e2ee_client::{Chance, Talk, b64};

/// A connection of this browser after its hello.
pub async fn join(owned: &Owned, browser: &Browser) -> Client {
    let mut client = Client::on(owned.server.websocket(browser).await);
    client.greet(json!(null), json!([])).await;
    client
}

/// Makes the direct conversation of two people.
pub async fn direct(by: &mut Browser, with: &Browser) -> Value {
    let people = [by, with].map(|browser| vault().person(&browser.account.unwrap()));
    let mut talk = Talk::new(Chance::random().bytes(), "direct", "all", "", Chance::random());
    let created = {
        let (first, second) = (people[0].lock().unwrap(), people[1].lock().unwrap());
        talk.create(&[(&first, "member"), (&second, "member")])
    };
    let path = format!("/api/v1/conversations/{}/control", b64(talk.id));
    by.post(&path, posted(&created)).await.ok();
    json!(b64(talk.id))
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
    let direct = direct(&mut owned.owner, &ben).await;
    let call = CallId::from_bytes(fresh());
    let start =
        json!({"type": "start_call", "call": call, "conversation": direct, "media": "audio"});
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
    assert_eq!(turn.refused_refresh().await, 437, "his allocation is gone");
    assert_eq!(turn.allocate().await, Err(401), "his credentials are, too");
    assert_eq!(olgas.ask(json!({"type": "ping"})).await["type"], "done");
    ben.get("/api/v1/session").await.refused(401, "unauthorized");
}
