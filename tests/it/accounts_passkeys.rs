//! Passkeys over HTTP, and what strangers make of them: replays, signatures for
//! something else, credentials that nobody has, passkeys that are gone.

use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use super::accounts::Owned;
use super::browser::{Answer, Browser, blob};
use super::browser_keys::{CODE, bundle, id, vault, wrap};
use crate::e2ee_client::crypto::{sha256, sign};
use crate::e2ee_client::{Chance, b64};

const PASSWORD: &str = "a password";

/// What an authenticator gives, as far as it concerns the server.
struct Passkey {
    credential: Vec<u8>,
    key: SigningKey,
    wrap: Value,
}

impl Passkey {
    fn new() -> Self {
        let mut chance = Chance::random();
        let key = SigningKey::from_bytes(&chance.bytes());
        Self { credential: chance.bytes::<20>().to_vec(), key, wrap: wrap("prf") }
    }

    async fn added(browser: &mut Browser) -> Self {
        let passkey = Self::new();
        browser.post("/api/v1/passkeys", passkey.body()).await.ok();
        passkey
    }

    fn body(&self) -> Value {
        json!({
            "credential": blob(&self.credential), "name": "Phone",
            "sign": blob(self.key.verifying_key().as_bytes()), "wrap": self.wrap,
            "bundle_version": 1,
        })
    }

    fn path(&self) -> String {
        format!("/api/v1/passkeys/{}", self.wrap["id"].as_str().unwrap())
    }

    fn signed(&self, started: &Value, account: &[u8; 16]) -> Value {
        let server = sha256(&[started["server_id"].as_str().unwrap().as_bytes()]);
        let challenge = bytes(&started["challenge"]);
        let parts: [&[u8]; 4] = [&server, &challenge, account, &self.credential];
        json!({
            "request": started["request"], "credential": blob(&self.credential),
            "signature": blob(&sign(&self.key, "passkey", &parts)),
        })
    }

    async fn proof(&self, browser: &mut Browser, account: &[u8; 16]) -> Value {
        self.signed(&start(browser).await, account)
    }

    async fn enter(&self, browser: &mut Browser, account: &[u8; 16]) -> Answer {
        let proof = self.proof(browser, account).await;
        finish(browser, proof).await
    }
}

async fn start(browser: &mut Browser) -> Value {
    browser.post("/api/v1/passkeys/start", json!({})).await.ok()
}

async fn finish(browser: &mut Browser, mut proof: Value) -> Answer {
    proof["device_name"] = json!("Safari on iPhone");
    browser.post("/api/v1/passkeys/finish", proof).await
}

async fn passkeys(browser: &mut Browser) -> Vec<Value> {
    let listed = browser.get("/api/v1/passkeys").await.ok();
    listed["passkeys"].as_array().unwrap().clone()
}

fn bytes(value: &Value) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_passkey_signs_in_and_is_a_full_proof() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let account = anna.account.unwrap();
    let passkey = Passkey::added(&mut anna).await;
    let other = Passkey::added(&mut anna).await;

    let mut phone = owned.browser();
    let entered = passkey.enter(&mut phone, &account).await;
    let cookies = entered.headers.iter().filter(|(name, _)| name == "set-cookie").count();
    assert_eq!(cookies, 2, "a session and a device");
    let entered = entered.ok();
    assert_eq!(entered["session"]["account"]["name"], "Anna");
    assert_ne!(entered["session"]["device"], anna.device.clone().unwrap());
    assert_eq!(entered["keys"]["wraps"], json!([passkey.wrap]), "its own and no other");
    assert_eq!(entered["keys"]["records"].as_array().unwrap().len(), 1);
    assert_eq!(phone.get("/api/v1/session").await.ok(), entered["session"]);

    let person = vault().person(&account);
    let device = id(&entered["session"]["device"]);
    let record = person.lock().unwrap().add_device(device, 1_700_000_000_000).clone();
    phone.with_json("PUT", "/api/v1/keys", json!({ "record": record })).await.ok();
    let keys = phone.get("/api/v1/keys").await.ok();
    let kinds: Vec<_> = keys["wraps"].as_array().unwrap().iter().map(|w| &w["type"]).collect();
    assert_eq!(kinds, ["password", "recovery", "prf", "prf"]);
    phone.post("/api/v1/devices/sign-out-others", json!({})).await.ok();
    anna.get("/api/v1/session").await.refused(401, "unauthorized");

    // They are independent: one goes, the other one stays.
    let listed = passkeys(&mut phone).await;
    assert_eq!(listed.len(), 2);
    let path = passkey.path();
    phone.patch(&path, json!({ "name": "Old phone" })).await.ok();
    assert_eq!(passkeys(&mut phone).await[0]["name"], "Old phone");
    phone.delete(&path).await.ok();
    phone.delete(&path).await.refused(404, "not_found");
    let left = passkeys(&mut phone).await;
    assert_eq!(left, [listed[1].clone()]);
    assert_eq!(left[0]["credential"], blob(&other.credential));
    passkey.enter(&mut owned.browser(), &account).await.refused(401, "unauthorized");
    let entered = other.enter(&mut owned.browser(), &account).await.ok();
    assert_eq!(entered["keys"]["wraps"], json!([other.wrap]));
}

