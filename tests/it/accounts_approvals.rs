//! A new device is let in by one that is signed in, and what strangers make of
//! that: other people's requests, replays, approvals without a proof, floods.

use callbox::pure::e2ee::approval_tag;
use serde_json::{Value, json};

use super::accounts::Owned;
use super::browser::{Answer, Browser, blob};
use super::browser_keys::{id, vault};
use crate::e2ee_client::Chance;

const PASSWORD: &str = "a password";

/// A device that asks, with its key and what the server told it.
struct Asking {
    browser: Browser,
    key: [u8; 32],
    asked: Value,
}

impl Asking {
    async fn new(owned: &Owned) -> Self {
        let (mut browser, key) = (owned.browser(), Chance::random().bytes());
        let asked = ask(&mut browser, &key).await.ok();
        Self { browser, key, asked }
    }

    fn path(&self, verb: &str) -> String {
        format!("/api/v1/approvals/{}/{verb}", self.asked["id"].as_str().unwrap())
    }

    async fn claim(&mut self, wait: u32) -> Answer {
        let (path, body) =
            (self.path("claim"), json!({ "secret": self.asked["secret"], "wait": wait }));
        self.browser.post(&path, body).await
    }
}

async fn ask(browser: &mut Browser, key: &[u8; 32]) -> Answer {
    let body = json!({ "request": blob(key), "device_name": "Firefox on Windows" });
    browser.post("/api/v1/approvals", body).await
}

async fn find(browser: &mut Browser, key: &[u8; 32]) -> Answer {
    browser.post("/api/v1/approvals/find", json!({ "tag": blob(&approval_tag(key)) })).await
}

/// What a client would have sealed.
fn sealed() -> Value {
    json!({ "approval": { "enc": blob(&[3; 32]), "ct": blob(&[4; 48]) } })
}

#[tokio::test]
async fn a_device_is_let_in_by_another_one_and_lists_itself() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let mut new = Asking::new(&owned).await;
    assert_eq!(new.asked["valid_for"], 600_000);
    assert_eq!(new.claim(0).await.status, 204);

    let found = find(&mut anna, &new.key).await.ok();
    assert_eq!(found["id"], new.asked["id"]);
    assert_eq!(found["request"], blob(&new.key));
    assert_eq!(found["device_name"], "Firefox on Windows");
    assert_eq!(found["network"], "127.0.0.0/24");

    // It waits in one request, and is answered as soon as it is let in.
    let path = new.path("approve");
    let (claimed, approved) = tokio::join!(new.claim(25_000), anna.post(&path, sealed()));
    approved.ok();
    let cookies = claimed.headers.iter().filter(|(name, _)| name == "set-cookie").count();
    assert_eq!(cookies, 2, "a session and a device");
    let claimed = claimed.ok();
    assert_eq!(claimed["session"]["account"]["name"], "Anna");
    assert_eq!(claimed["approval"], sealed()["approval"]);
    assert_eq!(claimed["keys"]["records"].as_array().unwrap().len(), 1);
    assert_eq!(claimed["keys"]["wraps"], Value::Null);
    assert!(claimed["keys"]["bundle"].is_object());
    assert_eq!(new.browser.get("/api/v1/session").await.ok(), claimed["session"]);

    // It has proved no password: it adds itself to the record, and no more than that.
    let person = vault().person(&anna.account.unwrap());
    let device = id(&claimed["session"]["device"]);
    let record = person.lock().unwrap().add_device(device, 1_700_000_000_000).clone();
    new.browser.with_json("PUT", "/api/v1/keys", json!({ "record": record })).await.ok();
    assert_eq!(new.browser.get("/api/v1/keys").await.ok()["wraps"], Value::Null);
    new.browser
        .post("/api/v1/devices/sign-out-others", json!({}))
        .await
        .refused(403, "reauth_required");
    let devices = anna.get("/api/v1/devices").await.ok();
    let names: Vec<_> = devices["devices"].as_array().unwrap().iter().map(|d| &d["name"]).collect();
    assert_eq!(names, ["Firefox on Windows", "Test"]);
}

#[tokio::test]
async fn h33_only_the_secret_claims_and_only_once() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let mut new = Asking::new(&owned).await;
    anna.post(&new.path("approve"), sealed()).await.ok();

    let mut thief = Asking::new(&owned).await;
    for secret in [&thief.asked["secret"], &blob(&[0; 32]), &blob(&[])] {
        let body = json!({ "secret": secret, "wait": 25_000 });
        thief.browser.post(&new.path("claim"), body).await.refused(404, "not_found");
    }
    assert_eq!(thief.claim(0).await.status, 204, "of its own request it hears nothing yet");
    ask(&mut thief.browser, &new.key).await.refused(409, "conflict");
    new.claim(0).await.ok();
    new.claim(25_000).await.refused(404, "not_found");
    anna.post(&new.path("approve"), sealed()).await.refused(404, "not_found");
    find(&mut anna, &new.key).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_device_that_is_refused_hears_so_at_once() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let mut new = Asking::new(&owned).await;
    let refuse = new.path("refuse");
    owned.browser().post(&refuse, json!({})).await.refused(401, "unauthorized");
    assert_eq!(new.claim(0).await.status, 204);
    // A no needs no proof of the password.
    owned.let_proofs_grow_old();
    let (claimed, refused) = tokio::join!(new.claim(25_000), anna.post(&refuse, json!({})));
    refused.ok();
    claimed.refused(403, "forbidden");
    assert!(new.browser.cookies.is_empty());
    anna.post(&refuse, json!({})).await.refused(404, "not_found");
    anna.confirm("Anna", PASSWORD).await.ok();
    anna.post(&new.path("approve"), sealed()).await.refused(404, "not_found");
    new.claim(0).await.refused(404, "not_found");
}

