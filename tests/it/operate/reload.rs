//! SIGHUP: other settings without a restart.

use std::fs;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use super::manager::Manager;
use crate::accounts::setup_ticket;
use crate::any_certificate::connector;
use crate::browser::Browser;
use crate::hub::Client;
use crate::server::{Server, callbox, status};

const BEFORE: &str = "
allowed_hosts = 'first.lan'
metrics_token = 'the-first-of-the-tokens'
file_quota = '1 MiB'
log = 'info'
";

const AFTER: &str = "
allowed_hosts = ['first.lan', 'second.lan']
metrics_token = 'the-second-of-the-tokens'
file_quota = '2 MiB'
log = 'debug'
turn_realm = 'elsewhere'
";

async fn asked(server: &Server, host: &str) -> u16 {
    let request = format!("GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    status(&server.exchange_tls(request).await)
}

/// Names in the certificate stand there as text.
async fn certified(server: &Server, name: &str) -> bool {
    let stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let stream = connector(&["http/1.1"]).connect("localhost".try_into().unwrap(), stream);
    let stream = stream.await.unwrap();
    let certificate = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
    certificate.windows(name.len()).any(|window| window == name.as_bytes())
}

/// Waits until the log says this: its lines are written by a thread of their own.
async fn logged(server: &Server, text: &str) {
    let written = async {
        while !server.log().contains(text) {
            tokio::task::yield_now().await;
        }
    };
    let written = tokio::time::timeout(Duration::from_secs(20), written).await;
    assert!(written.is_ok(), "{text} is not in {}", server.log());
}

/// From this computer metrics are open, unless something in between says whom it asks for.
async fn metrics(server: &Server, token: &str) -> bool {
    let mut browser = server.browser();
    let headers = [
        ("authorization".to_owned(), format!("Bearer {token}")),
        ("x-forwarded-for".to_owned(), "192.0.2.1".to_owned()),
    ];
    let answer = browser.send("GET", "/metrics", &headers, b"").await;
    answer.body.windows(8).any(|window| window == b"callbox_")
}

async fn quota(browser: &mut Browser) -> u64 {
    browser.get("/api/v1/files").await.ok()["quota"].as_u64().unwrap()
}

fn config(server: &Server) -> String {
    let output = callbox().args(["config", "--data"]).arg(server.data()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_and_certificates_are_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("callbox.toml");
    fs::write(&file, BEFORE).unwrap();
    let (manager, server) = Manager::start(&[], &["--config", file.to_str().unwrap()]);
    manager.hears("READY=1").await;
    let mut olga = server.browser();
    olga.register(setup_ticket(&server), "Olga", "correct horse").await.ok();
    let mut client = Client::on(server.websocket(&olga).await);
    client.greet(Value::Null, serde_json::json!([])).await;
    assert_eq!(asked(&server, "first.lan").await, 200);
    assert_eq!(asked(&server, "second.lan").await, 421);
    assert!(metrics(&server, "the-first-of-the-tokens").await);
    assert!(!certified(&server, "second.lan").await);
    assert_eq!(quota(&mut olga).await, 1 << 20);

    fs::write(&file, AFTER).unwrap();
    server.signal(Signal::HUP);
    let heard = manager.hears("READY=1").await;
    assert!(heard[0].starts_with("RELOADING=1\nMONOTONIC_USEC="), "{heard:?}");
    assert_eq!(asked(&server, "second.lan").await, 200);
    assert!(metrics(&server, "the-second-of-the-tokens").await);
    assert!(!metrics(&server, "the-first-of-the-tokens").await);
    assert!(certified(&server, "second.lan").await);
    assert_eq!(quota(&mut olga).await, 2 << 20);
    // The filter of the log is another one.
    logged(&server, "DEBUG").await;
    // Who was there stays, and what could not change is named.
    assert_eq!(client.ask(serde_json::json!({"type": "ping"})).await["type"], "done");
    logged(&server, "these take effect after a restart").await;
    let shown = config(&server);
    let realm = shown.lines().find(|line| line.contains("turn_realm")).unwrap();
    assert!(realm.contains("callbox") && realm.contains("after a restart"), "{realm}");

    // A mistake in the file changes nothing.
    for (mistake, why) in
        [("ring_seconds = 'x'", "not a settings file"), ("log = 'callbox=loud'", "setting log")]
    {
        fs::write(&file, mistake).unwrap();
        server.signal(Signal::HUP);
        manager.hears("READY=1").await;
        logged(&server, why).await;
        logged(&server, "the settings stay as they were").await;
        assert_eq!(asked(&server, "second.lan").await, 200);
    }
    let mut status: Command = callbox();
    status.args(["status", "--json", "--data"]).arg(server.data());
    let status: Value = serde_json::from_slice(&status.output().unwrap().stdout).unwrap();
    assert_eq!(status["after_restart"], serde_json::json!(["turn_realm"]));
}
