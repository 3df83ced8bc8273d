//! The story of accounts: set up, invite, join, sign in, devices, passwords,
//! roles, the end.

use serde_json::{Value, json};

use super::browser::Browser;
use super::server::Server;

/// A server with its owner, Olga, signed in.
pub struct Owned {
    pub server: Server,
    pub owner: Browser,
}

impl Owned {
    pub async fn start() -> Self {
        Self::on(Server::start()).await
    }

    /// Sets this server up.
    pub async fn on(server: Server) -> Self {
        let mut owner = Browser::new(server.address);
        owner.register(setup_ticket(&server), "Olga", "owner's password").await.ok();
        Self { server, owner }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.server.address)
    }

    /// An invite, as the API answers it.
    pub async fn invite(&mut self, uses: u32) -> Value {
        self.owner.invite(3_600_000, uses.into()).await.ok()
    }

    /// A new member, signed in.
    pub async fn member(&mut self, name: &str, password: &str) -> Browser {
        let invite = self.invite(1).await;
        let mut browser = self.browser();
        browser.join(&invite, name, password).await.ok();
        browser
    }

    /// The server's database, beside the server.
    pub fn database(&self) -> rusqlite::Connection {
        let file = self.server.data().join("callbox.db");
        let database = rusqlite::Connection::open(file).unwrap();
        database.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
        database
    }

    /// Makes all proofs of passwords older than the five minutes they hold.
    pub fn let_proofs_grow_old(&self) {
        self.database().execute("UPDATE sessions SET proved = proved - 300000", ()).unwrap();
    }
}

pub fn setup_ticket(server: &Server) -> Value {
    let token = std::fs::read_to_string(server.data().join("setup-token")).unwrap();
    json!({ "type": "setup", "token": token.trim() })
}

