//! Records, keys and recovery over HTTP: the server's side of E6, E14, E16 to
//! E18, and of H60 to H64 for control events.

use serde_json::{Value, json};

use super::accounts::Owned;
use super::browser::{Browser, blob};
use super::browser_keys::{CODE, bundle, id, posted, vault, wrap};
use crate::e2ee_client::crypto::sha256;
use crate::e2ee_client::{Chance, Talk, b64};

const PASSWORD: &str = "a password";

async fn put_keys(browser: &mut Browser, body: Value) -> super::browser::Answer {
    browser.with_json("PUT", "/api/v1/keys", body).await
}

#[tokio::test]
async fn keys_are_given_to_their_account_alone_and_wraps_after_a_proof() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let keys = anna.get("/api/v1/keys").await.ok();
    assert_eq!(keys["records"].as_array().unwrap().len(), 1);
    assert_eq!(keys["wraps"].as_array().unwrap().len(), 2);
    assert_eq!(keys["settings"], Value::Null);
    owned.let_proofs_grow_old();
    owned.let_proofs_grow_old();
    let later = anna.get("/api/v1/keys").await.ok();
    assert_eq!((&later["wraps"], &later["bundle"]), (&Value::Null, &keys["bundle"]));
    owned.browser().get("/api/v1/keys").await.refused(401, "unauthorized");

    // What others may know of her is her record.
    let account = b64(anna.account.unwrap());
    let path = format!("/api/v1/accounts/{account}/records");
    let records = owned.owner.get(&path).await.ok();
    assert_eq!(records["records"], keys["records"]);
    let none = owned.owner.get(&format!("{path}?after=1")).await.ok();
    assert_eq!(none["records"], json!([]));
    let nobody = "/api/v1/accounts/AAAAAAAAAAAAAAAAAAAAAA/records";
    owned.owner.get(nobody).await.refused(404, "not_found");
    owned.browser().get(&path).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn sealed_settings_are_replaced_version_by_version() {
    let mut owned = Owned::start().await;
    let sealed =
        |version: u32| json!({ "version": version, "nonce": blob(&[1; 12]), "ct": blob(&[2; 40]) });
    let put = async |browser: &mut Browser, body| {
        browser.with_json("PUT", "/api/v1/keys/settings", body).await
    };
    put(&mut owned.owner, sealed(2)).await.refused(409, "conflict");
    put(&mut owned.owner, sealed(1)).await.ok();
    put(&mut owned.owner, sealed(1)).await.refused(409, "conflict");
    put(&mut owned.owner, sealed(2)).await.ok();
    assert_eq!(owned.owner.get("/api/v1/keys").await.ok()["settings"], sealed(2));
    let mut short = sealed(3);
    short["nonce"] = blob(&[1; 11]);
    put(&mut owned.owner, short).await.refused(400, "bad_request");
}

#[tokio::test]
async fn e6_records_follow_each_other_and_nothing_else_is_taken() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let person = vault().person(&anna.account.unwrap());
    let first = person.lock().unwrap().record().clone();
    put_keys(&mut anna, json!({ "record": first })).await.refused(409, "conflict");

    // A device that was never signed in here, one of somebody else, and a forged signature.
    for device in [[1; 16], id(owned.owner.device.as_ref().unwrap())] {
        let record = next_record(&anna, device);
        put_keys(&mut anna, json!({ "record": record })).await.refused(400, "bad_request");
    }
    let mut phone = owned.browser();
    let proof = phone.prove("Anna", PASSWORD).await.unwrap();
    let mut finish = proof;
    finish["device_name"] = json!("Phone");
    let session = phone.post("/api/v1/login/finish", finish).await.ok();
    let device = id(&session["device"]);
    let mut forged = next_record(&anna, device);
    forged["signature"] = blob(&[7; 64]);
    put_keys(&mut phone, json!({ "record": forged })).await.refused(400, "bad_request");

    // Two that race for one version: one of them is second.
    owned.let_proofs_grow_old();
    let other = next_record(&anna, device);
    let good = person.lock().unwrap().add_device(device, 1_700_000_000_000).clone();
    let account = put_keys(&mut phone, json!({ "record": good })).await.ok();
    assert_eq!(account["record"], 2);
    put_keys(&mut phone, json!({ "record": other })).await.refused(409, "conflict");

    // Everything but adding oneself needs the password.
    let revoked = {
        let mut person = person.lock().unwrap();
        person.revoke_device(device, 1_700_000_001_000).clone()
    };
    put_keys(&mut anna, json!({ "record": revoked })).await.refused(403, "reauth_required");
    anna.confirm("Anna", PASSWORD).await.ok();
    let unasked = json!({ "record": revoked, "bundle": bundle(2) });
    put_keys(&mut anna, unasked).await.refused(400, "bad_request");
    let code_alone = json!({ "record": revoked, "wraps": [wrap("recovery")] });
    put_keys(&mut anna, code_alone).await.refused(400, "bad_request");
    put_keys(&mut anna, json!({ "record": revoked })).await.ok();
    phone.get("/api/v1/session").await.refused(401, "unauthorized");
}

