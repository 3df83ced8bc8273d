//! Setup, invite and reset links: rows H40 and H41 of the threat list.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::accounts::{Owned, account_id, setup_ticket};
use super::browser::{Answer, Browser, blob, ticket};
use super::opaque_client::Registration;
use super::server::Server;

/// The first half of a registration alone.
async fn start(browser: &mut Browser, ticket: &Value) -> Answer {
    let request = blob(&Registration::start("x").request);
    let body = json!({ "ticket": ticket, "name": "Somebody", "request": request });
    browser.post("/api/v1/register/start", body).await
}

#[tokio::test]
async fn h40_a_setup_token_is_refused_when_wrong_ten_times_or_used() {
    let server = Server::start();
    let mut browser = Browser::new(server.address);
    let first = setup_ticket(&server);
    start(&mut browser, &first).await.ok();
    for length in [0, 15, 16, 17, 32, 16, 16, 16, 16, 16] {
        let wrong = json!({ "type": "setup", "token": blob(&vec![9; length]) });
        start(&mut browser, &wrong).await.refused(404, "not_found");
    }
    start(&mut browser, &first).await.refused(404, "not_found");
    let second = setup_ticket(&server);
    assert_ne!(first, second);

    // Two people with the link at the same moment: one of them becomes the owner.
    let mut other = Browser::new(server.address);
    let (one, two) = tokio::join!(
        browser.register(second.clone(), "Olga", "a password"),
        other.register(second.clone(), "Otto", "a password"),
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404]);
    assert!(!server.data().join("setup-token").exists());
    let mut late = Browser::new(server.address);
    late.register(second, "Late", "a password").await.refused(404, "not_found");
    late.register(json!({ "type": "setup", "token": "" }), "Late", "x")
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn h40_before_the_setup_nothing_else_is_open() {
    let server = Server::start();
    let mut browser = Browser::new(server.address);
    for (method, path) in [
        ("POST", "/login/start"),
        ("POST", "/invites/open"),
        ("GET", "/devices"),
        ("PATCH", "/admin/accounts/AAAAAAAAAAAAAAAAAAAAAA"),
        ("GET", "/nothing"),
    ] {
        let path = format!("/api/v1{path}");
        browser.with_json(method, &path, json!({})).await.refused(503, "setup_required");
    }
    let invite = json!({ "type": "invite", "invite": "AAAAAAAAAAAAAAAAAAAAAA", "auth": "" });
    start(&mut browser, &invite).await.refused(503, "setup_required");
}

#[tokio::test]
async fn h41_every_invite_that_is_not_good_looks_the_same() {
    let mut owned = Owned::start().await;
    let good = owned.invite(1).await;
    let used = owned.invite(1).await;
    owned.browser().join(&used, "Anna", "a password").await.ok();
    let revoked = owned.invite(5).await;
    let path = format!("/api/v1/invites/{}", revoked["invite"]["id"].as_str().unwrap());
    owned.owner.delete(&path).await.ok();
    // Who holds the link could read on, until the keys are others.
    owned.owner.invite(300_000, 1).await.refused(409, "rotate_first");
    let link = super::browser_keys::id(&revoked["invite"]["id"]);
    owned.owner.change_everyone(|talk, by| talk.revoke_link(by, link)).await.ok();
    let expired = owned.invite(5).await;
    let id = URL_SAFE_NO_PAD.decode(expired["invite"]["id"].as_str().unwrap()).unwrap();
    let changed =
        owned.database().execute("UPDATE invites SET expires = 1 WHERE id = ?1", (id,)).unwrap();
    assert_eq!(changed, 1);

    let mut wrong_secret = good.clone();
    wrong_secret["secret"] = revoked["secret"].clone();
    let mut no_secret = good.clone();
    no_secret["secret"] = json!("");
    let mut wrong_id = good.clone();
    wrong_id["invite"]["id"] = json!("AAAAAAAAAAAAAAAAAAAAAA");
    let mut stranger = owned.browser();
    let mut seen = Vec::new();
    for bad in [&used, &revoked, &expired, &wrong_secret, &no_secret, &wrong_id] {
        let check = json!({ "invite": bad["invite"]["id"], "auth": ticket(bad)["auth"] });
        let answer = stranger.post("/api/v1/invites/open", check).await;
        seen.push(answer.refused(404, "not_found").body);
        seen.push(start(&mut stranger, &ticket(bad)).await.refused(404, "not_found").body);
    }
    seen.dedup();
    assert_eq!(seen.len(), 1);
    start(&mut stranger, &ticket(&good)).await.ok();
}

