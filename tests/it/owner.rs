//! The owner's view of the server, and the log of admin acts.

use std::path::Path;

use serde_json::{Value, json};

use crate::accounts::{Owned, account_id};
use crate::browser::Browser;
use crate::hub::Client;
use crate::server::callbox;

const ROUTES: [&str; 7] = ["people", "devices", "invites", "calls", "server", "doctor", "log"];

async fn says(data: &Path, words: &[&str]) -> String {
    let mut command = callbox();
    command.args(words).arg("--data").arg(data);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Who did what to whom, the newest first.
async fn log(owner: &mut Browser) -> Vec<(String, String, String)> {
    let log = owner.get("/api/v1/owner/log").await.ok();
    let name = |value: &Value| value["name"].as_str().unwrap_or("-").to_owned();
    let acts = log["acts"].as_array().unwrap().iter();
    acts.map(|act| {
        let what = act["act"]["type"].as_str().unwrap().to_owned();
        (name(&act["by"]), what, name(&act["whom"]))
    })
    .collect()
}

fn line(by: &str, what: &str, whom: &str) -> (String, String, String) {
    (by.to_owned(), what.to_owned(), whom.to_owned())
}

#[tokio::test]
async fn only_the_owner_sees_it() {
    let mut owned = Owned::start().await;
    let mut admin = owned.member("Ada", "a password").await;
    let mut member = owned.member("Anna", "a password").await;
    let path = format!("/api/v1/admin/accounts/{}", account_id(&mut admin).await);
    owned.owner.patch(&path, json!({ "role": "admin" })).await.ok();
    for route in ROUTES {
        let path = format!("/api/v1/owner/{route}");
        owned.owner.get(&path).await.ok();
        owned.browser().get(&path).await.refused(401, "unauthorized");
        for browser in [&mut admin, &mut member] {
            browser.get(&path).await.refused(403, "forbidden");
        }
    }
    admin.post("/api/v1/owner/doctor", json!({})).await.refused(403, "forbidden");
    // An admin disables, as before; the rest is the owner's.
    let anna = format!("/api/v1/admin/accounts/{}", account_id(&mut member).await);
    let device = member.get("/api/v1/session").await.ok()["device"].as_str().unwrap().to_owned();
    let device = format!("{anna}/devices/{device}");
    admin.patch(&anna, json!({ "name": "Nobody" })).await.refused(403, "forbidden");
    admin.post(&format!("{anna}/sign-out"), json!({})).await.refused(403, "forbidden");
    admin.delete(&device).await.refused(403, "forbidden");
    let quota = format!("{anna}/quota");
    admin.with_json("PUT", &quota, json!({ "quota": 1 })).await.refused(403, "forbidden");
    admin.patch(&anna, json!({ "disabled": true })).await.ok();
    let log = log(&mut owned.owner).await;
    assert_eq!(log, [line("Ada", "disabled", "Anna"), line("Olga", "role_changed", "Ada")]);
}

#[tokio::test]
async fn every_act_is_in_the_log_once() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", "a password").await;
    let id = account_id(&mut anna).await;
    let path = format!("/api/v1/admin/accounts/{id}");
    assert_eq!(log(&mut owned.owner).await, [], "what people do for themselves is not in it");

    owned.owner.patch(&path, json!({ "name": "Hanna" })).await.ok();
    assert_eq!(anna.get("/api/v1/session").await.ok()["account"]["name"], "Hanna");
    // What changes nothing is no act; nor is what was refused.
    owned.owner.patch(&path, json!({ "name": "Hanna", "role": "member" })).await.ok();
    owned.owner.patch(&path, json!({ "name": "OLGA" })).await.refused(409, "name_taken");
    let both = json!({ "disabled": true, "name": "Olga" });
    owned.owner.patch(&path, both).await.refused(409, "name_taken");
    assert_eq!(anna.get("/api/v1/session").await.ok()["account"]["disabled"], false);

    let quota = format!("{path}/quota");
    owned.owner.with_json("PUT", &quota, json!({ "quota": 1000 })).await.ok();
    assert_eq!(anna.get("/api/v1/files").await.ok()["quota"], 1000);
    owned.owner.with_json("PUT", &quota, json!({ "quota": null })).await.ok();
    assert_eq!(anna.get("/api/v1/files").await.ok()["quota"], 5_u64 << 30);
    for wrong in [json!({ "quota": -1 }), json!({}), json!({ "quota": 1_u64 << 51 })] {
        owned.owner.with_json("PUT", &quota, wrong).await.refused(400, "bad_request");
    }

    let mut phone = owned.browser();
    let device = phone.log_in("Hanna", "a password").await.ok()["device"].clone();
    let device = format!("{path}/devices/{}", device.as_str().unwrap());
    owned.owner.delete(&device).await.ok();
    phone.get("/api/v1/session").await.refused(401, "unauthorized");
    anna.get("/api/v1/session").await.ok();
    let unknown = format!("{path}/devices/AAAAAAAAAAAAAAAAAAAAAA");
    owned.owner.delete(&unknown).await.refused(404, "not_found");
    owned.owner.post(&format!("{path}/sign-out"), json!({})).await.ok();
    anna.get("/api/v1/session").await.refused(401, "unauthorized");
    let reset = owned.owner.post(&format!("{path}/reset"), json!({})).await.ok();
    owned.owner.patch(&path, json!({ "disabled": true })).await.ok();
    owned.owner.patch(&path, json!({ "disabled": false })).await.ok();

    let wanted = [
        line("Olga", "enabled", "Hanna"),
        line("Olga", "disabled", "Hanna"),
        line("Olga", "reset_made", "Hanna"),
        line("Olga", "signed_out", "Hanna"),
        line("Olga", "device_signed_out", "Hanna"),
        line("Olga", "quota_set", "Hanna"),
        line("Olga", "quota_set", "Hanna"),
        line("Olga", "renamed", "Hanna"),
    ];
    assert_eq!(log(&mut owned.owner).await, wanted);
    let first = owned.owner.get("/api/v1/owner/log?limit=3").await.ok();
    assert_eq!((first["acts"].as_array().unwrap().len(), &first["more"]), (3, &json!(true)));
    let before = &first["acts"][2]["id"];
    let rest = owned.owner.get(&format!("/api/v1/owner/log?before={before}&limit=5")).await.ok();
    assert_eq!((rest["acts"].as_array().unwrap().len(), &rest["more"]), (5, &json!(false)));
    assert_eq!(rest["acts"][4]["act"], json!({"type": "renamed", "from": "Anna", "to": "Hanna"}));
    assert!(!format!("{first}{rest}").contains(reset["secret"].as_str().unwrap()));
    let kept: String = owned
        .database()
        .query_row("SELECT group_concat(act, ' ') FROM acts", (), |row| row.get(0))
        .unwrap();
    for secret in [&reset["secret"], &reset["reset"]] {
        assert!(!kept.contains(secret.as_str().unwrap()), "{kept}");
    }

    owned.let_proofs_grow_old();
    owned.owner.patch(&path, json!({ "name": "Anna" })).await.refused(403, "reauth_required");
    assert_eq!(log(&mut owned.owner).await.len(), wanted.len());
}

