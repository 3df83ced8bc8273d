//! The client of aioice (Python) against our server, in an environment of its
//! own beside the build. Without Python, or where its packages cannot be had,
//! there is nothing to run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::TestRelay;

/// The version that was tried last.
const PACKAGE: &str = "aioice==0.13.0";

/// An interpreter that knows the package; made once.
fn python() -> Option<&'static PathBuf> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    PYTHON.get_or_init(make).as_ref()
}

fn make() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PACKAGE);
    let python = folder.join("bin/python");
    let works = |arguments: &[&str]| {
        let mut command = Command::new(&python);
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !works(&["-c", "import aioice"]) {
        let made = Command::new("python3").args(["-m", "venv"]).arg(&folder).status();
        let made = made.is_ok_and(|status| status.success());
        if !made || !works(&["-m", "pip", "install", "-q", PACKAGE]) {
            return None;
        }
    }
    Some(python)
}

async fn assert_it_works(relay: &TestRelay, (username, password): (String, String), mode: &str) {
    let Some(python) = tokio::task::spawn_blocking(python).await.expect("it does not panic") else {
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/relay/agents.py");
    let mut command = Command::new(python);
    command.args([script, &relay.udp().port().to_string(), &relay.tcp().port().to_string()]);
    command.args([&username, &password, mode]);
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    let output = output.expect("it does not panic").expect("it starts");
    let (said, wrong) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("all is well"), "{said}{wrong}");
}

#[tokio::test]
async fn aioice_reaches_peers_through_an_open_relay() {
    let relay = TestRelay::open();
    assert_it_works(&relay, ("anna".to_owned(), "password".to_owned()), "open").await;
}

#[tokio::test]
async fn aioice_connects_within_a_call_of_a_closed_relay() {
    let relay = TestRelay::start();
    assert_it_works(&relay, relay.credentials(1, 1), "closed").await;
}
