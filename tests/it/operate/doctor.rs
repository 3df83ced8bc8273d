//! `callbox doctor`, against servers that run, have stopped or are in trouble.

use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::accounts::Owned;
use crate::server::{Server, callbox};

struct Said {
    code: i32,
    text: String,
}

async fn says(mut command: Command) -> Said {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    Said { code: output.status.code().unwrap(), text }
}

fn doctor(data: &Path, flags: &[&str]) -> Command {
    let mut command = callbox();
    command.arg("doctor").args(flags).arg("--data").arg(data);
    command
}

/// What it says as JSON, with the exit code.
async fn report(data: &Path, flags: &[&str]) -> (i32, Value) {
    let said = says(doctor(data, &[&["--json"], flags].concat())).await;
    (said.code, serde_json::from_str(&said.text).unwrap())
}

/// What it says of one thing.
fn of(report: &Value, check: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["check"] == check)
        .map(|found| (text(&found["verdict"]), text(&found["says"]) + " " + &text(&found["cure"])))
        .collect()
}

#[track_caller]
fn has(report: &Value, check: &str, verdict: &str, words: &str) {
    let found = of(report, check);
    assert!(found.iter().any(|(v, text)| v == verdict && text.contains(words)), "{found:?}");
}

#[tokio::test]
async fn of_a_server_that_is_well_everything_is_fine() {
    let owned = Owned::on(Server::with(&["--turns-listen", "127.0.0.1:0"])).await;
    let data = owned.server.data();
    let (code, report) = report(&data, &[]).await;
    assert_eq!(code, 0, "{report:#}");
    assert_eq!((&report["running"], &report["counts"]["fail"]), (&json!(true), &json!(0)));
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    let pid = owned.server.ready["pid"].to_string();
    has(&report, "server", "ok", &pid);
    has(&report, "names", "ok", "this computer alone");
    has(&report, "certificate", "ok", "made by this server");
    has(&report, "database", "ok", "It answers");
    has(&report, "disk", "ok", data.to_str().unwrap());
    has(&report, "limits", "ok", "open");
    // The pages', and two of the relay's.
    assert_eq!(of(&report, "ports").len(), 3, "{report:#}");
    let relay = of(&report, "relay");
    assert!(relay.iter().all(|(verdict, _)| verdict == "ok"), "{relay:?}");
    for way in ["UDP", "TCP", "TLS"] {
        assert!(
            relay.iter().any(|(_, text)| text.contains(&format!("Over {way} at"))),
            "{relay:?}"
        );
    }
    let on_pages = format!("TLS at {}", owned.server.address);
    has(&report, "relay", "ok", &on_pages);

    let said = says(doctor(&data, &[])).await;
    assert_eq!(said.code, 0);
    assert!(
        said.text.lines().any(|line| line.starts_with("relay        ok    Over UDP")),
        "{}",
        said.text
    );
}

#[tokio::test]
async fn before_the_setup_it_says_so() {
    let server = Server::start();
    let (code, report) = report(&server.data(), &[]).await;
    assert_eq!(code, 0);
    has(&report, "server", "warn", "setup link");
}

