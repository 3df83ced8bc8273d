//! What guests may not do, and whom they do not see.

use serde_json::json;

use super::{By, DAY, House, account, keys, names};
use crate::browser::Browser;
use crate::browser_keys::posted;
use crate::e2ee_client::{Chance, Talk, b64};

async fn create(browser: &mut Browser, kind: &'static str, with: &[&Browser]) -> (u16, String) {
    let name = if kind == "room" { "Neu" } else { "" };
    let mut talk = Talk::new(Chance::random().bytes(), kind, "all", name, Chance::random());
    let role = if kind == "room" { "manager" } else { "member" };
    let people: Vec<_> = with.iter().map(|browser| keys(browser)).collect();
    let created = {
        let own = keys(browser);
        let own = own.lock().unwrap();
        let others: Vec<_> = people.iter().map(|person| person.lock().unwrap()).collect();
        let mut members = vec![(&*own, role)];
        members.extend(others.iter().map(|person| (&**person, "member")));
        talk.create(&members)
    };
    let path = format!("/api/v1/conversations/{}/control", b64(talk.id));
    let answer = browser.post(&path, posted(&created)).await;
    (answer.status, answer.code())
}

#[tokio::test]
async fn h66_a_guest_begins_nothing_and_asks_nobody_in() {
    let mut house = House::start().await;
    let link = house.link(false, 9, DAY).await;
    let mut max = house.guest(&link, "Max", false).await;
    let forbidden = (403, "forbidden".to_owned());
    assert_eq!(create(&mut max, "room", &[]).await, forbidden);
    let anna = house.anna.clone();
    assert_eq!(create(&mut max, "direct", &[&anna]).await, forbidden);
    // Nobody else brings a guest into a conversation that is not a room.
    assert_eq!(create(&mut house.anna, "direct", &[&max]).await, forbidden);
    let person = keys(&max);
    assert_eq!(
        house
            .owned
            .owner
            .change_everyone(|talk, by| talk.add(by, &[(&person.lock().unwrap(), "member")]))
            .await
            .status,
        403
    );

    // Not even as a member of the room.
    let id = max.account.unwrap();
    for role in ["guest", "member"] {
        if role == "member" {
            house.control(By::Olga, |talk, by| talk.set_role(by, id, role)).await.ok();
        }
        let anna = std::mem::replace(&mut house.anna, max.clone());
        house.try_link(By::Anna, false, 1, DAY).await.1.refused(403, "forbidden");
        house.anna = anna;
    }
    for (method, path) in [
        ("POST", "/invites"),
        ("GET", "/invites"),
        ("POST", "/password/start"),
        ("PUT", "/keys"),
        ("GET", "/admin/accounts"),
    ] {
        let path = format!("/api/v1{path}");
        max.with_json(method, &path, json!({})).await.refused(403, "forbidden");
    }
}

#[tokio::test]
async fn h66_a_guest_sees_nobody_but_those_it_shares_a_conversation_with() {
    let mut house = House::start().await;
    let mut ben = house.owned.member("Ben", "a password").await;
    let link = house.link(false, 9, DAY).await;
    let mut max = house.guest(&link, "Max", false).await;
    let (mut max_client, welcome) = house.connect(&max).await;
    assert_eq!(names(&welcome), ["Anna", "Max", "Olga"]);
    let records = |of: &Browser| format!("/api/v1/accounts/{}/records", account(of));
    max.get(&records(&house.anna)).await.ok();
    max.get(&records(&ben)).await.refused(404, "not_found");
    max.get(&format!("/api/v1/accounts/{}/avatar/x", account(&ben)))
        .await
        .refused(404, "not_found");

    // Nor does Ben know of Max, or hear of him.
    let (mut ben_client, welcome) = house.connect(&ben).await;
    assert_eq!(names(&welcome), ["Anna", "Ben", "Olga"]);
    ben.get(&records(&max)).await.refused(404, "not_found");
    max.patch("/api/v1/account", json!({ "name": "Maximilian" })).await.ok();
    ben.patch("/api/v1/account", json!({ "name": "Benno" })).await.ok();
    house.anna.patch("/api/v1/account", json!({ "name": "Hanna" })).await.ok();
    let heard = ben_client.wait("account").await;
    assert_eq!(heard["account"]["name"], "Benno");
    assert_eq!(ben_client.wait("account").await["account"]["name"], "Hanna");
    let named =
        |name: &'static str| move |event: &serde_json::Value| event["account"]["name"] == name;
    max_client.find(named("Maximilian")).await;
    assert_eq!(max_client.wait("account").await["account"]["name"], "Hanna");
    assert!(max_client.saw_none(|event| {
        event.to_string().contains(&account(&ben)) || event.to_string().contains("Benno")
    }));

    // Once Ben is in the room they know each other.
    let person = keys(&ben);
    house.control(By::Olga, |t, by| t.add(by, &[(&person.lock().unwrap(), "member")])).await.ok();
    max_client.find(named("Benno")).await;
    max.get(&records(&ben)).await.ok();
    ben.get(&records(&max)).await.ok();
    let listed = house.owned.owner.get("/api/v1/admin/accounts").await.ok();
    assert_eq!(names(&listed), ["Benno", "Hanna", "Maximilian", "Olga"]);
}

#[tokio::test]
async fn any_member_invites_to_everyone() {
    let mut house = House::start().await;
    let invite = house.anna.invite(3_600_000, 1).await.ok();
    house.owned.browser().join(&invite, "Ben", "a password").await.ok();
}

#[tokio::test]
async fn h80_a_guest_has_a_smaller_quota() {
    let mut house = House::start().await;
    let link = house.link(false, 9, DAY).await;
    let mut max = house.guest(&link, "Max", false).await;
    assert_eq!(max.get("/api/v1/files").await.ok()["quota"], json!(200 << 20));
    assert_eq!(house.anna.get("/api/v1/files").await.ok()["quota"], json!(5_u64 << 30));

    let files = house.path("/files");
    let size: u64 = 90 << 20;
    let chunks = size.div_ceil(256 << 10);
    let mut begun = Vec::new();
    for n in 0..3_u8 {
        let file = json!({ "id": b64([n; 16]), "size": size, "chunks": chunks });
        begun.push(max.post(&files, file).await);
    }
    let [first, second, third] = <[_; 3]>::try_from(begun).unwrap();
    first.ok();
    second.ok();
    third.refused(507, "quota_exceeded");
}