/// The next version of somebody's record with one more device, without keeping it. It differs
/// each time, by the device's key.
fn next_record(browser: &Browser, device: [u8; 16]) -> Value {
    let person = vault().person(&browser.account.unwrap());
    let person = person.lock().unwrap();
    let mut payload: Value = serde_json::from_slice(person.record().payload.as_ref()).unwrap();
    let prev = crate::e2ee_client::crypto::sha256(&[person.record().payload.as_ref()]);
    payload["version"] = json!(person.records.len() + 1);
    payload["prev"] = json!(b64(prev));
    let key = ed25519_dalek::SigningKey::from_bytes(&Chance::random().bytes());
    payload["devices"].as_array_mut().unwrap().push(json!({
        "id": b64(device), "ds_pub": b64(key.verifying_key()), "added": 1, "revoked": null,
    }));
    let payload = payload.to_string().into_bytes();
    let signature =
        crate::e2ee_client::crypto::sign(&person.signing, "account-record", &[&payload]);
    json!({ "payload": blob(&payload), "signature": blob(&signature), "continuity": null })
}

#[tokio::test]
async fn e18_a_revoked_device_is_cut_and_calls_for_new_keys() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let mut phone = owned.browser();
    phone.log_in("Anna", PASSWORD).await.ok();
    let (device, person) = {
        let device = id(phone.device.as_ref().unwrap());
        (device, vault().person(&anna.account.unwrap()))
    };
    let record = person.lock().unwrap().revoke_device(device, 1_700_000_001_000).clone();
    put_keys(&mut anna, json!({ "record": record })).await.ok();
    phone.get("/api/v1/session").await.refused(401, "unauthorized");
    let pending: bool = owned
        .database()
        .query_row("SELECT rotation FROM conversations WHERE kind = 0", (), |row| row.get(0))
        .unwrap();
    assert!(pending);
    let refused =
        owned.owner.change_everyone(|talk, by| talk.set_role(by, anna.account.unwrap(), "manager"));
    refused.await.refused(409, "rotate_first");
    owned.owner.change_everyone(|talk, by| talk.rotate(by)).await.ok();
    let id = anna.account.unwrap();
    owned.owner.change_everyone(|talk, by| talk.set_role(by, id, "manager")).await.ok();

    // The revoked device can come back only as a new one.
    let lost = phone.device.clone();
    let session = phone.log_in("Anna", PASSWORD).await.ok();
    assert_ne!(Some(&session["device"]), lost.as_ref());
}

#[tokio::test]
async fn e16_the_recovery_code_opens_the_account_a_few_times_an_hour() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let start = |name: &str, auth: &[u8]| {
        let (name, auth) = (name.to_owned(), blob(auth));
        move |request| json!({ "name": name, "auth": auth, "request": request })
    };
    let finish = json!({ "device_name": "Test" });
    let mut fresh = owned.browser();
    let mut refusals = Vec::new();
    for name in ["Anna", "Nobody"] {
        let wrong = fresh
            .registration("/api/v1/recovery", start(name, &[8; 32]), finish.clone(), "new")
            .await;
        refusals.push(wrong.refused(401, "unauthorized").body);
    }
    assert_eq!(refusals[0], refusals[1], "a name that nobody has looks like a wrong code");
    let session = fresh
        .registration("/api/v1/recovery", start("Anna", &CODE), finish.clone(), "new")
        .await
        .ok();
    assert_eq!(session["account"]["id"], json!(b64(anna.account.unwrap())));
    assert_eq!(session["account"]["record"], 2, "the keys are kept, the device is new");
    anna.get("/api/v1/session").await.refused(401, "unauthorized");
    fresh.get("/api/v1/session").await.ok();
    owned.browser().log_in("Anna", "new").await.ok();
    for _ in 0..3 {
        let wrong = fresh
            .registration("/api/v1/recovery", start("Anna", &[8; 32]), finish.clone(), "x")
            .await;
        wrong.refused(401, "unauthorized");
    }
    let sixth = fresh.registration("/api/v1/recovery", start("Anna", &CODE), finish, "x").await;
    sixth.refused(429, "rate_limited");
}

