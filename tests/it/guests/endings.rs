//! How links end, and what ends with them.

use callbox::pure::wire::{CallId, CloseCode};
use serde_json::json;

use super::{By, DAY, House, account, opening};
use crate::e2ee_client::b64;
use crate::hub::is;
use crate::relay::client::Client as TurnClient;
use crate::server::Server;
use crate::store::fresh;

#[tokio::test]
async fn a_revoked_link_takes_its_guests_along() {
    let mut house = House::start().await;
    let [link, lobby] = [house.link(false, 9, DAY).await, house.link(true, 9, DAY).await];
    let mut max = house.guest(&link, "Max", false).await;
    let ella = house.guest(&lobby, "Ella", true).await;
    let (mut max_client, _) = house.connect(&max).await;
    let (mut ella_client, _) = house.connect(&ella).await;
    let (mut olga, _) = house.connect(&house.owned.owner).await;
    // Who made it ends it, or a manager; and grants are exactly the due ones.
    let id = link.id;
    let path = house.path(&format!("/links/{}", b64(id)));
    let mut talk = house.talk.clone();
    let mut event = talk.revoke_link(&super::keys(&house.anna).lock().unwrap(), id);
    event.grants.pop();
    let body = crate::browser_keys::posted(&event);
    house.anna.with_json("DELETE", &path, body).await.refused(400, "bad_request");
    let began = std::time::Instant::now();
    house.end(By::Anna, &link).await.ok();
    is(max_client.end().await, CloseCode::LinkEnded);
    assert_eq!(max_client.reason(), "link_ended");
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "on a busy machine");
    max.get("/api/v1/session").await.refused(401, "unauthorized");
    let told = olga
        .find(|event| {
            event["type"] == "conversation"
                && event["conversation"]["id"] == json!(b64(house.talk.id))
        })
        .await;
    assert_eq!(told["conversation"]["members"].as_array().unwrap().len(), 2);
    max.post("/api/v1/links/open", opening(&link)).await.refused(404, "not_found");

    house.end(By::Olga, &lobby).await.ok();
    is(ella_client.end().await, CloseCode::LinkEnded);
    let listed = house.anna.get(&house.path("/links")).await.ok();
    assert_eq!(listed["links"][0]["revoked"], true);
    // Who has left is still known by name.
    let (_, welcome) = house.connect(&house.anna).await;
    assert!(super::names(&welcome).contains(&"Max".to_owned()));
    assert!(!super::names(&welcome).contains(&"Ella".to_owned()));
}

#[tokio::test]
async fn an_expired_link_signs_out_and_demands_its_end() {
    let mut house = House::start().await;
    let link = house.link(false, 9, 2_500).await;
    let max = house.guest(&link, "Max", false).await;
    let (mut max_client, _) = house.connect(&max).await;
    let (mut anna, _) = house.connect(&house.anna).await;
    let due = |event: &serde_json::Value| event["conversation"]["rotation_required"] == true;
    anna.find(due).await;
    is(max_client.end().await, CloseCode::LinkEnded);
    let browser = house.anna.clone();
    assert_eq!(house.say(&mut anna, &browser, "hello").await["code"], "rotate_first");
    // New keys alone leave the guest where it is.
    house.control(By::Anna, |talk, by| talk.rotate(by)).await.ok();
    assert_eq!(house.say(&mut anna, &browser, "hello").await["code"], "rotate_first");
    // Any member may end it now.
    house.end(By::Olga, &link).await.ok();
    assert_eq!(house.talk.state.members.len(), 2);
    assert_eq!(house.say(&mut anna, &browser, "hello").await["type"], "sent");
}

#[tokio::test]
async fn a_call_in_a_room_is_for_two_and_ends_with_the_link() {
    let mut house = House::start().await;
    let link = house.link(true, 1, DAY).await;
    let max = house.guest(&link, "Max", true).await;
    house.admit(By::Anna, &max, &link).await.ok();
    let (mut client, _) = house.connect(&max).await;
    let (mut olga, _) = house.connect(&house.owned.owner).await;
    let room = json!(b64(house.talk.id));
    let call = CallId::from_bytes(fresh());
    let start = json!({"type": "start_call", "call": call, "conversation": room, "media": "audio"});
    assert_eq!(client.ask(start.clone()).await["code"], "forbidden", "they are three");

    house.control(By::Anna, |talk, by| talk.leave(by)).await.ok();
    client.find(|e| e["conversation"]["members"].as_array().is_some_and(|m| m.len() == 2)).await;
    assert_eq!(client.ask(start).await["type"], "call");
    assert_eq!(olga.ask(json!({"type": "accept_call", "call": call})).await["type"], "call");
    let relay = client.ask(json!({"type": "relay_credentials", "call": call})).await;
    let text = |field: &str| relay[field].as_str().unwrap().to_owned();
    let address = house.owned.server.ready["turn"]["udp"][0].as_str().unwrap().parse().unwrap();
    let mut turn = TurnClient::udp(address, (text("username"), text("credential"))).await;
    turn.allocate().await.expect("it is his call");

    house.end(By::Olga, &link).await.ok();
    is(client.end().await, CloseCode::LinkEnded);
    olga.find(|e| e["type"] == "call" && e["call"]["state"]["type"] == "ended").await;
    assert_eq!(turn.refused_refresh().await, 437, "his allocation is gone");
    assert_eq!(turn.allocate().await, Err(401), "his credentials are, too");
}

#[tokio::test]
async fn knocks_and_guests_outlast_a_restart() {
    let mut house = House::start().await;
    let [link, lobby] = [house.link(false, 9, DAY).await, house.link(true, 9, DAY).await];
    let max = house.guest(&link, "Max", false).await;
    let ella = house.guest(&lobby, "Ella", true).await;
    house.owned.server.terminate();
    let placeholder = Server::start();
    let server = std::mem::replace(&mut house.owned.server, placeholder);
    let (_, directory) = server.ended().await;
    house.owned.server = Server::on(directory, &[]);
    let address = house.owned.server.address;
    let browsers = [&mut house.owned.owner, &mut house.anna];
    browsers.into_iter().for_each(|browser| browser.address = address);
    let (mut max, mut ella) = (max, ella);
    (max.address, ella.address) = (address, address);

    let (mut max_client, welcome) = house.connect(&max).await;
    assert_eq!(super::names(&welcome), ["Anna", "Max", "Olga"]);
    let (_, welcome) = house.connect(&ella).await;
    assert_eq!(welcome["waiting"][0]["conversation"], json!(b64(house.talk.id)));
    let (_, welcome) = house.connect(&house.anna).await;
    let mut rooms = welcome["conversations"].as_array().unwrap().iter();
    let room = rooms.find(|c| c["kind"] == "room").cloned().unwrap();
    assert_eq!(room["knocks"][0]["account"], json!(account(&ella)));
    house.admit(By::Anna, &ella, &lobby).await.ok();
    house.end(By::Anna, &link).await.ok();
    is(max_client.end().await, CloseCode::LinkEnded);
}