#[tokio::test]
async fn h37_a_challenge_is_signed_once_and_for_one_thing() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let mut ben = owned.member("Ben", PASSWORD).await;
    let (account, stranger) = (anna.account.unwrap(), ben.account.unwrap());
    let passkey = Passkey::added(&mut anna).await;
    let bens = Passkey::added(&mut ben).await;
    let mut phone = owned.browser();

    let proof = passkey.proof(&mut phone, &account).await;
    finish(&mut phone, proof.clone()).await.ok();
    finish(&mut phone, proof.clone()).await.refused(401, "unauthorized");
    let confirm = anna.post("/api/v1/passkeys/confirm", proof).await;
    confirm.refused(401, "unauthorized");

    let mut thief = owned.browser();
    let mut refusals = Vec::new();
    let wrong = |what: fn(&mut Value)| {
        move |mut started: Value| {
            what(&mut started);
            started
        }
    };
    let other_challenge = wrong(|started| started["challenge"] = blob(&[0; 32]));
    let other_server = wrong(|started| started["server_id"] = json!("elsewhere"));
    let started = start(&mut thief).await;
    refusals.push(passkey.signed(&other_challenge(started), &account));
    let started = start(&mut thief).await;
    refusals.push(passkey.signed(&other_server(started), &account));
    refusals.push(passkey.proof(&mut thief, &stranger).await);
    // Somebody else's key under this credential, and the other way round.
    let forged = Passkey { key: bens.key.clone(), ..Passkey::new() };
    let forged = Passkey { credential: passkey.credential.clone(), ..forged };
    refusals.push(forged.proof(&mut thief, &account).await);
    let mut swapped = passkey.proof(&mut thief, &account).await;
    swapped["credential"] = blob(&bens.credential);
    refusals.push(swapped);
    let mut short = passkey.proof(&mut thief, &account).await;
    short["signature"] = blob(&[1; 63]);
    refusals.push(short);
    // A credential that nobody has looks like a signature that is wrong.
    refusals.push(Passkey::new().proof(&mut thief, &account).await);
    let mut bodies = Vec::new();
    for proof in refusals {
        bodies.push(finish(&mut thief, proof).await.refused(401, "unauthorized").body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);

    // What was refused has used its challenge up.
    let started = start(&mut thief).await;
    let mut wrong = passkey.signed(&started, &account);
    wrong["signature"] = blob(&[1; 64]);
    finish(&mut thief, wrong).await.refused(401, "unauthorized");
    let right = passkey.signed(&started, &account);
    finish(&mut thief, right).await.refused(401, "unauthorized");
    assert!(thief.cookies.is_empty());
}

