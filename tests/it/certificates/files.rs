//! A certificate that somebody else looks after.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;

use super::wire::{believer, connect, leaf, report_when, talk};
use crate::server::{Server, callbox};

/// Puts a new certificate in place of the old one, and returns it.
fn renew(folder: &Path, mode: u32) -> String {
    let made = rcgen::generate_simple_self_signed(["chat.example.org".to_owned()]).unwrap();
    for (name, text) in
        [("cert.pem", made.cert.pem()), ("key.pem", made.signing_key.serialize_pem())]
    {
        let fresh = folder.join("fresh");
        fs::write(&fresh, text).unwrap();
        fs::set_permissions(&fresh, fs::Permissions::from_mode(mode)).unwrap();
        fs::rename(&fresh, folder.join(name)).unwrap();
    }
    made.cert.pem()
}

fn flags(folder: &Path) -> Vec<String> {
    let path = |name: &str| folder.join(name).display().to_string();
    ["--tls-cert".into(), path("cert.pem"), "--tls-key".into(), path("key.pem")].to_vec()
}

#[tokio::test]
async fn renewed_files_are_used_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = renew(folder.path(), 0o600);
    let flags = flags(folder.path());
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let server = Server::with(&[&flags[..], &["--domain", "chat.example.org"]].concat());
    let open = connect(&server, &believer(&first), "chat.example.org").await.unwrap();
    let old = leaf(&open);
    let mut talk = talk(open, &server.owner().await).await;
    let second = renew(folder.path(), 0o600);
    let client = believer(&second);
    let renewed = loop {
        if let Ok(stream) = connect(&server, &client, "chat.example.org").await {
            break stream;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_ne!(leaf(&renewed), old);
    assert_eq!(talk.ask(json!({"type": "ping"})).await["type"], "done");

    // What makes no sense is not used.
    fs::write(folder.path().join("key.pem"), "no key").unwrap();
    let name = folder.path().join("cert.pem").display().to_string();
    let report = report_when(&server, &name, |report| !report["trouble"].is_null()).await;
    assert!(report["trouble"].as_str().unwrap().contains("key.pem"), "{report}");
    assert!(connect(&server, &client, "chat.example.org").await.is_ok());
}

#[test]
fn h19_it_does_not_start_with_a_key_that_others_can_read() {
    let folder = tempfile::tempdir().unwrap();
    renew(folder.path(), 0o644);
    let said = callbox()
        .args(["serve", "--listen", "127.0.0.1:0", "--turn-listen", "127.0.0.1:0", "--data"])
        .arg(folder.path().join("data"))
        .args(flags(folder.path()))
        .output()
        .unwrap();
    assert!(!said.status.success());
    let said = String::from_utf8_lossy(&said.stderr);
    assert!(said.contains("other users can read") && said.contains("key.pem"), "{said}");
}
