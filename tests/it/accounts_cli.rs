//! The command line beside a running server.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;

use super::accounts::Owned;
use super::server::Server;

/// Runs `callbox` with these words on this data directory.
async fn callbox(data: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callbox"));
    command.env_clear().args(words).arg("--data").arg(data);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

async fn says(data: &Path, words: &[&str]) -> String {
    let output = callbox(data, words).await;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

async fn complains(data: &Path, words: &[&str]) -> String {
    let output = callbox(data, words).await;
    assert!(!output.status.success(), "{words:?}");
    assert!(output.stdout.is_empty(), "{words:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// Id and secret of a link.
fn parts(link: &str, path: &str) -> (String, String) {
    let link = link.lines().next().unwrap();
    let (front, secret) = link.split_once('#').unwrap();
    let (site, id) = front.split_once(path).unwrap();
    assert!(site.starts_with("http://localhost:"), "{link}");
    (id.to_owned(), secret.to_owned())
}

#[tokio::test]
async fn people_are_looked_after() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", "a password").await;
    let data = owned.server.data();
    assert_eq!(says(&data, &["user", "list"]).await, "Olga (owner)\nAnna (member)\n");
    says(&data, &["user", "role", "anna", "admin"]).await;
    assert_eq!(anna.get("/api/v1/session").await.ok()["account"]["role"], "admin");
    says(&data, &["user", "rename", "Anna", "Hanna Berg"]).await;
    assert_eq!(anna.get("/api/v1/session").await.ok()["account"]["name"], "Hanna Berg");
    says(&data, &["user", "sign-out", "hanna berg"]).await;
    anna.get("/api/v1/session").await.refused(401, "unauthorized");
    anna.log_in("Hanna Berg", "a password").await.ok();
    says(&data, &["user", "disable", "Hanna Berg"]).await;
    anna.get("/api/v1/session").await.refused(401, "unauthorized");
    assert!(says(&data, &["user", "list"]).await.contains("Hanna Berg (admin, disabled)"));
    says(&data, &["user", "enable", "Hanna Berg"]).await;

    let link = says(&data, &["user", "reset", "Hanna Berg"]).await;
    assert!(link.contains("24 hours"), "{link}");
    let (id, secret) = parts(&link, "/reset/");
    let body = |request| json!({ "reset": id, "secret": secret, "request": request });
    let finish = json!({ "device_name": "Test" });
    anna.registration("/api/v1/reset", body, finish, "another").await.ok();

    let error = complains(&data, &["user", "disable", "Hana Berg"]).await;
    assert!(error.contains("Did you mean Hanna Berg?"), "{error}");
    let error = complains(&data, &["user", "disable", "Olga"]).await;
    assert!(error.contains("owner"), "{error}");
    let error = complains(&data, &["user", "rename", "Hanna Berg", "OLGA"]).await;
    assert!(error.contains("somebody else has that name"), "{error}");
}

#[tokio::test]
async fn invites_are_made_listed_and_revoked() {
    let mut owned = Owned::start().await;
    let data = owned.server.data();
    let link = says(&data, &["invite", "create", "--uses", "2", "--valid", "12h"]).await;
    assert!(link.contains("2 people can join with it, for 12 hours."), "{link}");
    let (id, secret) = parts(&link, "/j/");
    let ticket = super::browser::ticket(&json!({ "invite": { "id": id }, "secret": secret }));
    owned.browser().register(ticket.clone(), "Anna", "a password").await.ok();
    let list = says(&data, &["invite", "list"]).await;
    assert_eq!(list, format!("{id}  1 of 2 used, for 12 hours, by Olga\n"));
    assert!(!list.contains(&secret));
    says(&data, &["invite", "revoke", &id]).await;
    assert!(says(&data, &["invite", "list"]).await.contains("revoked"));
    owned.browser().register(ticket, "Bert", "a password").await.refused(404, "not_found");
    let listed = owned.owner.get("/api/v1/invites").await.ok();
    assert_eq!(listed["invites"][0]["revoked"], true);
    for words in [["--valid", "91d"], ["--valid", "1w"], ["--uses", "0"], ["--uses", "1001"]] {
        complains(&data, &[&["invite", "create"], &words[..]].concat()).await;
    }
}

#[tokio::test]
async fn without_a_server_or_an_owner_it_says_what_to_do() {
    let server = Server::start();
    let error = complains(&server.data(), &["invite", "create"]).await;
    assert!(error.contains("not set up yet"), "{error}");
    let empty = tempfile::tempdir().unwrap();
    let error = complains(empty.path(), &["user", "list"]).await;
    assert!(error.contains("no server is running"), "{error}");
    assert!(error.contains("callbox serve --data"), "{error}");
}
