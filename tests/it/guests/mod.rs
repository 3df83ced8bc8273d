//! Guests over real sockets: a room of Olga, who owns the server, and Anna, and those who come by
//! a link that Anna made.

mod admission;
mod bounds;
mod endings;
mod keeping;

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::accounts::Owned;
use crate::browser::{Answer, Browser, blob};
use crate::browser_keys::{id, posted, vault};
use crate::e2ee_client::crypto::sha256;
use crate::e2ee_client::keys::LinkKeys;
use crate::e2ee_client::{Chance, Person, Posted, Talk, b64};
use crate::hub::Client;

/// A server with a room of two.
pub struct House {
    pub owned: Owned,
    pub anna: Browser,
    /// The room as one who can do everything sees it.
    pub talk: Talk,
}

#[derive(Clone, Copy, PartialEq)]
pub enum By {
    Olga,
    Anna,
}

pub const DAY: u64 = 86_400_000;

impl House {
    pub async fn start() -> Self {
        let mut owned = Owned::start().await;
        let anna = owned.member("Anna", "a password").await;
        let mut talk =
            Talk::new(Chance::random().bytes(), "room", "all", "Küche", Chance::random());
        let people = [&owned.owner, &anna].map(keys);
        let created = {
            let (olga, anna) = (people[0].lock().unwrap(), people[1].lock().unwrap());
            talk.create(&[(&olga, "manager"), (&anna, "member")])
        };
        let path = format!("/api/v1/conversations/{}/control", b64(talk.id));
        owned.owner.post(&path, posted(&created)).await.ok();
        Self { owned, anna, talk }
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/api/v1/conversations/{}{rest}", b64(self.talk.id))
    }

    pub fn browser(&mut self, by: By) -> &mut Browser {
        match by {
            By::Olga => &mut self.owned.owner,
            By::Anna => &mut self.anna,
        }
    }

    /// Sends a change of the room to a route; it counts when the server takes it.
    pub async fn change(
        &mut self,
        by: By,
        (method, path): (&str, String),
        change: impl FnOnce(&mut Talk, &Person) -> Posted,
    ) -> Answer {
        let mut talk = self.talk.clone();
        let body = posted(&change(&mut talk, &keys(self.browser(by)).lock().unwrap()));
        let answer = self.browser(by).with_json(method, &path, body).await;
        if answer.status == 200 {
            self.talk = talk;
        }
        answer
    }

    pub async fn control(
        &mut self,
        by: By,
        change: impl FnOnce(&mut Talk, &Person) -> Posted,
    ) -> Answer {
        let path = self.path("/control");
        self.change(by, ("POST", path), change).await
    }

    /// A link of the room, made by Anna.
    pub async fn link(&mut self, lobby: bool, uses: u32, valid_for: u64) -> LinkKeys {
        let (link, answer) = self.try_link(By::Anna, lobby, uses, valid_for).await;
        answer.ok();
        link
    }

    pub async fn try_link(
        &mut self,
        by: By,
        lobby: bool,
        uses: u32,
        valid_for: u64,
    ) -> (LinkKeys, Answer) {
        let mut chance = Chance::random();
        let link = LinkKeys::derive(chance.bytes(), &chance.bytes());
        let mut talk = self.talk.clone();
        let expires = Some(callbox::http::now().0 + valid_for);
        let event = {
            let by = keys(self.browser(by));
            let by = by.lock().unwrap();
            talk.add_link(&by, &link, "guest", expires, lobby)
        };
        let body = json!({
            "id": b64(link.id), "link": { "auth_hash": b64(sha256(&[&link.auth])) },
            "control": posted(&event), "uses": uses,
        });
        let path = self.path("/links");
        let answer = self.browser(by).post(&path, body).await;
        if answer.status == 200 {
            self.talk = talk;
        }
        (link, answer)
    }

    pub async fn end(&mut self, by: By, link: &LinkKeys) -> Answer {
        let (path, id) = (self.path(&format!("/links/{}", b64(link.id))), link.id);
        self.change(by, ("DELETE", path), |talk, by| talk.revoke_link(by, id)).await
    }

    /// Lets in who knocks.
    pub async fn admit(&mut self, by: By, guest: &Browser, link: &LinkKeys) -> Answer {
        let guest = keys(guest);
        self.control(by, |talk, by| talk.admit(by, &guest.lock().unwrap(), link.id, "guest")).await
    }

    /// A guest who comes by a link, in at once or waiting.
    pub async fn guest(&mut self, link: &LinkKeys, name: &str, lobby: bool) -> Browser {
        let mut browser = self.owned.browser();
        self.come(&mut browser, link, name, lobby, link).await.ok();
        browser
    }

    /// The same, who signs with a link's keys that may be others.
    pub async fn come(
        &mut self,
        browser: &mut Browser,
        link: &LinkKeys,
        name: &str,
        lobby: bool,
        signer: &LinkKeys,
    ) -> Answer {
        let start = json!({ "link": b64(link.id), "auth": blob(&link.auth), "name": name });
        let answer = browser.post("/api/v1/guests/start", start).await;
        if answer.status != 200 {
            return answer;
        }
        let started = answer.json();
        let (account, device) = (id(&started["account"]), id(&started["device"]));
        let person = Person::with_ids(account, device, Chance::random());
        let mut talk = self.talk.clone();
        let (join, knock) = if lobby {
            (Value::Null, json!(b64(talk.knock(&person, signer))))
        } else {
            (posted(&talk.join(&person, signer, "guest")), Value::Null)
        };
        let finish = json!({
            "guest": started["guest"], "record": person.record(), "device_name": "Test",
            "join": join, "knock": knock,
        });
        let answer = browser.post("/api/v1/guests/finish", finish).await;
        if answer.status == 200 {
            browser.account = Some(account);
            browser.device = Some(started["device"].clone());
            vault().people.insert(account, Arc::new(Mutex::new(person)));
            if !lobby {
                self.talk = talk;
            }
        }
        answer
    }

    /// A connection of this browser after its hello, and what it was welcomed with.
    pub async fn connect(&self, browser: &Browser) -> (Client, Value) {
        let mut client = Client::on(self.owned.server.websocket(browser).await);
        let welcome = client.greet(json!(null), json!([])).await;
        (client, welcome)
    }

    /// Sends a message of somebody in the room.
    pub async fn say(&mut self, client: &mut Client, by: &Browser, text: &str) -> Value {
        let keys = keys(by);
        let plain = crate::store::text(text);
        let mut talk = self.talk.clone();
        let envelope = talk.say(&keys.lock().unwrap(), &plain);
        let reply = client.ask(json!({"type": "send", "envelope": b64(envelope)})).await;
        if reply["type"] == "sent" {
            self.talk = talk;
        }
        reply
    }
}

pub fn keys(browser: &Browser) -> Arc<Mutex<Person>> {
    vault().person(&browser.account.expect("somebody with keys"))
}

/// The id of a browser's account, as it travels.
pub fn account(browser: &Browser) -> String {
    b64(browser.account.expect("somebody with keys"))
}

/// What `links/open` takes.
pub fn opening(link: &LinkKeys) -> Value {
    json!({ "link": b64(link.id), "auth": blob(&link.auth) })
}

/// The names in a welcome.
pub fn names(welcome: &Value) -> Vec<String> {
    let accounts = welcome["accounts"].as_array().unwrap().iter();
    let mut names: Vec<_> = accounts.map(|a| a["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}