pub async fn account_id(browser: &mut Browser) -> String {
    browser.get("/api/v1/session").await.ok()["account"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn from_setup_to_a_disabled_account() {
    let server = Server::start();
    let mut olga = Browser::new(server.address);
    let status = olga.get("/api/v1/status").await.ok();
    assert_eq!(status["setup_required"], true);
    olga.get("/api/v1/session").await.refused(503, "setup_required");

    let session = olga.register(setup_ticket(&server), "Olga", "owner's password").await.ok();
    assert_eq!(
        (&session["account"]["role"], &session["account"]["name"]),
        (&json!("owner"), &json!("Olga"))
    );
    assert_eq!(olga.get("/api/v1/session").await.ok(), session);
    assert_eq!(olga.get("/api/v1/status").await.ok()["setup_required"], false);

    let invite = olga.invite(86_400_000, 2).await.ok();
    let mut anna = Browser::new(server.address);
    let mut open = super::browser::ticket(&invite);
    open.as_object_mut().unwrap().remove("type");
    let opened = anna.post("/api/v1/invites/open", open).await.ok();
    assert_eq!(opened["by"], "Olga");
    assert_eq!(opened["control"].as_array().unwrap().len(), 2, "its creation and the link");
    assert_eq!(opened["records"][0]["account"], session["account"]["id"]);
    assert_eq!(opened["grants"].as_array().unwrap().len(), 1);
    anna.join(&invite, "olga", "something").await.refused(409, "name_taken");
    let session = anna.join(&invite, "Anna", "anna's password").await.ok();
    assert_eq!(session["account"]["role"], "member");
    let first_device = session["device"].clone();
    let listed = olga.get("/api/v1/invites").await.ok();
    assert_eq!(listed["invites"][0]["uses"], 1);

    // Another browser is another device; the same browser stays the same one.
    let mut phone = Browser::new(server.address);
    phone.log_in("anna", "wrong").await.refused(401, "unauthorized");
    let phone_session = phone.log_in("ANNA", "anna's password").await.ok();
    assert_ne!(phone_session["device"], first_device);
    anna.post("/api/v1/logout", json!({})).await.ok();
    anna.get("/api/v1/session").await.refused(401, "unauthorized");
    assert_eq!(anna.log_in("Anna", "anna's password").await.ok()["device"], first_device);

    let devices = anna.get("/api/v1/devices").await.ok();
    let current: Vec<_> =
        devices["devices"].as_array().unwrap().iter().map(|d| d["current"] == true).collect();
    assert_eq!(current.iter().filter(|c| **c).count(), 1);
    assert_eq!(current.len(), 2);
    let path = format!("/api/v1/devices/{}", phone_session["device"].as_str().unwrap());
    anna.delete(&path).await.ok();
    phone.get("/api/v1/session").await.refused(401, "unauthorized");

    phone.log_in("Anna", "anna's password").await.ok();
    let finish = json!({ "bundle_version": 1, "sign_out_others": true });
    let body = |request| json!({ "request": request });
    anna.registration("/api/v1/password", body, finish, "anna's new password").await.ok();
    phone.get("/api/v1/session").await.refused(401, "unauthorized");
    anna.get("/api/v1/session").await.ok();
    phone.log_in("Anna", "anna's password").await.refused(401, "unauthorized");
    phone.log_in("Anna", "anna's new password").await.ok();

    let id = account_id(&mut anna).await;
    let path = format!("/api/v1/admin/accounts/{id}");
    let account = olga.patch(&path, json!({ "disabled": true })).await.ok();
    assert_eq!(account["disabled"], true);
    for browser in [&mut anna, &mut phone] {
        browser.get("/api/v1/session").await.refused(401, "unauthorized");
    }
    anna.log_in("Anna", "anna's new password").await.refused(403, "forbidden");
    olga.patch(&path, json!({ "disabled": false })).await.ok();
    anna.log_in("Anna", "anna's new password").await.ok();
}

#[tokio::test]
async fn settings_and_names_follow_the_account() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", "anna's password").await;
    let changed =
        anna.patch("/api/v1/account", json!({ "settings": { "relay_calls": true } })).await.ok();
    assert_eq!(changed["settings"]["relay_calls"], true);
    let changed = anna.patch("/api/v1/account", json!({ "name": "Hanna" })).await.ok();
    assert_eq!(changed["account"]["name"], "Hanna");
    anna.patch("/api/v1/account", json!({ "name": "OLGA" })).await.refused(409, "name_taken");
    assert_eq!(anna.get("/api/v1/session").await.ok(), changed);

    // The name is no part of the password's record.
    let mut other = owned.browser();
    other.log_in("Anna", "anna's password").await.refused(401, "unauthorized");
    assert_eq!(
        other.log_in("hanna", "anna's password").await.ok()["settings"]["relay_calls"],
        true
    );
}

#[tokio::test]
async fn what_matters_needs_the_password_again() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", "anna's password").await;
    let mut phone = owned.browser();
    let device = phone.log_in("Anna", "anna's password").await.ok()["device"].clone();
    let anna_id = account_id(&mut anna).await;
    owned.let_proofs_grow_old();

    let other_device = format!("/api/v1/devices/{}", device.as_str().unwrap());
    anna.delete(&other_device).await.refused(403, "reauth_required");
    anna.post("/api/v1/devices/sign-out-others", json!({})).await.refused(403, "reauth_required");
    anna.post("/api/v1/password/start", json!({ "request": "" }))
        .await
        .refused(403, "reauth_required");
    let admin = format!("/api/v1/admin/accounts/{anna_id}");
    owned.owner.patch(&admin, json!({ "role": "admin" })).await.refused(403, "reauth_required");

    anna.confirm("Olga", "owner's password").await.refused(401, "unauthorized");
    anna.confirm("Anna", "wrong").await.refused(401, "unauthorized");
    anna.delete(&other_device).await.refused(403, "reauth_required");
    anna.confirm("Anna", "anna's password").await.ok();
    anna.delete(&other_device).await.ok();
    phone.get("/api/v1/session").await.refused(401, "unauthorized");

    // One's own device needs no proof.
    owned.let_proofs_grow_old();
    let own = anna.get("/api/v1/session").await.ok()["device"].as_str().unwrap().to_owned();
    anna.delete(&format!("/api/v1/devices/{own}")).await.ok();
    anna.get("/api/v1/session").await.refused(401, "unauthorized");
}

#[tokio::test]
async fn a_shared_computer_forgets() {
    let mut owned = Owned::start().await;
    let mut anna = owned.member("Anna", "anna's password").await;
    let first = anna.get("/api/v1/session").await.ok()["device"].clone();
    let answer = anna.post("/api/v1/logout", json!({})).await;
    assert_eq!(answer.header("clear-site-data"), None);
    assert_eq!(anna.log_in("Anna", "anna's password").await.ok()["device"], first);
    let answer = anna.post("/api/v1/logout", json!({ "forget": true })).await;
    assert_eq!(answer.header("clear-site-data"), Some("\"cache\", \"storage\""));
    assert!(anna.cookies.is_empty(), "{:?}", anna.cookies);
    assert_ne!(anna.log_in("Anna", "anna's password").await.ok()["device"], first);
}
