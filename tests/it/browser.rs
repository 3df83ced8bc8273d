//! A browser, as far as the HTTP API can tell: it keeps cookies, says where
//! its requests come from and plays the client's half of the password protocol.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::any_certificate::connector;
use super::browser_keys::{self, id, vault};
use super::opaque_client::{Login, Registration};
use super::server::connect;
use crate::e2ee_client::crypto::sha256;
use crate::e2ee_client::keys::LinkKeys;
use crate::e2ee_client::{Chance, Person, Posted, Talk, b64};

/// One browser profile, at a page of the server on `localhost`.
#[derive(Debug, Clone)]
pub struct Browser {
    pub address: SocketAddr,
    tls: bool,
    /// The address it has itself, if it matters.
    pub from: Option<IpAddr>,
    pub cookies: BTreeMap<String, String>,
    /// The account whose keys it has, and the device that they are of.
    pub account: Option<[u8; 16]>,
    pub device: Option<Value>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The code of an error, or nothing.
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|(key, value)| (key == name).then_some(value.as_str()))
    }

    /// The answer's body, which must be good.
    #[track_caller]
    pub fn ok(self) -> Value {
        let text = String::from_utf8_lossy(&self.body).into_owned();
        assert!((200..300).contains(&self.status), "{}: {text}", self.status);
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// The answer must be a refusal with this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        let text = String::from_utf8_lossy(&self.body).into_owned();
        assert_eq!((self.status, self.code().as_str()), (status, code), "{text}");
        self
    }
}