#[tokio::test]
async fn h34_an_approval_needs_a_session_with_a_recent_proof() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let mut new = Asking::new(&owned).await;
    let approve = new.path("approve");
    find(&mut owned.browser(), &new.key).await.refused(401, "unauthorized");
    owned.browser().post(&approve, sealed()).await.refused(401, "unauthorized");
    owned.let_proofs_grow_old();
    anna.post(&approve, sealed()).await.refused(403, "reauth_required");
    assert_eq!(new.claim(0).await.status, 204);
    anna.confirm("Anna", PASSWORD).await.ok();
    for (enc, ct) in [(31, 48), (32, 47), (32, 49), (0, 0)] {
        let sealed = json!({ "enc": blob(&vec![0; enc]), "ct": blob(&vec![0; ct]) });
        let body = json!({ "approval": sealed });
        anna.post(&approve, body).await.refused(400, "bad_request");
    }
    let nobody = "/api/v1/approvals/AAAAAAAAAAAAAAAAAAAAAA";
    anna.post(&format!("{nobody}/approve"), sealed()).await.refused(404, "not_found");
    anna.post(&approve, sealed()).await.ok();
    anna.post(&approve, sealed()).await.refused(404, "not_found");

    // One that was let in by another device lets nobody in before it has proved the password.
    new.claim(0).await.ok();
    let next = Asking::new(&owned).await;
    let path = next.path("approve");
    new.browser.post(&path, sealed()).await.refused(403, "reauth_required");
}

#[tokio::test]
async fn whoever_allowed_it_must_still_be_in_when_it_is_claimed() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let mut new = Asking::new(&owned).await;
    anna.post(&new.path("approve"), sealed()).await.ok();
    anna.post("/api/v1/logout", json!({})).await.ok();
    new.claim(0).await.refused(404, "not_found");
    assert!(new.browser.cookies.is_empty());

    let mut ben = owned.member("Ben", PASSWORD).await;
    let mut new = Asking::new(&owned).await;
    ben.post(&new.path("approve"), sealed()).await.ok();
    let account = crate::e2ee_client::b64(ben.account.unwrap());
    let path = format!("/api/v1/admin/accounts/{account}");
    owned.owner.patch(&path, json!({ "disabled": true })).await.ok();
    new.claim(0).await.refused(404, "not_found");
    assert!(new.browser.cookies.is_empty());
    let next = Asking::new(&owned).await;
    find(&mut ben, &next.key).await.refused(401, "unauthorized");
    ben.post(&next.path("approve"), sealed()).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn a_guest_lets_nobody_in() {
    let mut owned = Owned::start().await;
    let mut gast = owned.member("Gast", PASSWORD).await;
    owned.database().execute("UPDATE accounts SET role = 3 WHERE name = 'Gast'", ()).unwrap();
    let new = Asking::new(&owned).await;
    find(&mut gast, &new.key).await.refused(403, "forbidden");
    gast.post(&new.path("approve"), sealed()).await.refused(403, "forbidden");
    gast.post(&new.path("refuse"), json!({})).await.refused(403, "forbidden");
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let owned = Owned::start().await;
    let mut browser = owned.browser();
    for key in [&[0; 31][..], &[0; 33], &[]] {
        let body = json!({ "request": blob(key), "device_name": "Phone" });
        browser.post("/api/v1/approvals", body).await.refused(400, "bad_request");
    }
    let mut olga = owned.owner.clone();
    for tag in [&[0; 8][..], &[0; 9], &[0; 10], &[]] {
        let body = json!({ "tag": blob(tag) });
        olga.post("/api/v1/approvals/find", body).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn h30_a_flood_ends_at_the_limit_and_the_first_are_kept() {
    let owned = Owned::start().await;
    let mut first = Asking::new(&owned).await;
    let mut refused = 0;
    let mut browser = owned.browser();
    for _ in 0..4_200 {
        let answer = ask(&mut browser, &Chance::random().bytes()).await;
        refused += u32::from(answer.status == 429);
    }
    assert_eq!(refused, 4_200 - 4_095);
    assert_eq!(first.claim(0).await.status, 204);
}
