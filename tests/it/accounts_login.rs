//! Hostile logins and sessions: rows H27 to H36 of the threat list.

use serde_json::{Value, json};

use super::accounts::Owned;
use super::browser::{Answer, Browser, blob};
use super::opaque_client::Login;

const PASSWORD: &str = "anna's password";

/// What of an answer a stranger can compare: all but the random bytes in it.
fn shape(answer: &Answer) -> (u16, Vec<(String, String)>, Value) {
    fn lengths(value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                fields.iter().map(|(key, value)| (key.clone(), lengths(value))).collect()
            }
            Value::String(text) => Value::from(text.len()),
            other => other.clone(),
        }
    }
    let headers = answer.headers.iter().filter(|(name, _)| name != "date").cloned().collect();
    (answer.status, headers, lengths(&answer.json()))
}

async fn start_login(browser: &mut Browser, name: &str, request: &[u8]) -> Answer {
    let body = json!({ "name": name, "request": blob(request) });
    browser.post("/api/v1/login/start", body).await
}

#[tokio::test]
async fn h27_an_unknown_name_looks_like_a_wrong_password() {
    let mut owned = Owned::start().await;
    owned.member("Anna", PASSWORD).await;
    let mut stranger = owned.browser();
    for _ in 0..2 {
        let mut answers = Vec::new();
        for name in ["Anna", "Nobody"] {
            let login = Login::start("wrong");
            let started = start_login(&mut stranger, name, &login.request).await;
            let finish = json!({
                "login": started.json()["login"],
                "finalization": blob(&[7; 64]),
                "device_name": "Test",
            });
            let finished = stranger.post("/api/v1/login/finish", finish).await;
            assert_eq!((started.status, finished.status), (200, 401));
            answers.push((shape(&started), shape(&finished), finished.body));
        }
        assert_eq!(answers[0], answers[1]);
    }
    assert!(stranger.cookies.is_empty());

    // The back-off comes to both alike, too.
    let mut waits = Vec::new();
    for name in ["Anna", "Nobody"] {
        let mut codes = Vec::new();
        for _ in 0..4 {
            let login = Login::start("wrong");
            codes.push(start_login(&mut stranger, name, &login.request).await.status);
        }
        waits.push(codes);
    }
    assert_eq!(waits, [[200, 200, 200, 429], [200, 200, 200, 429]]);
}

#[tokio::test]
async fn h28_malformed_messages_are_refused() {
    let mut owned = Owned::start().await;
    let good = Login::start("x").request;
    let longer = [&good[..], &[0]].concat();
    // The known device has a bucket of its own, so that one test may try a lot.
    for (name, message) in [
        ("A", b"".as_slice()),
        ("B", &good[..95]),
        ("C", &longer),
        ("D", &[0; 96]),
        ("E", &[255; 96]),
    ] {
        start_login(&mut owned.owner, name, message).await.refused(400, "bad_request");
    }
    let invite = owned.invite(1).await;
    for message in [b"".as_slice(), &[0; 32], &[255; 32], &[1; 33]] {
        let body = json!({
            "ticket": super::browser::ticket(&invite), "name": "Anna", "request": blob(message),
        });
        let mut stranger = owned.browser();
        stranger.post("/api/v1/register/start", body).await.refused(400, "bad_request");
    }
    // Base64 that is none, or has bits to spare, is no bytes at all.
    for text in ["%", "AA==", "AB", "A"] {
        let body = json!({ "name": "F", "request": text });
        owned.owner.post("/api/v1/login/start", body).await.refused(400, "bad_request");
    }
    // A record is checked before it is stored, and its registration is gone then.
    let mut stranger = owned.browser();
    let body = json!({
        "ticket": super::browser::ticket(&invite),
        "name": "Anna",
        "request": blob(&super::opaque_client::Registration::start("x").request),
    });
    let started = stranger.post("/api/v1/register/start", body).await.ok();
    let finish = json!({
        "registration": started["registration"], "record": blob(&[0; 192]), "device_name": "T",
        "keys": super::browser_keys::newcomer(&started, &super::browser::ticket(&invite)).1,
    });
    stranger.post("/api/v1/register/finish", finish.clone()).await.refused(400, "bad_request");
    stranger.post("/api/v1/register/finish", finish).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn h29_a_proof_counts_once_and_for_its_own_login() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let mut stranger = owned.browser();
    let mut first = anna.prove("Anna", PASSWORD).await.unwrap();
    let second = anna.prove("Anna", PASSWORD).await.unwrap();
    first["device_name"] = json!("Test");

    let mut crossed = first.clone();
    crossed["login"] = second["login"].clone();
    stranger.post("/api/v1/login/finish", crossed).await.refused(401, "unauthorized");
    anna.post("/api/v1/login/finish", first.clone()).await.ok();
    stranger.post("/api/v1/login/finish", first).await.refused(401, "unauthorized");
    let mut used_up = second;
    used_up["device_name"] = json!("Test");
    anna.post("/api/v1/login/finish", used_up).await.refused(401, "unauthorized");
    assert!(stranger.cookies.is_empty());
}