impl Browser {
    /// A fresh profile.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            tls: false,
            from: None,
            cookies: BTreeMap::new(),
            account: None,
            device: None,
        }
    }

    /// A fresh profile that goes over TLS and takes any certificate.
    pub fn over_tls(address: SocketAddr) -> Self {
        Self { tls: true, ..Self::new(address) }
    }

    /// What its pages say they come from.
    pub fn origin(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://localhost:{}", self.address.port())
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], b"").await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.with_json("POST", path, body).await
    }

    pub async fn patch(&mut self, path: &str, body: Value) -> Answer {
        self.with_json("PATCH", path, body).await
    }

    pub async fn delete(&mut self, path: &str) -> Answer {
        self.with_json("DELETE", path, json!({})).await
    }

    pub async fn with_json(&mut self, method: &str, path: &str, body: Value) -> Answer {
        let own = self.own_headers("application/json");
        self.send(method, path, &own, body.to_string().as_bytes()).await
    }

    /// The headers that a page of the server sends with a request that changes something.
    pub fn own_headers(&self, kind: &str) -> Vec<(String, String)> {
        vec![
            ("origin".into(), self.origin()),
            ("sec-fetch-site".into(), "same-origin".into()),
            ("x-callbox".into(), "1".into()),
            ("content-type".into(), kind.into()),
        ]
    }

    /// Sends exactly these headers, and the cookies; keeps the cookies that come back.
    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Answer {
        let port = self.address.port();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\
             content-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.cookies.is_empty() {
            head.push_str(&format!("cookie: {}\r\n", self.cookie_header()));
        }
        head.push_str("\r\n");
        let stream = connect(self.from, self.address).await.unwrap();
        let bytes = if self.tls {
            let stream =
                connector(&["http/1.1"]).connect("localhost".try_into().unwrap(), stream).await;
            exchange(stream.unwrap(), head.as_bytes(), body).await
        } else {
            exchange(stream, head.as_bytes(), body).await
        };
        let answer = parse(&bytes);
        self.keep_cookies(&answer);
        answer
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        if answer.header("clear-site-data").is_some() {
            (self.account, self.device) = (None, None);
        }
        for (_, line) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// All cookies, as a header's value.
    pub fn cookie_header(&self) -> String {
        let pairs: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        pairs.join("; ")
    }

    /// The session's cookie alone, as a header's value.
    pub fn session_cookie(&self) -> Option<String> {
        let name = if self.tls { "__Host-sid" } else { "callbox-sid" };
        self.token().map(|token| format!("{name}={token}"))
    }

    /// The session's token, as its cookie has it.
    pub fn token(&self) -> Option<&str> {
        let name = if self.tls { "__Host-sid" } else { "callbox-sid" };
        self.cookies.get(name).map(String::as_str)
    }

    /// Makes an account with a ticket.
    pub async fn register(&mut self, ticket: Value, name: &str, password: &str) -> Answer {
        let registration = Registration::start(password);
        let body =
            json!({ "ticket": ticket, "name": name, "request": blob(&registration.request) });
        let started = self.post("/api/v1/register/start", body).await;
        if started.status != 200 {
            return started;
        }
        let started = started.json();
        let (person, keys, everyone) = browser_keys::newcomer(&started, &ticket);
        let record = registration.finish(&bytes(&started["response"]), text(&started["server_id"]));
        let finish = json!({
            "registration": started["registration"], "record": blob(&record),
            "device_name": "Test", "keys": keys,
            "everyone": everyone.as_ref().map(|(event, _)| browser_keys::posted(event)),
        });
        let answer = self.post("/api/v1/register/finish", finish).await;
        if answer.status == 200 {
            (self.account, self.device) = (Some(person.account), Some(started["device"].clone()));
            vault().people.insert(person.account, Arc::new(Mutex::new(person)));
            let path = format!("/api/v1/conversations/{}/control", text(&started["everyone"]));
            if let Some((_, talk)) = everyone
                && self.get(&path).await.status == 200
            {
                vault().settle(talk);
            }
        }
        answer
    }

    /// Password, reset or recovery: any of the registrations that are not an account's first.
    pub async fn registration(
        &mut self,
        route: &str,
        start_body: impl FnOnce(Value) -> Value,
        mut finish_body: Value,
        password: &str,
    ) -> Answer {
        let registration = Registration::start(password);
        let body = start_body(blob(&registration.request));
        let started = self.post(&format!("{route}/start"), body).await;
        if started.status != 200 {
            return started;
        }
        let started = started.json();
        let record = registration.finish(&bytes(&started["response"]), text(&started["server_id"]));
        finish_body["registration"] = started["registration"].clone();
        finish_body["record"] = blob(&record);
        if route.ends_with("/password") {
            finish_body["wrap"] = browser_keys::wrap("password");
        } else {
            let (account, device) = (id(&started["account"]), id(&started["device"]));
            let person = vault().person(&account);
            let mut person = person.lock().unwrap();
            let at = 1_700_000_000_000;
            let keys = if started["recovery"].is_null() {
                person.reset_on(device, at);
                browser_keys::new_keys(person.record(), person.bundle_version)
            } else {
                person.add_device(device, at);
                let mut keys = browser_keys::new_keys(person.record(), person.bundle_version);
                keys["bundle"] = started["recovery"]["bundle"].clone();
                keys
            };
            finish_body["keys"] = keys;
            (self.account, self.device) = (Some(account), Some(started["device"].clone()));
        }
        self.post(&format!("{route}/finish"), finish_body).await
    }

    /// The request that makes an invite, the secret of its link, and what Everyone is after it.
    pub fn invite_body(&self, valid_for: u64, uses: u64) -> (Value, [u8; 32], Talk) {
        let mut chance = Chance::random();
        let (id, secret): ([u8; 16], [u8; 32]) = (chance.bytes(), chance.bytes());
        let link = LinkKeys::derive(id, &secret);
        let account = self.account.unwrap();
        let (mut talk, person) = {
            let vault = vault();
            (vault.everyone(&account), vault.person(&account))
        };
        let added = talk.add_link(&person.lock().unwrap(), &link, "member", None, false);
        let body = json!({
            "id": b64(id), "valid_for": valid_for, "uses": uses,
            "link": { "auth_hash": b64(sha256(&[&link.auth])) },
            "control": browser_keys::posted(&added),
        });
        (body, secret, talk)
    }

    /// Makes an invite: a link of Everyone that also allows to register. Its secret stands beside
    /// what the server answered, as in the link that its maker would pass on.
    pub async fn invite(&mut self, valid_for: u64, uses: u64) -> Answer {
        let (body, secret, talk) = self.invite_body(valid_for, uses);
        let id = id(&body["id"]);
        let mut answer = self.post("/api/v1/invites", body).await;
        if answer.status == 200 {
            let created = json!({ "invite": answer.json(), "secret": b64(secret) });
            answer.body = created.to_string().into_bytes();
            vault().links.insert(id, secret);
            vault().settle(talk);
        }
        answer
    }

    /// Posts a control event in Everyone.
    pub async fn change_everyone(
        &mut self,
        change: impl FnOnce(&mut Talk, &Person) -> Posted,
    ) -> Answer {
        let account = self.account.unwrap();
        let (mut talk, person) = {
            let vault = vault();
            (vault.everyone(&account), vault.person(&account))
        };
        let posted = change(&mut talk, &person.lock().unwrap());
        let path = format!("/api/v1/conversations/{}/control", b64(talk.id));
        let answer = self.post(&path, browser_keys::posted(&posted)).await;
        if answer.status == 200 {
            vault().settle(talk);
        }
        answer
    }

    /// Makes an account with an invite link as `POST /invites` answered it.
    pub async fn join(&mut self, created: &Value, name: &str, password: &str) -> Answer {
        self.register(ticket(created), name, password).await
    }

    /// Signs in, and lists a new device in the account's record.
    pub async fn log_in(&mut self, name: &str, password: &str) -> Answer {
        let answer = match self.prove(name, password).await {
            Ok(mut proof) => {
                proof["device_name"] = json!("Test");
                proof["device"] = self.device.clone().unwrap_or_default();
                self.post("/api/v1/login/finish", proof).await
            }
            Err(answer) => return answer,
        };
        if answer.status == 200 {
            let session = answer.json();
            if self.device.as_ref() != Some(&session["device"]) {
                self.list_device(&session).await;
            }
        }
        answer
    }

    async fn list_device(&mut self, session: &Value) {
        let account = id(&session["account"]["id"]);
        let person = vault().person(&account);
        let record = {
            let mut person = person.lock().unwrap();
            person.add_device(id(&session["device"]), 1_700_000_000_000).clone()
        };
        self.with_json("PUT", "/api/v1/keys", json!({ "record": record })).await.ok();
        (self.account, self.device) = (Some(account), Some(session["device"].clone()));
    }

    /// Confirms the password.
    pub async fn confirm(&mut self, name: &str, password: &str) -> Answer {
        match self.prove(name, password).await {
            Ok(proof) => self.post("/api/v1/reauth/finish", proof).await,
            Err(answer) => answer,
        }
    }

    /// The login's first half, and the proof for its second. With a wrong
    /// password this client does what a hostile one would: it sends rubbish.
    pub async fn prove(&mut self, name: &str, password: &str) -> Result<Value, Answer> {
        let login = Login::start(password);
        let body = json!({ "name": name, "request": blob(&login.request) });
        let started = self.post("/api/v1/login/start", body).await;
        if started.status != 200 {
            return Err(started);
        }
        let started = started.json();
        let proof = login.finish(&bytes(&started["response"]), text(&started["server_id"]));
        let proof = proof.unwrap_or_else(|| vec![7; 64]);
        Ok(json!({ "login": started["login"], "finalization": blob(&proof) }))
    }
}

/// The ticket of an invite that was just made. A secret that is none is tried as it is.
pub fn ticket(created: &Value) -> Value {
    let (link, secret) = (&created["invite"]["id"], &created["secret"]);
    let auth = match bytes(secret).try_into() {
        Ok(secret) => blob(&LinkKeys::derive(id(link), &secret).auth),
        Err(_) => secret.clone(),
    };
    json!({ "type": "invite", "invite": link, "auth": auth })
}

/// Bytes as they travel in JSON.
pub fn blob(bytes: &[u8]) -> Value {
    Value::from(URL_SAFE_NO_PAD.encode(bytes))
}

fn bytes(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text(value)).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

async fn exchange<S>(mut stream: S, head: &[u8], body: &[u8]) -> Vec<u8>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.write_all(head).await.unwrap();
    // A server that refuses early need not read the body, and may close hard.
    let _ = stream.write_all(body).await;
    let _ = stream.flush().await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    bytes
}

fn parse(bytes: &[u8]) -> Answer {
    let shown = || String::from_utf8_lossy(bytes).into_owned();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| {
        panic!("no whole answer: {:?}", shown());
    });
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    Answer { status, headers, body: bytes[end + 4..].to_vec() }
}
