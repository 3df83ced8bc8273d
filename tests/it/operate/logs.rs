//! The log: for machines when nobody looks, and never waited for.

use std::fs::OpenOptions;
use std::process::Command;

use serde_json::Value;

use crate::server::{Server, callbox_by};

#[tokio::test]
async fn lines_that_go_to_no_terminal_are_json() {
    let server = Server::with(&["--log", "debug"]);
    server.browser().get("/healthz").await;
    let log = server.log();
    assert!(log.lines().count() >= 1, "{log}");
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        for key in ["time", "level", "target", "message"] {
            assert!(line[key].is_string(), "{line}");
        }
    }
    let text = Server::with(&["--log-format", "text"]);
    assert!(!text.log().starts_with('{'));
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
    let mut browser = server.browser();
    for request in 0.. {
        assert!(request < 5_000, "so many requests write more lines than may wait");
        assert_eq!(browser.get("/healthz").await.status, 200);
        if request % 50 > 0 {
            continue;
        }
        let metrics = String::from_utf8(browser.get("/metrics").await.body).unwrap();
        let dropped = metrics
            .lines()
            .find_map(|line| line.strip_prefix("callbox_log_lines_dropped_total "))
            .expect("a metric");
        if dropped.parse::<f64>().unwrap() > 0.0 {
            break;
        }
    }
    server.terminate();
}