#[tokio::test]
async fn e16_another_recovery_code_takes_the_place_of_the_one_before() {
    const OTHER: [u8; 32] = [10; 32];
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let before = anna.get("/api/v1/keys").await.ok();
    let code = |kind: &str, version: u32| {
        json!({
            "wrap": wrap(kind), "recovery_auth_hash": b64(sha256(&[&OTHER])), "bundle_version": version,
        })
    };
    let put = "/api/v1/keys/recovery";
    anna.with_json("PUT", put, code("password", 1)).await.refused(400, "bad_request");
    // Keys that were renewed in between are not those that this code would open.
    anna.with_json("PUT", put, code("recovery", 2)).await.refused(409, "conflict");
    assert_eq!(anna.get("/api/v1/keys").await.ok(), before);
    anna.with_json("PUT", put, code("recovery", 1)).await.ok();
    let after = anna.get("/api/v1/keys").await.ok();
    assert_eq!(after["wraps"][0], before["wraps"][0], "the password stays good");
    assert_ne!(after["wraps"][1], before["wraps"][1]);
    assert_eq!(after["records"], before["records"]);

    let start = |auth: &[u8]| {
        let auth = blob(auth);
        move |request| json!({ "name": "Anna", "auth": auth, "request": request })
    };
    let finish = json!({ "device_name": "Test" });
    let mut fresh = owned.browser();
    let former = fresh.registration("/api/v1/recovery", start(&CODE), finish.clone(), "new").await;
    former.refused(401, "unauthorized");
    fresh.registration("/api/v1/recovery", start(&OTHER), finish, "new").await.ok();

    // It takes a proof that is not older than five minutes.
    let soon = i64::try_from(callbox::http::now().0 - 6 * 60_000).unwrap();
    let database = owned.database();
    database.execute("UPDATE sessions SET proved = ?1", (soon,)).unwrap();
    fresh.with_json("PUT", put, code("recovery", 1)).await.refused(403, "reauth_required");
}

#[tokio::test]
async fn e17_a_new_password_comes_with_its_wrap() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let before = anna.get("/api/v1/keys").await.ok();
    let finish = |version: u32| json!({ "bundle_version": version, "sign_out_others": false });
    let body = |request| json!({ "request": request });
    let late = anna.registration("/api/v1/password", body, finish(2), "late").await;
    late.refused(409, "conflict");
    owned.browser().log_in("Anna", "late").await.refused(401, "unauthorized");
    assert_eq!(anna.get("/api/v1/keys").await.ok()["wraps"], before["wraps"]);
    anna.registration("/api/v1/password", body, finish(1), "new").await.ok();
    let after = anna.get("/api/v1/keys").await.ok();
    assert_ne!(after["wraps"][0], before["wraps"][0]);
    assert_eq!(after["wraps"][1], before["wraps"][1], "the recovery code stays good");
    assert_eq!(after["bundle"], before["bundle"]);
}