#[tokio::test]
async fn h38_no_body_has_room_for_a_prf_output() {
    let mut owned = Owned::start().await;
    let account = owned.owner.account.unwrap();
    let passkey = Passkey::new();
    let leak = json!({ "prf": { "results": { "first": blob(&[1; 32]) } } });
    let mut body = passkey.body();
    body["clientExtensionResults"] = leak.clone();
    owned.owner.post("/api/v1/passkeys", body).await.refused(400, "bad_request");
    owned.owner.post("/api/v1/passkeys", passkey.body()).await.ok();
    let mut phone = owned.browser();
    let mut proof = passkey.proof(&mut phone, &account).await;
    proof["clientExtensionResults"] = leak;
    finish(&mut phone, proof.clone()).await.refused(400, "bad_request");
    owned.owner.post("/api/v1/passkeys/confirm", proof).await.refused(400, "bad_request");
}

#[tokio::test]
async fn a_passkey_confirms_who_is_signed_in() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let mut ben = owned.member("Ben", PASSWORD).await;
    let account = anna.account.unwrap();
    let passkey = Passkey::added(&mut anna).await;
    owned.let_proofs_grow_old();
    let next = Passkey::new();
    anna.post("/api/v1/passkeys", next.body()).await.refused(403, "reauth_required");

    let confirm = "/api/v1/passkeys/confirm";
    let proof = passkey.proof(&mut ben, &account).await;
    ben.post(confirm, proof).await.refused(401, "unauthorized");
    ben.post("/api/v1/devices/sign-out-others", json!({})).await.refused(403, "reauth_required");
    let mut nobody = owned.browser();
    let proof = passkey.proof(&mut nobody, &account).await;
    nobody.post(confirm, proof).await.refused(401, "unauthorized");

    let proof = passkey.proof(&mut anna, &account).await;
    anna.post(confirm, proof).await.ok();
    anna.post("/api/v1/passkeys", next.body()).await.ok();
    // Also a password is chosen without the old one.
    let finish = json!({ "bundle_version": 1, "sign_out_others": false });
    let body = |request| json!({ "request": request });
    anna.registration("/api/v1/password", body, finish, "another password").await.ok();
    owned.browser().log_in("Anna", "another password").await.ok();
    passkey.enter(&mut owned.browser(), &account).await.ok();
}

#[tokio::test]
async fn an_account_that_is_disabled_is_told_so_by_a_right_passkey_alone() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let account = anna.account.unwrap();
    let passkey = Passkey::added(&mut anna).await;
    let path = format!("/api/v1/admin/accounts/{}", b64(account));
    owned.owner.patch(&path, json!({ "disabled": true })).await.ok();
    let mut phone = owned.browser();
    passkey.enter(&mut phone, &account).await.refused(403, "forbidden");
    let forged = Passkey { credential: passkey.credential.clone(), ..Passkey::new() };
    forged.enter(&mut phone, &account).await.refused(401, "unauthorized");
    assert!(phone.cookies.is_empty());
    owned.owner.patch(&path, json!({ "disabled": false })).await.ok();
    passkey.enter(&mut phone, &account).await.ok();
}

#[tokio::test]
async fn h42_a_guest_has_no_passkeys() {
    let mut owned = Owned::start().await;
    let mut gast = owned.member("Gast", PASSWORD).await;
    let passkey = Passkey::added(&mut gast).await;
    owned.database().execute("UPDATE accounts SET role = 3 WHERE name = 'Gast'", ()).unwrap();
    gast.get("/api/v1/passkeys").await.refused(403, "forbidden");
    gast.post("/api/v1/passkeys", Passkey::new().body()).await.refused(403, "forbidden");
    let path = passkey.path();
    gast.patch(&path, json!({ "name": "x" })).await.refused(403, "forbidden");
    gast.delete(&path).await.refused(403, "forbidden");
}

#[tokio::test]
async fn passkeys_of_others_do_not_exist() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let passkey = Passkey::added(&mut anna).await;
    let path = passkey.path();
    owned.owner.patch(&path, json!({ "name": "mine" })).await.refused(404, "not_found");
    owned.owner.delete(&path).await.refused(404, "not_found");
    assert!(passkeys(&mut owned.owner).await.is_empty());
    let mut nobody = owned.browser();
    nobody.get("/api/v1/passkeys").await.refused(401, "unauthorized");
    nobody.delete(&path).await.refused(401, "unauthorized");
    assert_eq!(passkeys(&mut anna).await[0]["name"], "Phone");
}

