//! Talks to the running server over the socket in its data directory: one
//! HTTP/1.1 request per connection, JSON both ways.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::config;
use crate::config::Settings;

/// Where the running server keeps its data.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Place {
    /// The data directory of the running server [default: callbox-data, or /var/lib/callbox].
    #[arg(long, global = true, env = "CALLBOX_DATA", value_name = "DIR")]
    data: Option<PathBuf>,

    /// The file with the server's settings.
    #[arg(long, global = true, env = "CALLBOX_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

/// The way to a running server.
#[derive(Debug)]
pub(super) struct Server {
    data: PathBuf,
    /// How long one answer may take.
    patience: Duration,
}

impl Place {
    /// Finds the server's directory.
    pub(super) fn server(self) -> anyhow::Result<Server> {
        let Self { data, config } = self;
        let given = Settings { data, config, ..Settings::default() };
        let data = config::load(given.clone())?.data;
        Ok(Server::of(&given, data))
    }
}

impl Server {
    /// The one whose data these settings put there, as `callbox serve` does; where they say nothing and
    /// there is none, the one that the packages install.
    pub(super) fn of(given: &Settings, data: PathBuf) -> Self {
        let silent = given.data.is_none() && given.config.is_none();
        let installed = Path::new(INSTALLED);
        // It may be a link that only root can follow.
        if silent && !data.exists() && installed.symlink_metadata().is_ok() {
            return Self { data: installed.to_owned(), patience: PATIENCE };
        }
        Self { data, patience: PATIENCE }
    }

    /// The same for somebody who wants to know soon that it does not answer.
    pub(super) fn impatient(self) -> Self {
        Self { patience: IMPATIENCE, ..self }
    }

    /// Asks, and reads the answer.
    pub(super) fn ask<T: DeserializeOwned>(&self, method: &str, path: &str) -> anyhow::Result<T> {
        self.read(method, path, &[])
    }

    /// Sends a body, and reads the answer.
    pub(super) fn send<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        self.read(method, path, &serde_json::to_vec(body)?)
    }

    /// Has something done that is answered with nothing.
    pub(super) fn tell(&self, method: &str, path: &str) -> anyhow::Result<()> {
        self.exchange(method, path, &[]).map(drop)
    }

    fn read<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
    ) -> anyhow::Result<T> {
        let answer = self.exchange(method, path, body)?;
        serde_json::from_slice(&answer)
            .context("the running server answered with something else: is it of another version?")
    }

    /// Hands on what the answer consists of, as it comes and for as long as it takes.
    pub(super) fn download(
        &self,
        path: &str,
        mut take: impl FnMut(&[u8]) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let socket = self.data.join(SOCKET);
        let mut stream = self.connect(&socket)?;
        let tried = || format!("no answer from {}", socket.display());
        // Copying a large database comes before the first byte.
        stream.set_read_timeout(None)?;
        stream.write_all(&request("GET", path, &[])).with_context(tried)?;
        let (mut part, mut head) = (vec![0; PART], Vec::new());
        loop {
            let length = stream.read(&mut part).with_context(tried)?;
            head.extend_from_slice(&part[..length]);
            match parse(&head) {
                Some((200, body)) => {
                    take(body)?;
                    break;
                }
                None if length > 0 && head.len() < PART => {}
                // A refusal is short, and ends with its connection.
                Some(_) if length > 0 && head.len() < PART => {}
                Some((status, body)) => bail!(refusal(status, body)),
                None => bail!("{} does not speak HTTP", socket.display()),
            }
        }
        loop {
            match stream.read(&mut part).with_context(tried)? {
                0 => return Ok(()),
                length => take(&part[..length])?,
            }
        }
    }

    /// Its data directory.
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// Whether there is a server with this data, and whoever asks may not.
    pub(super) fn is_closed_to_us(&self) -> bool {
        let tried = UnixStream::connect(self.data.join(SOCKET));
        tried.is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
    }

    /// Whether a server is running with this data.
    pub(super) fn is_running(&self) -> bool {
        UnixStream::connect(self.data.join(SOCKET)).is_ok()
    }

    fn connect(&self, socket: &Path) -> anyhow::Result<UnixStream> {
        connect(&self.data, socket, self.patience)
    }

    fn exchange(&self, method: &str, path: &str, body: &[u8]) -> anyhow::Result<Vec<u8>> {
        let socket = self.data.join(SOCKET);
        let mut stream = self.connect(&socket)?;
        let request = request(method, path, body);
        let mut answer = Vec::new();
        let sent = stream.write_all(&request);
        // A server that refuses need not read all, so what it says comes before what broke.
        let read = stream.read_to_end(&mut answer);
        let Some((status, body)) = parse(&answer) else {
            let tried = || format!("no answer from {}", socket.display());
            sent.with_context(tried)?;
            read.with_context(tried)?;
            bail!("{} does not speak HTTP", socket.display());
        };
        if !(200..300).contains(&status) {
            bail!(refusal(status, body));
        }
        Ok(body.to_vec())
    }
}

