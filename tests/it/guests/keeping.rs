//! A guest who keeps the account.

use serde_json::{Value, json};

use super::{By, DAY, House, account, keys, names};
use crate::browser::{Answer, Browser, blob};
use crate::browser_keys::new_keys;
use crate::opaque_client::Registration;

async fn keep(browser: &mut Browser, name: &str, password: &str) -> Answer {
    let registration = Registration::start(password);
    let body = json!({ "name": name, "request": blob(&registration.request) });
    let answer = browser.post("/api/v1/account/keep/start", body).await;
    if answer.status != 200 {
        return answer;
    }
    let started = answer.json();
    let record =
        registration.finish(&bytes(&started["response"]), started["server_id"].as_str().unwrap());
    let keys = new_keys(keys(browser).lock().unwrap().record(), 1);
    let finish = json!({
        "registration": started["registration"], "record": blob(&record), "keys": keys,
    });
    browser.post("/api/v1/account/keep/finish", finish).await
}

fn bytes(value: &Value) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_kept_account_is_like_any_other() {
    let mut house = House::start().await;
    let link = house.link(false, 9, DAY).await;
    let mut max = house.guest(&link, "anna", false).await;
    let (mut client, welcome) = house.connect(&max).await;
    assert_eq!(names(&welcome), ["Anna", "Olga", "anna"]);
    house.owned.member("Ben", "a password").await;
    keep(&mut max, "Anna", "max's password").await.refused(409, "name_taken");
    keep(&mut house.anna, "Anna", "x").await.refused(409, "conflict");
    let session = keep(&mut max, "Max", "max's password").await.ok();
    assert_eq!((&session["account"]["role"], &session["ends"]), (&json!("member"), &json!(null)));
    assert_eq!(max.get("/api/v1/session").await.ok(), session);
    // From now on he knows everybody, and everybody him.
    client.find(|event| event["account"]["name"] == "Ben").await;
    let (_, welcome) = house.connect(&max).await;
    assert_eq!(names(&welcome), ["Anna", "Ben", "Max", "Olga"]);
    keep(&mut max, "Max", "another").await.refused(409, "conflict");

    // What the link let in it takes out again, but the account stays and its password opens it.
    house.end(By::Anna, &link).await.ok();
    max.get("/api/v1/session").await.ok();
    max.get(&house.path("/control")).await.refused(404, "not_found");
    let mut phone = house.owned.browser();
    let signed_in = phone.log_in("max", "max's password").await.ok();
    assert_eq!(signed_in["account"]["id"], json!(account(&max)));
    // Somebody lets him into Everyone.
    let person = keys(&max);
    let added = |talk: &mut crate::e2ee_client::Talk, by: &crate::e2ee_client::Person| {
        talk.add(by, &[(&person.lock().unwrap(), "member")])
    };
    house.owned.owner.change_everyone(added).await.ok();
    phone.invite(3_600_000, 1).await.ok();
}
