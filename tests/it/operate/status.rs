//! `callbox status` and `callbox config`.

use std::path::Path;

use serde_json::{Value, json};

use crate::accounts::Owned;
use crate::hub::Client;
use crate::server::{Server, callbox};

async fn says(data: &Path, words: &[&str]) -> String {
    let mut command = callbox();
    command.args(words).arg("--data").arg(data);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn it_says_how_it_is() {
    let mut owned = Owned::start().await;
    owned.member("Anna", "a password").await;
    let data = owned.server.data();
    let mut client = Client::on(owned.server.websocket(&owned.owner).await);
    client.greet(json!(null), json!([])).await;

    let status: Value = serde_json::from_str(&says(&data, &["status", "--json"]).await).unwrap();
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(status["people"], json!({"members": 2, "guests": 0, "online": 1}));
    assert_eq!((&status["connections"], &status["draining"]), (&json!(1), &json!(false)));
    assert_eq!(status["calls"], json!({"ringing": 0, "active": 0}));
    assert_eq!(status["listen"], owned.server.ready["listen"]);
    assert_eq!(status["relay"]["udp"], owned.server.ready["turn"]["udp"]);
    assert_eq!(
        (&status["relay"]["mode"], &status["relay"]["allocations"]),
        (&json!("closed"), &json!(0))
    );
    assert!(status["storage"]["database"].as_u64().unwrap() > 10_000);
    assert!(status["storage"]["free"].as_u64().unwrap() > 0);
    assert!(status["storage"]["entries"].as_u64().unwrap() >= 2, "{status}");
    assert!(status["now"].as_u64() >= status["started"].as_u64());

    let text = says(&data, &["status"]).await;
    for part in ["2 and 0 guests, 1 online", "0 running, 0 ringing", "closed, 0 allocations"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!text.contains("Anna"), "names are for `callbox user list`");
}

#[tokio::test]
async fn before_the_setup_there_is_a_status_too() {
    let server = Server::start();
    let text = says(&server.data(), &["status"]).await;
    assert!(text.contains("not set up yet"), "{text}");
}

#[tokio::test]
async fn the_settings_in_force_are_shown_without_secrets() {
    let secret = "a-secret-of-the-metrics";
    let flags = ["--ring-seconds", "7", "--metrics-token", secret, "--turn-user", "ann:password"];
    let server = Server::with(&flags);
    let text = says(&server.data(), &["config"]).await;
    let line = |name: &str| {
        let find = |line: &&str| line[1..].split_whitespace().next() == Some(name);
        text.lines().find(find).unwrap_or_else(|| panic!("{name} in {text}")).to_owned()
    };
    assert!(line("ring_seconds").starts_with(' ') && line("ring_seconds").ends_with(" 7"));
    assert!(line("file_quota").starts_with('#') && line("file_quota").ends_with("5 GiB"));
    assert!(line("data").ends_with(server.data().to_str().unwrap()));
    assert!(line("metrics_token").ends_with("(hidden)") && line("turn_user").ends_with("(hidden)"));
    assert!(!text.contains(secret) && !text.contains("password"), "{text}");

    let elsewhere = tempfile::tempdir().unwrap();
    let text = says(elsewhere.path(), &["config", "--metrics-token", secret]).await;
    assert!(text.starts_with("# no server is running") && text.contains("(hidden)"), "{text}");
    assert!(!text.contains(secret));
}
