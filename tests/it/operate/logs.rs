//! The log: for machines when nobody looks, and never waited for.

use std::fs::{self, OpenOptions};
use std::net::SocketAddr;
use std::process::Command;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::{Server, callbox_by};

#[tokio::test]
async fn lines_that_go_to_no_terminal_are_json() {
    let server = Server::with(&["--log", "debug"]);
    server.browser().get("/healthz").await;
    // Its end waits until every line is written.
    server.terminate();
    let (_, directory) = server.ended().await;
    let log = fs::read_to_string(directory.path().join("log")).unwrap();
    assert!(log.lines().count() >= 1, "{log}");
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        for key in ["time", "level", "target", "message"] {
            assert!(line[key].is_string(), "{line}");
        }
    }
    let text = Server::with(&["--log-format", "text", "--log", "debug"]);
    text.terminate();
    let (_, directory) = text.ended().await;
    let log = fs::read_to_string(directory.path().join("log")).unwrap();
    assert!(!log.is_empty() && log.lines().all(|line| !line.starts_with('{')), "{log}");
}

/// The reader of the log has stopped reading: lines are lost and counted, requests are not.
#[tokio::test]
async fn a_stalled_reader_of_the_log_stalls_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // Open at both ends, and never read.
    let _reader = OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
    let script = format!("exec \"$0\" \"$@\" 2>{}", pipe.display());
    let server = Server::run(callbox_by(&script), directory, &["--log", "trace"]);
    // Each of them is a line: more than may wait.
    let clients = [(); 8].map(|()| tokio::spawn(knock(server.address, 2_500)));
    for client in clients {
        client.await.unwrap();
    }
    let mut browser = server.browser();
    assert_eq!(browser.get("/healthz").await.status, 200);
    let metrics = String::from_utf8(browser.get("/metrics").await.body).unwrap();
    let dropped = metrics
        .lines()
        .find_map(|line| line.strip_prefix("callbox_log_lines_dropped_total "))
        .expect("a metric");
    assert!(dropped.parse::<f64>().unwrap() > 0.0, "{dropped}");
    server.terminate();
}

/// Connections that begin as TLS and are none.
async fn knock(address: SocketAddr, times: usize) {
    for _ in 0..times {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"\x16 no TLS, whatever comes").await.unwrap();
        let mut answer = Vec::new();
        // An alert, or a reset: it has been looked at.
        let _ = stream.read_to_end(&mut answer).await;
    }
}