#[tokio::test]
async fn what_is_done_on_the_server_is_in_the_log_too() {
    let mut owned = Owned::start().await;
    owned.member("Anna", "a password").await;
    let data = owned.server.data();
    says(&data, &["user", "role", "Anna", "admin"]).await;
    says(&data, &["user", "rename", "Anna", "Hanna"]).await;
    says(&data, &["user", "disable", "Hanna"]).await;
    says(&data, &["user", "enable", "Hanna"]).await;
    says(&data, &["user", "sign-out", "Hanna"]).await;
    let reset = says(&data, &["user", "reset", "Hanna"]).await;
    let link = says(&data, &["invite", "create"]).await;
    let made = owned.owner.get("/api/v1/owner/invites?open=true").await.ok();
    let id = made["invites"][0]["invite"]["id"].as_str().unwrap();
    says(&data, &["invite", "revoke", id]).await;
    let copy = owned.server.data().join("copy.tar");
    says(&data, &["backup", copy.to_str().unwrap()]).await;
    says(&data, &["ca", "rotate"]).await;
    says(&data, &["ca", "rotate", "--yes"]).await;
    let wanted = [
        line("-", "authority_replaced", "-"),
        line("-", "backed_up", "-"),
        line("-", "invite_revoked", "Olga"),
        line("-", "invite_made", "-"),
        line("-", "reset_made", "Hanna"),
        line("-", "signed_out", "Hanna"),
        line("-", "enabled", "Hanna"),
        line("-", "disabled", "Hanna"),
        line("-", "renamed", "Hanna"),
        line("-", "role_changed", "Hanna"),
    ];
    assert_eq!(log(&mut owned.owner).await, wanted);
    let kept = owned.owner.get("/api/v1/owner/log").await.ok().to_string();
    for text in [reset, link] {
        let secret = text.lines().next().unwrap().split_once('#').unwrap().1;
        assert!(!kept.contains(secret), "{kept}");
    }
}

