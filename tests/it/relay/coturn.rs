//! The test client of Debian's coturn against our server: it makes pairs of
//! allocations and sends from one to the other. Without it installed there
//! is nothing to run.

use std::io;
use std::process::{Command, Output};

use super::TestRelay;

async fn assert_nothing_lost(flags: &'static [&'static str]) {
    let relay = TestRelay::start();
    let port = if flags.contains(&"-t") { relay.tcp().port() } else { relay.udp().port() };
    // The client asks for an even port now and then, which we refuse as RFC
    // 8656 lets us, and then gives up; until it has not asked.
    for _ in 0..60 {
        let credentials = relay.credentials(1, 1);
        let run = move || uclient(flags, port, &credentials);
        let output = tokio::task::spawn_blocking(run).await.expect("it does not panic");
        let output = match output {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            output => output.expect("it starts"),
        };
        let text = String::from_utf8_lossy(&output.stdout);
        if output.status.success() {
            assert!(text.contains("tot_send_msgs=100, tot_recv_msgs=100\n"), "{text}");
            return;
        }
        assert!(text.contains("error 420"), "{text}");
    }
    panic!("the client always asks for an even port");
}

fn uclient(
    flags: &[&str],
    port: u16,
    (username, password): &(String, String),
) -> io::Result<Output> {
    Command::new("turnutils_uclient")
        .args(["-y", "-s", "-c", "-m", "2", "-n", "50", "-l", "300", "-z", "1"])
        .args(flags)
        .args(["-u", username, "-w", password, "-p", &port.to_string(), "127.0.0.1"])
        .output()
}

// By Send indications only: the client takes its channel numbers at random
// from the wider range of RFC 5766, most of which RFC 8656 has taken back.

#[tokio::test]
async fn coturns_client_loses_nothing_over_udp() {
    assert_nothing_lost(&[]).await;
}

#[tokio::test]
async fn coturns_client_loses_nothing_over_tcp() {
    assert_nothing_lost(&["-t"]).await;
}
