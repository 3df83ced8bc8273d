//! Coming in: by a link at once, or through the lobby.

use callbox::pure::wire::CloseCode;
use serde_json::json;

use super::{By, DAY, House, account, keys, names, opening};
use crate::browser_keys::posted;
use crate::e2ee_client::keys::LinkKeys;
use crate::e2ee_client::{Chance, b64};
use crate::hub::is;

#[tokio::test]
async fn a_link_without_a_lobby_lets_in_at_once() {
    let mut house = House::start().await;
    let link = house.link(false, 2, DAY).await;
    let mut stranger = house.owned.browser();
    let opened = stranger.post("/api/v1/links/open", opening(&link)).await.ok();
    assert_eq!((&opened["by"]["name"], &opened["name"]), (&json!("Anna"), &json!("Küche")));
    assert_eq!(opened["control"].as_array().unwrap().len(), 2, "its creation and the link");
    assert_eq!(opened["records"].as_array().unwrap().len(), 2);
    assert_eq!(opened["grants"].as_array().unwrap().len(), 1);

    let (mut olga, _) = house.connect(&house.owned.owner).await;
    let mut max = house.guest(&link, "Max", false).await;
    let told = olga.find(|event| event["account"]["name"] == "Max").await;
    assert_eq!(told["account"]["role"], "guest");
    let session = max.get("/api/v1/session").await.ok();
    assert_eq!(session["account"]["role"], "guest");
    assert!(session["ends"].as_u64().unwrap() > callbox::http::now().0 + DAY / 2);
    // Another one of the same name.
    let other = house.guest(&link, "Max", false).await;
    assert_ne!(account(&max), account(&other));
    let (mut max_client, welcome) = house.connect(&max).await;
    assert_eq!(names(&welcome), ["Anna", "Max", "Max", "Olga"]);
    assert_eq!(welcome["conversations"].as_array().unwrap().len(), 1);
    let sent = house.say(&mut max_client, &max, "hello").await;
    assert_eq!(sent["type"], "sent");
    let entry = olga.find(|event| event["type"] == "entries").await;
    assert_eq!(entry["conversation"], json!(b64(house.talk.id)));

    // Two came, which is all that the link allows.
    let mut late = house.owned.browser();
    late.post("/api/v1/links/open", opening(&link)).await.refused(404, "not_found");
    house.come(&mut late, &link, "Late", false, &link).await.refused(404, "not_found");
    let path = house.path("/links");
    let listed = house.anna.get(&path).await.ok();
    assert_eq!(
        (&listed["links"][0]["uses"], &listed["links"][0]["revoked"]),
        (&json!(2), &json!(false))
    );
    max.get(&path).await.refused(404, "not_found");
}

#[tokio::test]
async fn through_the_lobby_a_member_lets_in_or_turns_away() {
    let mut house = House::start().await;
    let link = house.link(true, 1, DAY).await;
    let mut stranger = house.owned.browser();
    let opened = stranger.post("/api/v1/links/open", opening(&link)).await.ok();
    assert_eq!((&opened["lobby"], &opened["name"]), (&json!(true), &json!(null)));
    assert_eq!((&opened["control"], &opened["grants"]), (&json!([]), &json!([])));

    let (mut olga, _) = house.connect(&house.owned.owner).await;
    let mut max = house.guest(&link, "Max", true).await;
    let knocks = olga.wait("knocks").await;
    assert_eq!(knocks["knocks"][0]["account"], json!(account(&max)));
    assert_eq!(knocks["knocks"][0]["link"], json!(b64(link.id)));
    let (mut max_client, welcome) = house.connect(&max).await;
    assert_eq!((names(&welcome), &welcome["conversations"]), (vec!["Max".to_owned()], &json!([])));
    assert_eq!(welcome["waiting"][0]["link"], json!(b64(link.id)));
    max.get(&house.path("/control")).await.refused(404, "not_found");
    // Members who come later see who waits, and may look at their keys.
    let (_, welcome) = house.connect(&house.anna).await;
    let mut room = welcome["conversations"].as_array().unwrap().iter();
    let room = room.find(|c| c["kind"] == "room").cloned().unwrap();
    assert_eq!(room["knocks"].as_array().unwrap().len(), 1);
    assert!(names(&welcome).contains(&"Max".to_owned()));
    let records = format!("/api/v1/accounts/{}/records", account(&max));
    assert_eq!(house.anna.get(&records).await.ok()["records"].as_array().unwrap().len(), 1);

    // Ella is turned away and signed out, and told so.
    let ella = house.guest(&link, "Ella", true).await;
    let (mut ella_client, _) = house.connect(&ella).await;
    let knock = house.path(&format!("/knocks/{}", account(&ella)));
    max.delete(&knock).await.refused(404, "not_found");
    house.anna.delete(&knock).await.ok();
    is(ella_client.end().await, CloseCode::TurnedAway);
    assert_eq!(ella_client.reason(), "turned_away");

    house.admit(By::Olga, &max, &link).await.ok();
    let event = max_client.wait("conversation").await;
    assert_eq!(event["conversation"]["name"], "Küche");
    let gone = olga.find(|e| e["type"] == "knocks" && e["knocks"] == json!([])).await;
    assert_eq!(gone["conversation"], json!(b64(house.talk.id)));
    assert_eq!(house.say(&mut max_client, &max, "hello").await["type"], "sent");

    // The one use is used: nobody else can ask, or be let in.
    let mut late = house.owned.browser();
    house.come(&mut late, &link, "Late", true, &link).await.refused(404, "not_found");
}

