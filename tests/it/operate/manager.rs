//! A service manager, as far as the server can tell.

use std::path::{Path, PathBuf};
use std::time::Duration;

use callbox::boot::Notifier;
use tokio::net::UnixDatagram;
use tokio::time::timeout;

use crate::hub;
use crate::server::{Server, callbox};

/// The socket that services tell how they are.
pub(super) struct Manager {
    socket: UnixDatagram,
    pub(super) path: PathBuf,
}

impl Manager {
    pub(super) fn new(folder: &Path) -> Self {
        let path = folder.join("notify");
        Self { socket: UnixDatagram::bind(&path).unwrap(), path }
    }

    /// A server that tells this manager, in a folder of its own.
    pub(super) fn start(more: &[(&str, &str)], flags: &[&str]) -> (Self, Server) {
        let directory = tempfile::tempdir().unwrap();
        let manager = Self::new(directory.path());
        let mut command = callbox();
        command.env("NOTIFY_SOCKET", &manager.path).envs(more.iter().copied());
        let server = Server::run(command, directory, flags);
        (manager, server)
    }

    /// The next message that has this line, and what came before it.
    pub(super) async fn hears(&self, wanted: &str) -> Vec<String> {
        let mut heard = Vec::new();
        loop {
            let message = self.next(Duration::from_secs(40)).await.expect("a message");
            let found = message.lines().any(|line| line == wanted);
            heard.push(message);
            if found {
                return heard;
            }
        }
    }

    async fn next(&self, patience: Duration) -> Option<String> {
        let mut message = vec![0; 4096];
        let length = timeout(patience, self.socket.recv(&mut message)).await.ok()?.unwrap();
        message.truncate(length);
        Some(String::from_utf8(message).unwrap())
    }
}

#[tokio::test]
async fn the_manager_hears_of_ready_alive_and_stopping() {
    let (manager, server) = Manager::start(&[("WATCHDOG_USEC", "400000")], &[]);
    manager.hears("READY=1").await;
    for _ in 0..3 {
        assert_eq!(manager.hears("WATCHDOG=1").await.len(), 1, "nothing else in between");
    }
    server.terminate();
    manager.hears("STOPPING=1").await;
    assert!(server.ended().await.0.success());
    assert_eq!(manager.next(Duration::ZERO).await, None);
}

#[tokio::test]
async fn a_socket_without_a_file_is_told_too() {
    use std::os::linux::net::SocketAddrExt;
    let name = format!("callbox-test-{}", std::process::id());
    let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
    let socket = std::os::unix::net::UnixDatagram::bind_addr(&address).unwrap();
    Notifier::to(format!("@{name}").as_ref(), None).unwrap().ready();
    let mut message = [0; 64];
    let length = socket.recv(&mut message).unwrap();
    assert!(message[..length].starts_with(b"READY=1\n"));
}

#[tokio::test]
async fn the_watchdog_is_fed_only_while_the_hub_answers() {
    let folder = tempfile::tempdir().unwrap();
    let manager = Manager::new(folder.path());
    let period = Duration::from_millis(200);
    let notifier = Notifier::to(manager.path.as_os_str(), Some(period)).unwrap();
    let server = hub::Server::start().await;
    let hub = server.hub.clone();
    let watching = tokio::spawn(async move { notifier.watch(&hub).await });
    manager.hears("WATCHDOG=1").await;
    manager.hears("WATCHDOG=1").await;
    server.hub.stop().await;
    // One may have been under way.
    let _ = manager.next(Duration::ZERO).await;
    assert_eq!(manager.next(4 * period).await, None, "whoever does not answer is not alive");
    watching.abort();
}

#[tokio::test]
async fn other_processes_are_not_fed_for() {
    let (manager, server) =
        Manager::start(&[("WATCHDOG_USEC", "100000"), ("WATCHDOG_PID", "1")], &[]);
    manager.hears("READY=1").await;
    assert_eq!(manager.next(Duration::from_millis(400)).await, None);
    drop(server);
}