#[tokio::test]
async fn a_port_that_is_held_is_told_with_its_holder() {
    let data = tempfile::tempdir().unwrap();
    // Where no other test takes a port that is free here.
    let tcp = TcpListener::bind("127.85.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.85.0.1:0").unwrap();
    let free = TcpListener::bind("127.85.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (pages, relay) = (tcp.local_addr().unwrap(), udp.local_addr().unwrap());
    let (pages, relay) = (pages.to_string(), relay.to_string());
    let flags = ["--listen", &pages, "--http-listen", &free, "--turn-listen", &relay];
    let (code, report) = report(data.path(), &flags).await;
    assert_eq!((code, &report["verdict"]), (1, &json!("fail")), "{report:#}");
    assert_eq!(report["running"], json!(false));
    let us = format!("process {}", std::process::id());
    has(&report, "ports", "fail", &format!("TCP {pages}, for the pages, is held by"));
    has(&report, "ports", "fail", &format!("UDP {relay}, for calls, is held by"));
    assert!(of(&report, "ports").iter().filter(|(_, text)| text.contains(&us)).count() >= 2);
    has(&report, "ports", "ok", &free);
    has(&report, "ports", "fail", "--turn-listen");
    drop((tcp, udp));
    let (code, report) = self::report(data.path(), &flags).await;
    assert_eq!((code, report["counts"]["fail"].as_u64()), (0, Some(0)), "{report:#}");
}

#[tokio::test]
async fn an_expired_certificate_and_a_wrong_name_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let write = |until: (i32, u8, u8)| {
        let mut parameters = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        parameters.not_after = rcgen::date_time_ymd(until.0, until.1, until.2);
        let key = rcgen::KeyPair::generate().unwrap();
        let made = parameters.self_signed(&key).unwrap();
        callbox::private_file::write(path("cert.pem").as_ref(), made.pem().as_bytes()).unwrap();
        callbox::private_file::write(path("key.pem").as_ref(), key.serialize_pem().as_bytes())
            .unwrap();
    };
    write((2020, 1, 1));
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    let flags = ["--tls-cert", &cert, "--tls-key", &key, "--domain", "localhost"];
    let server = Server::with(&flags);
    let (code, running) = report(&server.data(), &[]).await;
    assert_eq!(code, 1);
    has(&running, "certificate", "fail", "localhost: the certificate expired");
    has(&running, "names", "ok", "localhost leads to");
    drop(server);

    // The same of files that a server would begin with.
    let data = tempfile::tempdir().unwrap();
    let flags = [&flags[..], &["--listen", "127.0.0.1:0", "--turn-listen", "127.0.0.1:0"]].concat();
    let (code, stopped) = report(data.path(), &flags).await;
    assert_eq!(code, 1);
    has(&stopped, "certificate", "fail", "expired");
    write((2099, 1, 1));
    let flags = [&flags[..4], &["--domain", "other.invalid"], &flags[6..]].concat();
    let (_, stopped) = report(data.path(), &flags).await;
    has(&stopped, "certificate", "fail", "is for localhost only");
    has(&stopped, "names", "fail", "other.invalid cannot be looked up");
    fs::write(path("cert.pem"), "nothing").unwrap();
    let (_, stopped) = report(data.path(), &flags).await;
    has(&stopped, "certificate", "fail", "no certificate in it");
}

#[tokio::test]
async fn a_stopped_server_is_looked_at_as_it_lies_there() {
    let Owned { server, .. } = Owned::start().await;
    server.terminate();
    let (_, directory) = server.ended().await;
    let data = directory.path().join("data");
    let flags = ["--listen", "127.0.0.1:0", "--turn-listen", "127.0.0.1:0"];
    let (code, stopped) = report(&data, &flags).await;
    assert_eq!((code, &stopped["running"]), (0, &json!(false)), "{stopped:#}");
    has(&stopped, "server", "warn", "callbox serve");
    has(&stopped, "relay", "warn", "no server is running");
    has(&stopped, "database", "ok", "are whole");
    has(&stopped, "certificate", "ok", "its own authority");

    let database = data.join("callbox.db");
    for log in ["callbox.db-wal", "callbox.db-shm"] {
        let _ = fs::remove_file(data.join(log));
    }
    let length = fs::metadata(&database).unwrap().len();
    fs::write(&database, vec![0x5a; length as usize]).unwrap();
    let (code, damaged) = report(&data, &flags).await;
    assert_eq!(code, 1);
    has(&damaged, "database", "fail", "callbox restore");
    let nothing = tempfile::tempdir().unwrap();
    let (_, fresh) = report(&nothing.path().join("none"), &flags).await;
    has(&fresh, "database", "ok", "none yet");
    has(&fresh, "disk", "warn", "not there yet");
}

#[tokio::test]
async fn a_server_that_hangs_is_told() {
    let server = Server::start();
    let pid = Pid::from_raw(i32::try_from(server.ready["pid"].as_u64().unwrap()).unwrap()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    let (code, report) = report(&server.data(), &[]).await;
    kill_process(pid, Signal::CONT).unwrap();
    assert_eq!(code, 1);
    has(&report, "server", "fail", "does not answer");
}

#[tokio::test]
async fn another_callbox_says_how_it_sees_us() {
    let server = Server::start();
    let stun = server.ready["turn"]["udp"][0].as_str().unwrap().to_owned();
    let (code, seen) = report(&server.data(), &["--stun", &stun]).await;
    assert_eq!(code, 0, "{seen:#}");
    let found = of(&seen, "address");
    assert!(found[0].1.contains("127.0.0.1: the STUN server says so"), "{found:?}");
    let mute = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (_, unseen) =
        report(&server.data(), &["--stun", &mute.local_addr().unwrap().to_string()]).await;
    has(&unseen, "address", "warn", "nothing came back");
}