#[tokio::test]
async fn h65_forged_joins_and_knocks_are_refused() {
    let mut house = House::start().await;
    let [open, lobby] = [house.link(false, 9, DAY).await, house.link(true, 9, DAY).await];
    let mut chance = Chance::random();
    let forged = LinkKeys { id: open.id, ..LinkKeys::derive(chance.bytes(), &chance.bytes()) };
    let mut max = house.owned.browser();
    house.come(&mut max, &open, "Max", false, &forged).await.refused(403, "forbidden");
    let forged = LinkKeys { id: lobby.id, ..forged };
    house.come(&mut max, &lobby, "Max", true, &forged).await.refused(403, "forbidden");
    // A lobby cannot be passed by joining, nor an open link be knocked at.
    house.come(&mut max, &lobby, "Max", false, &lobby).await.refused(400, "bad_request");
    house.come(&mut max, &open, "Max", true, &open).await.refused(400, "bad_request");
    let wrong = json!({ "link": b64(open.id), "auth": b64([7; 32]) });
    max.post("/api/v1/links/open", wrong).await.refused(404, "not_found");
    max.get("/api/v1/session").await.refused(401, "unauthorized");
    // Nothing of it was counted.
    let listed = house.anna.get(&house.path("/links")).await.ok();
    assert_eq!((&listed["links"][0]["uses"], &listed["links"][1]["uses"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn whoever_has_an_account_joins_or_knocks_with_it() {
    let mut house = House::start().await;
    let (open, lobby) = (house.link(false, 9, DAY).await, house.link(true, 9, DAY).await);
    let mut ben = house.owned.member("Ben", "a password").await;
    let mut cleo = house.owned.member("Cleo", "a password").await;
    let mut talk = house.talk.clone();
    let joined = talk.join(&keys(&ben).lock().unwrap(), &open, "guest");
    let path = format!("/api/v1/links/{}/join", b64(open.id));
    let body = |auth: [u8; 32]| json!({ "auth": b64(auth), "control": posted(&joined) });
    ben.post(&path, body([7; 32])).await.refused(404, "not_found");
    let placed = ben.post(&path, body(open.auth)).await.ok();
    assert_eq!(ben.post(&path, body(open.auth)).await.ok(), placed);
    house.talk = talk;

    let path = format!("/api/v1/links/{}/knock", b64(lobby.id));
    let signature = |of| b64(house.talk.knock(&keys(of).lock().unwrap(), &lobby));
    let body = |signature| json!({ "auth": b64(lobby.auth), "signature": signature });
    let (own, others) = (body(signature(&cleo)), body(signature(&ben)));
    cleo.post(&path, others).await.refused(403, "forbidden");
    let (mut cleo_client, _) = house.connect(&cleo).await;
    let (mut olga, _) = house.connect(&house.owned.owner).await;
    for _ in 0..2 {
        cleo.post(&path, own.clone()).await.ok();
    }
    assert_eq!(olga.wait("knocks").await["knocks"].as_array().unwrap().len(), 1);
    cleo.delete(&path).await.ok();
    olga.find(|event| event["type"] == "knocks" && event["knocks"] == json!([])).await;
    cleo.post(&path, own).await.ok();
    house.anna.delete(&house.path(&format!("/knocks/{}", account(&cleo)))).await.ok();
    let event = cleo_client.wait("turned_away").await;
    assert_eq!(event["link"], json!(b64(lobby.id)));
    cleo.get("/api/v1/session").await.ok();

    // With the link go those who came by it, unless they have become members; nobody is signed out.
    let id = ben.account.unwrap();
    house.control(By::Olga, |talk, by| talk.set_role(by, id, "member")).await.ok();
    house.end(By::Anna, &open).await.ok();
    ben.get(&house.path("/control")).await.ok();
}