#[tokio::test]
async fn h30_login_starts_without_end_leave_others_alone() {
    let mut owned = Owned::start().await;
    let mut stranger = owned.browser();
    for n in 0..200 {
        let login = Login::start("x");
        start_login(&mut stranger, &format!("Nobody {n}"), &login.request).await;
    }
    owned.browser().log_in("Olga", "owner's password").await.ok();
    owned.owner.log_in("Olga", "owner's password").await.ok();
}

#[tokio::test]
async fn h31_a_stranger_cannot_lock_a_known_device_out() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    anna.post("/api/v1/logout", json!({})).await.ok();
    let mut stranger = owned.browser();
    for _ in 0..5 {
        stranger.log_in("Anna", "a guess").await.refused(401, "unauthorized");
    }
    let refused = stranger.log_in("Anna", PASSWORD).await.refused(429, "rate_limited");
    assert!(refused.json()["error"]["retry_ms"].as_u64().unwrap() <= 1_000);
    assert_eq!(refused.header("retry-after"), Some("1"));

    // A mark that the server did not make, or made for somebody else, does not help.
    let mut forger = owned.browser();
    forger.cookies.insert("callbox-dev".into(), "A".repeat(86));
    forger.log_in("Anna", PASSWORD).await.refused(429, "rate_limited");
    forger.cookies = owned.owner.cookies.clone();
    forger.log_in("Anna", PASSWORD).await.refused(429, "rate_limited");

    // The device has five free tries of its own, and then waits as well.
    anna.log_in("Anna", PASSWORD).await.ok();
    anna.post("/api/v1/logout", json!({})).await.ok();
    for _ in 0..5 {
        anna.log_in("Anna", "a guess").await.refused(401, "unauthorized");
    }
    anna.log_in("Anna", PASSWORD).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn h34_every_login_makes_a_new_token() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let planted = "A".repeat(43);
    let mut victim = owned.browser();
    victim.cookies.insert("callbox-sid".into(), planted.clone());
    victim.log_in("Anna", PASSWORD).await.ok();
    assert_ne!(victim.token(), Some(planted.as_str()));

    let old = anna.clone();
    anna.log_in("Anna", PASSWORD).await.ok();
    assert_ne!(anna.token(), old.token());
    old.clone().get("/api/v1/session").await.refused(401, "unauthorized");
}

#[tokio::test]
async fn h35_a_stolen_cookie_dies_with_its_session() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", PASSWORD).await;
    let mut thief = owned.browser();
    thief.cookies = anna.cookies.clone();
    thief.get("/api/v1/session").await.ok();
    anna.post("/api/v1/logout", json!({})).await.ok();
    for path in ["/session", "/devices", "/invites"] {
        thief.get(&format!("/api/v1{path}")).await.refused(401, "unauthorized");
    }
    thief.patch("/api/v1/account", json!({ "name": "Thief" })).await.refused(401, "unauthorized");
}