#[tokio::test]
async fn renewed_keys_end_all_passkeys() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let account = anna.account.unwrap();
    let passkey = Passkey::added(&mut anna).await;
    let person = vault().person(&account);
    let record = person.lock().unwrap().rekey().clone();
    let body = json!({
        "record": record, "bundle": bundle(2), "wraps": [wrap("password"), wrap("recovery")],
        "recovery_auth_hash": b64(sha256(&[&CODE])),
    });
    anna.with_json("PUT", "/api/v1/keys", body).await.ok();
    assert!(passkeys(&mut anna).await.is_empty());
    let keys = anna.get("/api/v1/keys").await.ok();
    assert_eq!(keys["wraps"].as_array().unwrap().len(), 2);
    passkey.enter(&mut owned.browser(), &account).await.refused(401, "unauthorized");

    // One whose wrap holds the old master key comes too late; the same one comes anew.
    anna.post("/api/v1/passkeys", passkey.body()).await.refused(409, "conflict");
    let mut renewed = passkey.body();
    renewed["bundle_version"] = json!(2);
    anna.post("/api/v1/passkeys", renewed).await.ok();

    // Whoever takes the account back by its code keeps no passkey of somebody else.
    let name_and_code =
        |request| json!({ "name": "Anna", "auth": blob(&CODE), "request": request });
    let mut fresh = owned.browser();
    let finish = json!({ "device_name": "Test" });
    let recovered = fresh.registration("/api/v1/recovery", name_and_code, finish, "new one").await;
    recovered.ok();
    assert!(passkeys(&mut fresh).await.is_empty());
    passkey.enter(&mut owned.browser(), &account).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn an_identity_reset_ends_all_passkeys() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let account = anna.account.unwrap();
    let passkey = Passkey::added(&mut anna).await;
    let path = format!("/api/v1/admin/accounts/{}/reset", b64(account));
    let link = owned.owner.post(&path, json!({})).await.ok();
    let start = |request| {
        json!({
            "reset": link["reset"], "secret": link["secret"], "request": request, "auth": null,
        })
    };
    let mut fresh = owned.browser();
    let finish = json!({ "device_name": "Test" });
    fresh.registration("/api/v1/reset", start, finish, "new one").await.ok();
    assert!(passkeys(&mut fresh).await.is_empty());
    assert_eq!(fresh.get("/api/v1/keys").await.ok()["wraps"].as_array().unwrap().len(), 2);
    passkey.enter(&mut owned.browser(), &account).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn what_is_no_passkey_is_not_added() {
    let mut owned = Owned::start().await;
    let olga = &mut owned.owner;
    let changes: [fn(&mut Value); 6] = [
        |body| body["credential"] = blob(&[1; 15]),
        |body| body["credential"] = blob(&[1; 1_024]),
        |body| body["sign"] = blob(&[1; 31]),
        // The neutral point: everybody could sign for it.
        |body| body["sign"] = blob(&std::array::from_fn::<u8, 32, _>(|i| u8::from(i == 0))),
        |body| body["wrap"] = wrap("password"),
        |body| body["wrap"]["nonce"] = blob(&[1; 11]),
    ];
    for change in changes {
        let mut body = Passkey::new().body();
        change(&mut body);
        olga.post("/api/v1/passkeys", body).await.refused(400, "bad_request");
    }
    assert!(passkeys(olga).await.is_empty());

    let first = Passkey::added(olga).await;
    olga.post("/api/v1/passkeys", first.body()).await.refused(409, "conflict");
    let twin = Passkey { credential: first.credential.clone(), ..Passkey::new() };
    olga.post("/api/v1/passkeys", twin.body()).await.refused(409, "conflict");
    for _ in 1..16 {
        Passkey::added(olga).await;
    }
    let seventeenth = olga.post("/api/v1/passkeys", Passkey::new().body()).await;
    seventeenth.refused(507, "quota_exceeded");

    // Their wraps have this one way in.
    let person = vault().person(&olga.account.unwrap());
    let record = person.lock().unwrap().record().clone();
    let body = json!({ "record": record, "wraps": [wrap("prf")] });
    olga.with_json("PUT", "/api/v1/keys", body).await.refused(400, "bad_request");
    assert_eq!(passkeys(olga).await.len(), 16);
}