#[tokio::test]
async fn an_invite_of_somebody_else_is_revoked_in_the_log() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", "a password").await;
    let own = owned.owner.invite(3_600_000, 1).await.ok();
    let annas = anna.invite(3_600_000, 1).await.ok();
    let open = owned.owner.get("/api/v1/owner/invites?open=true&limit=1").await.ok();
    assert_eq!((&open["total"], &open["invites"][0]["by"]["name"]), (&json!(2), &json!("Anna")));
    let path = |made: &Value| format!("/api/v1/invites/{}", made["invite"]["id"].as_str().unwrap());
    owned.owner.delete(&path(&own)).await.ok();
    assert_eq!(log(&mut owned.owner).await, []);
    owned.owner.delete(&path(&annas)).await.ok();
    assert_eq!(log(&mut owned.owner).await, [line("Olga", "invite_revoked", "Anna")]);
    let open = owned.owner.get("/api/v1/owner/invites?open=true").await.ok();
    assert_eq!(open["total"], 0);
    assert_eq!(owned.owner.get("/api/v1/owner/invites").await.ok()["total"], 3);
}

#[tokio::test]
async fn people_are_found_sorted_and_paged() {
    let mut owned = Owned::start().await;
    for name in ["Zoë", "Anna", "berta"] {
        owned.member(name, "a password").await;
    }
    let mut names = async |query: &str| {
        let page = owned.owner.get(&format!("/api/v1/owner/people?{query}")).await.ok();
        let people = page["people"].as_array().unwrap().iter();
        let names = people.map(|p| p["account"]["name"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>().join(" "), page["total"].as_u64().unwrap())
    };
    assert_eq!(names("").await, ("Anna berta Olga Zoë".to_owned(), 4));
    assert_eq!(names("sort=newest").await, ("berta Anna Zoë Olga".to_owned(), 4));
    assert_eq!(names("sort=name&limit=2&offset=1").await, ("berta Olga".to_owned(), 4));
    assert_eq!(names("search=ZO%C3%AB").await, ("Zoë".to_owned(), 1));
    assert_eq!(names("search=%25").await, (String::new(), 0), "a per cent sign is one");
    assert_eq!(names("search=").await.1, 4);
    assert_eq!(names("sort=storage&offset=9").await, (String::new(), 4));
    for query in ["sort=secret", "limit=0", "limit=101", "offset=-1", "search=%C3", "search=%zz"] {
        let path = format!("/api/v1/owner/people?{query}");
        owned.owner.get(&path).await.refused(400, "bad_request");
    }
    let page = owned.owner.get("/api/v1/owner/people?search=anna").await.ok();
    let anna = &page["people"][0];
    assert_eq!(
        (&anna["devices"], &anna["files"], &anna["used"]),
        (&json!(1), &json!(0), &json!(0))
    );
    assert_eq!((&anna["quota"], &anna["own_quota"]), (&json!(5_u64 << 30), &json!(false)));
    let devices = owned.owner.get("/api/v1/owner/devices").await.ok();
    assert_eq!(devices["total"], 4);
    let account = anna["account"]["id"].as_str().unwrap();
    let path = format!("/api/v1/owner/devices?account={account}");
    let devices = owned.owner.get(&path).await.ok();
    assert_eq!(
        (&devices["total"], &devices["devices"][0]["account"]),
        (&json!(1), &json!({"id": account, "name": "Anna"}))
    );
}

#[tokio::test]
async fn it_shows_how_the_server_is() {
    let mut owned = Owned::start().await;
    let mut client = Client::on(owned.server.websocket(&owned.owner).await);
    client.greet(json!(null), json!([])).await;
    let server = owned.owner.get("/api/v1/owner/server").await.ok();
    assert_eq!(server["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!((&server["connections"], &server["online"]), (&json!(1), &json!(1)));
    assert!(server["storage"]["free"].as_u64().unwrap() > 0);
    assert!(server["now"].as_u64() >= server["started"].as_u64());
    assert_eq!(server["relay"], "closed");
    let calls = owned.owner.get("/api/v1/owner/calls").await.ok();
    assert_eq!((&calls["calls"], &calls["allocations"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn the_doctor_examines_it_when_the_owner_asks() {
    let mut owned = Owned::start().await;
    let path = "/api/v1/owner/doctor";
    assert_eq!(owned.owner.get(path).await.ok()["last"], Value::Null);
    let found = owned.owner.post(path, json!({})).await.ok();
    let verdict = |check: &str| {
        let findings = found["findings"].as_array().unwrap().iter();
        let of = findings.filter(|finding| finding["check"] == check);
        of.map(|finding| finding["verdict"].as_str().unwrap()).collect::<Vec<_>>()
    };
    for check in ["server", "ports", "certificate", "relay", "database"] {
        let verdicts = verdict(check);
        assert!(
            !verdicts.is_empty() && verdicts.iter().all(|is| *is == "ok"),
            "{check}: {found:#}"
        );
    }
    assert_eq!(owned.owner.get(path).await.ok()["last"], found);
}
