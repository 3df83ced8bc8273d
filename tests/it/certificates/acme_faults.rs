//! Certificates by ACME when it goes wrong (h18): whatever the ACME server
//! does, this server serves, leaves it alone as long as is fit, says why, and
//! gets its certificate in the end.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::authority::{Authority, Fault, ORDER};
use super::wire::{believer, connect, report_when};
use crate::any_certificate::connector;

const NAME: &str = "chat.example.org";

fn in_trouble(report: &Value) -> bool {
    !report["trouble"].is_null()
}

fn is_there(report: &Value) -> bool {
    !report["until"].is_null()
}

/// Seconds until the next attempt.
fn wait(report: &Value) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    (report["next_try"].as_u64().unwrap() / 1000).saturating_sub(now)
}

#[tokio::test]
async fn h18_it_refuses_connections_for_a_while() {
    let mut authority = Authority::closed(3600).await;
    let server = authority.server(NAME, &[]);
    let report = report_when(&server, NAME, in_trouble).await;
    assert!(report["trouble"].as_str().unwrap().contains("onnection refused"), "{report}");
    assert!(connect(&server, &connector(&["http/1.1"]), NAME).await.is_ok());
    authority.open();
    report_when(&server, NAME, is_there).await;
    let client = believer(&authority.root().await);
    assert!(connect(&server, &client, NAME).await.is_ok());
}

#[tokio::test]
async fn h18_it_accepts_and_never_answers() {
    let authority = Authority::start(3600).await;
    authority.fail([Fault::Hang(ORDER)]);
    let server = authority.server(NAME, &["--acme-timeout", "8"]);
    let report = report_when(&server, NAME, in_trouble).await;
    assert_eq!(report["trouble"], "not done within 8 seconds");
    let report = report_when(&server, NAME, is_there).await;
    assert!(!in_trouble(&report), "{report}");
    assert_eq!(authority.count(ORDER), 2);
}

#[tokio::test]
async fn h18_it_asks_for_fewer_orders() {
    let authority = Authority::start(3600).await;
    authority.fail([Fault::Problem(ORDER, 429, "rateLimited")]);
    let server = authority.server(NAME, &[]);
    let report = report_when(&server, NAME, in_trouble).await;
    assert_eq!(report["trouble"], "a test says rateLimited");
    assert!((3590..=3600).contains(&wait(&report)), "{report}");
    assert_eq!(authority.count(ORDER), 1);
}

#[tokio::test]
async fn h18_it_takes_nonces_for_used_up() {
    let authority = Authority::start(3600).await;
    authority.fail([Fault::Problem(ORDER, 400, "badNonce"); 3]);
    let server = authority.server(NAME, &[]);
    let report = report_when(&server, NAME, |report| in_trouble(report) || is_there(report)).await;
    assert!(is_there(&report), "{report}");
    assert_eq!(authority.count(ORDER), 4);
}

#[tokio::test]
async fn h18_one_name_cannot_be_proved_and_another_can() {
    let authority = Authority::start(3600).await;
    let broken = "broken.example.org";
    let server = authority.server(&format!("{broken},{NAME}"), &[]);
    report_when(&server, NAME, is_there).await;
    let report = report_when(&server, broken, in_trouble).await;
    assert!(report["until"].is_null());
    // Such tries are counted, by name and hour.
    assert!((100..=120).contains(&wait(&report)), "{report}");
    assert_eq!(authority.count(ORDER), 2);
    let client = believer(&authority.root().await);
    assert!(connect(&server, &client, NAME).await.is_ok());
    // It is served all the same.
    assert!(connect(&server, &connector(&["http/1.1"]), broken).await.is_ok());
}