#[tokio::test]
async fn h41_of_many_that_take_the_last_use_one_wins() {
    let mut owned = Owned::start().await;
    let invite = owned.invite(1).await;
    let joining = (0..8).map(|n| {
        let (mut browser, invite) = (owned.browser(), invite.clone());
        tokio::spawn(async move { browser.join(&invite, &format!("P{n}"), "x").await.status })
    });
    let joining: Vec<_> = joining.collect();
    let mut statuses = Vec::new();
    for task in joining {
        statuses.push(task.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404, 404, 404, 404, 404, 404, 404]);
    let listed = owned.owner.get("/api/v1/invites").await.ok();
    assert_eq!(listed["invites"][0]["uses"], 1);
}

#[tokio::test]
async fn an_invite_has_bounds_and_belongs_to_who_made_it() {
    let mut owned = Owned::start().await;
    for (valid_for, uses) in
        [(0, 1), (299_999, 1), (90 * 86_400_000u64 + 1, 1), (300_000, 0), (300_000, 1_001)]
    {
        owned.owner.invite(valid_for, uses).await.refused(400, "bad_request");
    }
    let of_owner = owned.invite(1).await;
    let mut anna = owned.member("Anna", "a password").await;
    let of_anna = anna.invite(300_000, 1_000).await.ok();
    let listed = anna.get("/api/v1/invites").await.ok();
    assert_eq!(listed["invites"].as_array().unwrap().len(), 1);
    assert!(listed.to_string().find("secret").is_none());
    let path =
        |created: &Value| format!("/api/v1/invites/{}", created["invite"]["id"].as_str().unwrap());
    anna.delete(&path(&of_owner)).await.refused(404, "not_found");
    owned.owner.delete(&path(&of_anna)).await.ok();
    assert_eq!(anna.get("/api/v1/invites").await.ok()["invites"][0]["revoked"], true);
}

#[tokio::test]
async fn a_reset_link_changes_the_password_once() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", "forgotten").await;
    let id = account_id(&mut anna).await;
    let path = format!("/api/v1/admin/accounts/{id}/reset");
    let replaced = owned.owner.post(&path, json!({})).await.ok();
    let created = owned.owner.post(&path, json!({})).await.ok();
    let link = json!({ "reset": created["reset"], "secret": created["secret"] });

    let mut fresh = owned.browser();
    let checked = fresh.post("/api/v1/reset/check", link.clone()).await.ok();
    assert_eq!(checked, json!({ "name": "Anna" }));
    let bad = [
        json!({ "reset": replaced["reset"], "secret": replaced["secret"] }),
        json!({ "reset": created["reset"], "secret": replaced["secret"] }),
        json!({ "reset": created["reset"], "secret": "" }),
    ];
    for link in &bad {
        fresh.post("/api/v1/reset/check", link.clone()).await.refused(404, "not_found");
    }
    let body = |link: &Value| {
        let link = link.clone();
        move |request| json!({ "reset": link["reset"], "secret": link["secret"], "request": request })
    };
    let finish = json!({ "device_name": "Test" });
    let session =
        fresh.registration("/api/v1/reset", body(&link), finish.clone(), "new").await.ok();
    assert_eq!(session["account"]["id"], id);
    fresh.get("/api/v1/session").await.ok();
    anna.get("/api/v1/session").await.refused(401, "unauthorized");
    let again = fresh.registration("/api/v1/reset", body(&link), finish, "newer").await;
    again.refused(404, "not_found");
    anna.log_in("Anna", "forgotten").await.refused(401, "unauthorized");
    anna.log_in("Anna", "new").await.ok();
}