fn request(method: &str, path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "{method} /admin/v1{path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn connect(data: &Path, socket: &Path, patience: Duration) -> anyhow::Result<UnixStream> {
    let stream = UnixStream::connect(socket).map_err(|error| {
        let data = data.display();
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => anyhow!(
                "no server is running with the data in {data}.\n\
                 Start it with `callbox serve --data {data}`, or name the directory of the \
                 running one with --data DIR."
            ),
            io::ErrorKind::PermissionDenied => anyhow!(
                "only the user that runs the server may use {}.\n\
                 Run this as that user or as root, for instance with `sudo`.",
                socket.display()
            ),
            _ => anyhow!(error).context(format!("cannot connect to {}", socket.display())),
        }
    })?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    Ok(stream)
}

/// Status and body of an answer that ends with its connection.
fn parse(answer: &[u8]) -> Option<(u16, &[u8])> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let status = head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    Some((status, &answer[end + 4..]))
}

/// What a refusal means to whoever typed the command.
fn refusal(status: u16, body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = &body["error"];
    match error["code"].as_str() {
        Some("setup_required") => "the server is not set up yet: open the setup link that it \
             showed when it started, and make the owner's account."
            .to_owned(),
        Some("name_taken") => "somebody else has that name.".to_owned(),
        Some("forbidden") => {
            "the server refused: the owner's role and standing cannot be changed.".to_owned()
        }
        Some("not_found") => "the server does not have that (any more).".to_owned(),
        Some("unavailable") => {
            "the server cannot do it now: its log says why (`journalctl -u callbox`).".to_owned()
        }
        Some(code) => {
            format!("the server refused: {code}, {}", error["detail"].as_str().unwrap_or_default())
        }
        None => format!("the server refused with status {status}"),
    }
}

/// The state directory of the service in `packaging/systemd`.
const INSTALLED: &str = "/var/lib/callbox";

/// In the data directory.
const SOCKET: &str = "admin.sock";

const PART: usize = 256 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);
const IMPATIENCE: Duration = Duration::from_secs(4);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart() {
        let answer = b"HTTP/1.1 404 Not Found\r\na: b\r\n\r\n{}";
        assert_eq!(parse(answer), Some((404, b"{}".as_slice())));
        for other in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 x\r\n\r\n", "SSH-2.0\r\n\r\n"] {
            assert_eq!(parse(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn without_a_server_the_way_out_is_named() {
        let data = tempfile::tempdir().unwrap();
        let server = Server { data: data.path().to_owned(), patience: PATIENCE };
        let error = server.tell("GET", "/accounts").unwrap_err().to_string();
        assert!(error.contains("no server is running"), "{error}");
        assert!(error.contains("callbox serve --data"), "{error}");
    }
}