#[tokio::test]
async fn h63_h64_control_events_that_are_not_right_are_refused() {
    let mut owned = Owned::start().await;
    let anna = owned.member("Anna", PASSWORD).await;
    let mut eve = owned.browser();
    let link = owned.invite(1).await;
    eve.join(&link, "Eve", PASSWORD).await.ok();
    let (anna_id, eve_id) = (anna.account.unwrap(), eve.account.unwrap());
    let people = [owned.owner.account.unwrap(), eve_id].map(|account| vault().person(&account));

    // A room of Olga and Anna.
    let mut room = Talk::new(Chance::random().bytes(), "room", "all", "Room", Chance::random());
    let path = format!("/api/v1/conversations/{}/control", b64(room.id));
    let created = {
        let anna = vault().person(&anna_id);
        let (olga, anna) = (people[0].lock().unwrap(), anna.lock().unwrap());
        room.create(&[(&olga, "manager"), (&anna, "member")])
    };
    let good = posted(&created);
    let made = |change: &dyn Fn(&mut Value)| {
        let mut bad = good.clone();
        change(&mut bad);
        bad
    };
    let missing = made(&|bad| drop(bad["grants"].as_array_mut().unwrap().pop()));
    let twice = made(&|bad| {
        let grants = bad["grants"].as_array_mut().unwrap();
        grants.push(grants[0].clone());
    });
    let extra = made(&|bad| {
        let grants = bad["grants"].as_array_mut().unwrap();
        let mut other = grants[0].clone();
        other["to"] = json!(b64(eve_id));
        grants.push(other);
    });
    let stale = made(&|bad| bad["grants"][0]["epoch"] = json!(2));
    let short = made(&|bad| bad["grants"][0]["ct"] = blob(&[1; 47]));
    for bad in [missing, twice, extra, stale, short] {
        owned.owner.post(&path, bad).await.refused(400, "bad_request");
    }
    let unsealed = made(&|bad| bad["grants"][0]["g"] = json!(2));
    owned.owner.post(&path, unsealed).await.refused(409, "conflict");
    eve.post(&path, good.clone()).await.refused(403, "forbidden");
    let elsewhere = format!("/api/v1/conversations/{}/control", b64([5; 16]));
    owned.owner.post(&elsewhere, good.clone()).await.refused(400, "bad_request");
    let placed = owned.owner.post(&path, good.clone()).await.ok();
    assert_eq!(owned.owner.post(&path, good).await.ok(), placed, "a resend");

    // Eve adds herself, drops the manager, names a wrong predecessor: she is no member.
    for n in 0..3 {
        let mut talk = room.clone();
        let event = {
            let eve = people[1].lock().unwrap();
            match n {
                0 => talk.add(&eve, &[(&eve, "member")]),
                1 => talk.remove(&eve, owned.owner.account.unwrap()),
                _ => talk.rotate(&eve),
            }
        };
        eve.post(&path, posted(&event)).await.refused(404, "not_found");
    }
    // Olga forges the state, the predecessor, the index.
    for n in 0..3 {
        let mut talk = room.clone();
        match n {
            0 => talk.state.name = "Another".to_owned(),
            1 => talk.last = [1; 32],
            _ => talk.index += 1,
        }
        let event = talk.rotate(&people[0].lock().unwrap());
        let status = owned.owner.post(&path, posted(&event)).await.status;
        assert_eq!(status, if n == 0 { 400 } else { 409 }, "{n}");
    }
    // Two that rotate at once: one is refused and finds the new state.
    let events: Vec<_> = (0..2)
        .map(|_| {
            let mut talk = room.clone();
            talk.chance = Chance::random();
            posted(&talk.rotate(&people[0].lock().unwrap()))
        })
        .collect();
    let mut second = owned.owner.clone();
    let (one, other) = tokio::join!(
        owned.owner.post(&path, events[0].clone()),
        second.post(&path, events[1].clone())
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let log = owned.owner.get(&format!("{path}?after=0")).await.ok();
    assert_eq!(log["events"].as_array().unwrap().len(), 1);
    let chain = path.replace("/control", "/chain");
    assert_eq!(owned.owner.get(&chain).await.ok()["n"], 2);
}

#[tokio::test]
async fn who_joins_too_late_waits_to_be_let_in() {
    let mut owned = Owned::start().await;
    let link = owned.invite(2).await;
    let everyone = b64(vault().everyone(&owned.owner.account.unwrap()).id);
    // Her client has seen an older log than the server has by now.
    let stale = vault().everyone(&owned.owner.account.unwrap());
    owned.owner.change_everyone(|talk, by| talk.rotate(by)).await.ok();
    let current = vault().everyone(&owned.owner.account.unwrap());
    vault().settle(stale);
    let mut late = owned.browser();
    late.join(&link, "Late", PASSWORD).await.ok();
    vault().settle(current);
    let path = format!("/api/v1/conversations/{everyone}/control");
    late.get(&path).await.refused(404, "not_found");
    let person = vault().person(&late.account.unwrap());
    let added = owned
        .owner
        .change_everyone(|talk, by| talk.add(by, &[(&person.lock().unwrap(), "member")]));
    added.await.ok();
    assert_eq!(late.get(&path).await.ok()["more"], false);
    let grants = late.get(&path.replace("/control", "/grants")).await.ok();
    assert_eq!(grants["grants"].as_array().unwrap().len(), 2, "one for each epoch");
}
