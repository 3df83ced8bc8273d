//! What only the second engine can: certificates for addresses, and bound accounts.

use std::fs;
use std::net::Ipv4Addr;

use super::authority::{Authority, BINDING, Fault, ORDER};
use super::wire::{believer, connect, leaf, report_when};
use crate::any_certificate::connector;

const NAME: &str = "chat.example.org";

#[tokio::test]
async fn an_address_gets_a_certificate_which_those_see_who_name_nothing() {
    let authority = Authority::start(3600).await;
    let address = authority.https.ip().to_string();
    let server = authority.server(&format!("{NAME},{address}"), &[]);
    for name in [NAME, &address] {
        report_when(&server, name, |report| !report["until"].is_null()).await;
    }
    let client = believer(&authority.root().await);
    let named = leaf(&connect(&server, &client, NAME).await.unwrap());
    let unnamed = leaf(&connect(&server, &client, &address).await.unwrap());
    assert_ne!(named, unnamed);
    assert_eq!(authority.count(ORDER), 2);
    // Nobody is proving it any more.
    let [a, b, c, d] = address.parse::<Ipv4Addr>().unwrap().octets();
    let asked = format!("{d}.{c}.{b}.{a}.in-addr.arpa");
    assert!(connect(&server, &connector(&["acme-tls/1"]), &asked).await.is_err());
}

#[tokio::test]
async fn an_address_is_proved_by_plain_http_as_well() {
    let authority = Authority::start(3600).await;
    let address = authority.http.ip().to_string();
    let server = authority.server(&address, &["--acme-challenge", "http-01"]);
    report_when(&server, &address, |report| !report["until"].is_null()).await;
}

#[tokio::test]
async fn h18_the_second_engine_is_let_go_and_waits_as_well() {
    let authority = Authority::start(3600).await;
    authority.fail([Fault::Hang(ORDER), Fault::Problem(ORDER, 400, "badNonce")]);
    let address = authority.https.ip().to_string();
    let server = authority.server(&address, &["--acme-timeout", "8"]);
    let trouble = |report: &serde_json::Value| !report["trouble"].is_null();
    let report = report_when(&server, &address, trouble).await;
    assert_eq!(report["trouble"], "not done within 8 seconds");
    let report = report_when(&server, &address, |report| !report["until"].is_null()).await;
    assert!(!trouble(&report), "{report}");
    assert_eq!(authority.count(ORDER), 3);
}

#[tokio::test]
async fn an_account_is_bound_to_one_elsewhere() {
    let authority = Authority::bound().await;
    let server = authority.server(NAME, &[]);
    let report = report_when(&server, NAME, |report| !report["trouble"].is_null()).await;
    assert!(report["trouble"].as_str().unwrap().contains("xternal"), "{report}");
    drop(server);
    let [id, key] = BINDING;
    let flags = ["--acme-eab-kid", id, "--acme-eab-hmac-key", key];
    let server = authority.server(NAME, &flags);
    report_when(&server, NAME, |report| !report["until"].is_null()).await;
    let log = fs::read_to_string(server.directory.path().join("log")).unwrap();
    assert!(!log.contains(key));
}
