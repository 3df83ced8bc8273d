//! The real program, started for a test: any free ports, a directory of its
//! own, stopped when the test lets go of it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::any_certificate::connector;
use super::browser::Browser;

/// A running server.
pub struct Server {
    child: Child,
    pub directory: TempDir,
    /// What the ready file says.
    pub ready: Value,
    /// Where it accepts HTTP and TLS.
    pub address: SocketAddr,
}

impl Server {
    /// With default settings, on loopback.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// With these flags as well.
    pub fn with(flags: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self::on(directory, flags)
    }

    /// In this directory, which may hold the data of an earlier run.
    pub fn on(directory: TempDir, flags: &[&str]) -> Self {
        Self::run(callbox(), directory, flags)
    }

    /// Started by this command, which passes on its arguments.
    pub fn run(mut command: Command, directory: TempDir, flags: &[&str]) -> Self {
        let (data, ready) = (directory.path().join("data"), directory.path().join("ready.json"));
        let log = File::options().append(true).create(true).open(directory.path().join("log"));
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--turn-listen", "127.0.0.1:0"])
            .args(["--logins-per-minute", "1000", "--data"])
            .arg(&data)
            .arg("--ready-file")
            .arg(&ready)
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(log.unwrap())
            .spawn()
            .unwrap();
        // The greeting comes once it serves; the end of output, when it failed.
        let mut greeting = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut greeting).unwrap();
        let said = || fs::read_to_string(directory.path().join("log")).unwrap();
        assert!(greeting.contains("is running"), "{greeting}{}", said());
        let ready: Value = serde_json::from_slice(&fs::read(ready).unwrap()).unwrap();
        let address = ready["listen"][0].as_str().unwrap().parse().unwrap();
        Self { child, directory, ready, address }
    }

    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.address)
    }

    /// The token in the setup link.
    pub fn setup_token(&self) -> String {
        let url = self.ready["setup_url"].as_str().unwrap();
        url.split_once('#').unwrap().1.to_owned()
    }

    /// A browser in which the owner has set the server up.
    pub async fn owner(&self) -> Browser {
        let mut browser = self.browser();
        let ticket = json!({ "type": "setup", "token": self.setup_token() });
        browser.register(ticket, "Olga", "correct horse").await.ok();
        browser
    }

    /// Asks it to stop, as a service manager would.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap()
    }

    /// Waits until it has ended.
    pub async fn ended(mut self) -> (ExitStatus, TempDir) {
        let (status, directory) = tokio::task::spawn_blocking(move || {
            let status = self.child.wait().unwrap();
            let directory = std::mem::replace(&mut self.directory, tempfile::tempdir().unwrap());
            (status, directory)
        })
        .await
        .unwrap();
        (status, directory)
    }

    /// Sends these bytes over plain TCP and returns what comes back until it closes.
    pub async fn exchange(&self, bytes: impl AsRef<[u8]>) -> String {
        exchange(TcpStream::connect(self.address).await.unwrap(), bytes).await
    }

    /// The same inside TLS.
    pub async fn exchange_tls(&self, bytes: impl AsRef<[u8]>) -> String {
        exchange(self.tls(&["http/1.1"]).await.unwrap(), bytes).await
    }

    /// A TLS connection that offers these protocols.
    pub async fn tls(&self, alpn: &[&str]) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(self.address).await?;
        connector(alpn).connect("localhost".try_into().unwrap(), stream).await
    }

    /// A WebSocket in this browser's session.
    pub async fn websocket(&self, browser: &Browser) -> WebSocketStream<TcpStream> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let cookie = browser.session_cookie().unwrap();
        let more = format!("cookie: {cookie}\r\n");
        upgrade(stream, &upgrade_request(self.address.port(), &more)).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, without the settings of whoever runs the tests.
pub fn callbox() -> Command {
    without_settings(Command::new(env!("CARGO_BIN_EXE_callbox")))
}

/// The program, started by this script for bash, which ends with `exec "$0" "$@"`.
pub fn callbox_by(script: &str) -> Command {
    let mut command = without_settings(Command::new("bash"));
    command.args(["-c", script, env!("CARGO_BIN_EXE_callbox")]);
    command
}

fn without_settings(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CALLBOX_") {
            command.env_remove(name);
        }
    }
    command
}

/// A good upgrade from our own page, with more header lines.
pub fn upgrade_request(port: u16, more: &str) -> String {
    format!(
        "GET /ws HTTP/1.1\r\nhost: localhost:{port}\r\norigin: http://localhost:{port}\r\n\
         connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: {}\r\nsec-websocket-protocol: callbox.v1\r\n{more}\r\n",
        STANDARD.encode([7; 16])
    )
}

/// A WebSocket over this TLS connection to where the browser's pages are from.
pub async fn websocket_tls<S>(stream: S, browser: &Browser) -> WebSocketStream<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let more = format!("cookie: __Host-sid={}\r\n", browser.token().unwrap());
    let request = upgrade_request(browser.address.port(), &more);
    upgrade(stream, &request.replace("origin: http:", "origin: https:")).await
}

async fn upgrade<S>(mut stream: S, request: &str) -> WebSocketStream<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.write_all(request.as_bytes()).await.unwrap();
    let head = read_head(&mut stream).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    WebSocketStream::from_raw_socket(stream, Role::Client, None).await
}

/// A connection from this address of ours.
pub async fn connect(from: Option<IpAddr>, to: SocketAddr) -> std::io::Result<TcpStream> {
    let Some(from) = from else { return TcpStream::connect(to).await };
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    socket.connect(to).await
}

/// What a server says until it closes.
pub async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    bytes: impl AsRef<[u8]>,
) -> String {
    // A server that refuses early need not read everything, and may reset the connection.
    let _ = stream.write_all(bytes.as_ref()).await;
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the server closes");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of an answer.
#[track_caller]
pub fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.unwrap_or_else(|| panic!("no answer: {answer:?}"))
}

/// Reads up to the empty line and no further.
pub async fn read_head<S: AsyncRead + Unpin>(stream: &mut S) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = timeout(PATIENCE, stream.read_u8()).await.expect("the server answers");
        head.push(byte.expect("the head is whole"));
    }
    String::from_utf8(head).unwrap()
}

/// Longer than any deadline of the server's.
const PATIENCE: Duration = Duration::from_secs(40);
