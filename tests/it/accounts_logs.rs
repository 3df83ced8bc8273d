//! What a server's log holds: rows H86 and H87.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::browser::{Browser, blob, ticket};
use super::opaque_client::Login;
use super::server::Server;

const PASSWORD: &str = "correct horse battery";

/// A server as a process of its own, which logs all it can.
struct Logging {
    process: std::process::Child,
    browser: Browser,
    setup_token: String,
    _data: tempfile::TempDir,
}

impl Logging {
    fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_callbox"))
            .env_clear()
            .args(["serve", "--listen", "127.0.0.1:0", "--turn-listen", "127.0.0.1:0"])
            .args(["--log", "trace", "--log-format", "json", "--data"])
            .arg(data.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let link = lines.map_while(Result::ok).find(|line| line.contains("/setup#")).unwrap();
        let (url, token) = link.trim().split_once("/setup#").unwrap();
        let port = url.rsplit(':').next().unwrap().parse().unwrap();
        let browser = Browser::new(([127, 0, 0, 1], port).into());
        Self { process, browser, setup_token: token.to_owned(), _data: data }
    }

    /// Reads the log in the background, so that the server never waits for it.
    fn log(&mut self) -> std::thread::JoinHandle<String> {
        let mut errors = self.process.stderr.take().unwrap();
        std::thread::spawn(move || {
            let mut log = String::new();
            errors.read_to_string(&mut log).unwrap();
            log
        })
    }
}

impl Drop for Logging {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn h86_h87_the_log_holds_no_secret_and_no_line_of_others() {
    let mut server = Logging::start();
    let log = server.log();
    let mut olga = server.browser.clone();
    let setup = json!({ "type": "setup", "token": server.setup_token });
    let login = Login::start(PASSWORD);
    let mut secrets =
        vec![PASSWORD.to_owned(), server.setup_token.clone(), text(&blob(&login.request))];
    olga.register(setup, "Olga", PASSWORD).await.ok();
    let body = json!({ "name": "Olga", "request": blob(&login.request) });
    let started = olga.post("/api/v1/login/start", body).await.ok();
    secrets.extend([text(&started["response"]), text(&started["login"])]);
    let mut proof = olga.prove("Olga", PASSWORD).await.unwrap();
    secrets.push(text(&proof["finalization"]));
    proof["device_name"] = json!("Fake\r\n{\"level\":\"ERROR\"}\u{1b}[31m");
    proof["device"] = olga.device.clone().unwrap();
    olga.post("/api/v1/login/finish", proof).await.ok();

    let invite = olga.invite(3_600_000, 5).await.ok();
    secrets.extend([text(&invite["secret"]), text(&ticket(&invite)["auth"])]);
    // Keys are sealed, and yet nothing of them belongs into a log.
    let keys = olga.get("/api/v1/keys").await.ok();
    secrets.extend([text(&keys["bundle"]["ct"]), text(&keys["wraps"][0]["ct"])]);
    secrets.push(text(&keys["records"][0]["payload"]));
    let code = blob(&super::browser_keys::CODE);
    secrets.push(text(&code));
    let start = json!({ "name": "Olga", "auth": code, "request": blob(&login.request[..32]) });
    let recovery = server.browser.clone().post("/api/v1/recovery/start", start).await.ok();
    secrets.extend([text(&recovery["registration"]), text(&recovery["recovery"]["wrap"]["ct"])]);
    let mut anna = server.browser.clone();
    let forged = "An\r\nna\u{1b}[2J \u{7}{\"level\":\"ERROR\"}";
    let joined = anna.register(ticket(&invite), forged, PASSWORD).await.ok();
    let path = format!("/api/v1/admin/accounts/{}/reset", text(&joined["account"]["id"]));
    let reset = olga.post(&path, json!({})).await.ok();
    secrets.push(text(&reset["secret"]));
    let key = blob(&[0x5a; 32]);
    let asking = json!({ "request": key, "device_name": "Phone" });
    let asked = server.browser.clone().post("/api/v1/approvals", asking).await.ok();
    let sealed = json!({ "approval": { "enc": blob(&[0x5b; 32]), "ct": blob(&[0x5c; 48]) } });
    let path = format!("/api/v1/approvals/{}", text(&asked["id"]));
    olga.post(&format!("{path}/approve"), sealed.clone()).await.ok();
    let claim = json!({ "secret": asked["secret"], "wait": 0 });
    olga.clone().post(&format!("{path}/claim"), claim).await.ok();
    secrets.extend([text(&key), text(&asked["secret"]), text(&sealed["approval"]["ct"])]);
    anna.get("/api/v1/session?secret=in-the-query-string").await.ok();
    let agent = vec![("user-agent".to_owned(), "x".repeat(20_000))];
    anna.send("GET", "/api/v1/session", &agent, b"").await.ok();
    secrets.push("in-the-query-string".to_owned());
    secrets.extend(olga.cookies.into_values().chain(anna.cookies.into_values()));

    let pid = server.process.id().to_string();
    assert!(Command::new("kill").arg(&pid).status().unwrap().success());
    assert!(server.process.wait().unwrap().success());
    let log = log.join().unwrap();
    assert!(log.contains("an account was made"), "{log}");
    for secret in &secrets {
        assert!(secret.len() > 10, "{secret:?} is no secret");
        assert!(!log.contains(secret), "{secret}");
    }
    for line in log.lines() {
        let parsed: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line:?}"));
        assert_ne!(parsed["level"], "ERROR", "{line}");
        assert!(!line.contains(char::is_control) && line.len() < 4096, "{line:?}");
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn missing_keys_of_passwords_are_named_at_the_start() {
    let server = Server::start();
    server.owner().await;
    let log = |server: &Server| fs::read_to_string(server.directory.path().join("log")).unwrap();
    let restart = async |server: Server| {
        server.terminate();
        Server::on(server.ended().await.1, &[])
    };
    let server = restart(server).await;
    assert!(!log(&server).contains("nobody can sign in"), "{}", log(&server));
    fs::remove_file(server.data().join("keys/opaque")).unwrap();
    let server = restart(server).await;
    assert!(log(&server).contains("nobody can sign in"), "{}", log(&server));
    let mut olga = server.browser();
    olga.log_in("Olga", "correct horse").await.refused(401, "unauthorized");
}
