//! A whole server in a directory of its own, on free ports of this computer.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::OnceLock;

use callbox::boot::Server;
use callbox::config::{Config, Settings};
use callbox::telemetry::{self, Telemetry};

/// A server that runs until it is dropped.
pub struct TestServer {
    pub address: SocketAddr,
    pub data: tempfile::TempDir,
    _server: Server,
}

impl TestServer {
    /// A server that nobody owns yet.
    pub async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let server = Server::start(&config(data.path()), telemetry()).await.unwrap();
        Self { address: server.ready.listen[0], data, _server: server }
    }
}

fn config(data: &Path) -> Config {
    let settings = Settings {
        listen: Some(vec!["127.0.0.1:0".parse().unwrap()]),
        turn_listen: Some(vec!["127.0.0.1:0".parse().unwrap()]),
        data: Some(data.to_owned()),
        ..Settings::default()
    };
    Config::load(settings, std::iter::empty()).unwrap()
}

/// One for all tests of this process; they are told apart by what they test, not by logs.
fn telemetry() -> &'static Telemetry {
    static TELEMETRY: OnceLock<Telemetry> = OnceLock::new();
    TELEMETRY.get_or_init(|| telemetry::start("off", None).unwrap())
}
