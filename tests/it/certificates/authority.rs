//! A real ACME server (pebble) for one test, on a loopback address of its own,
//! with a name server that leads every name back here, and a gate before it at
//! which the test can refuse, keep waiting, and count.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;

use crate::addresses::{free_addresses, own_address};
use crate::any_certificate::connector;
use crate::server::{Server, exchange};

/// The path of new orders.
pub const ORDER: &str = "/order-plz";

/// An account elsewhere, and its key.
pub const BINDING: [&str; 2] =
    ["kid-1", "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"];

/// The running ACME server.
pub struct Authority {
    pebble: Child,
    folder: TempDir,
    gate: Arc<Gate>,
    socket: Option<TcpSocket>,
    address: SocketAddr,
    management: SocketAddr,
    /// Where it looks for names: `--listen` and `--http-listen`.
    pub https: SocketAddr,
    pub http: SocketAddr,
    tasks: Vec<AbortHandle>,
}

/// What the gate does with requests.
struct Gate {
    tls: TlsAcceptor,
    pebble: SocketAddr,
    faults: Mutex<Vec<Fault>>,
    paths: Mutex<Vec<String>>,
}

/// What happens to the next request for a path that begins so, and once.
#[derive(Clone, Copy)]
pub enum Fault {
    Hang(&'static str),
    Problem(&'static str, u16, &'static str),
}

impl Authority {
    /// Starts it; certificates live this many seconds.
    pub async fn start(seconds: u32) -> Self {
        let mut authority = Self::closed(seconds).await;
        authority.open();
        authority
    }

    /// The same, but connections are refused for now.
    pub async fn closed(seconds: u32) -> Self {
        Self::with(seconds, false).await
    }

    /// One that makes accounts only for [`BINDING`].
    #[cfg(feature = "instant-acme")]
    pub async fn bound() -> Self {
        let mut authority = Self::with(3600, true).await;
        authority.open();
        authority
    }

    async fn with(seconds: u32, bound: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ip = own_address();
        let [listen, management, https, http] = free_addresses(ip);
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(folder.path().join("cert.pem"), made.cert.pem()).unwrap();
        fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let config = json!({ "pebble": {
            "listenAddress": listen.to_string(),
            "managementListenAddress": management.to_string(),
            "certificate": folder.path().join("cert.pem"),
            "privateKey": folder.path().join("key.pem"),
            "httpPort": http.port(),
            "tlsPort": https.port(),
            "ocspResponderURL": "",
            "externalAccountBindingRequired": bound,
            "externalAccountMACKeys": { BINDING[0]: BINDING[1] },
            "certificateValidityPeriod": seconds,
        }});
        fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
        let names = UdpSocket::bind((ip, 0)).await.unwrap();
        let name_server = names.local_addr().unwrap().to_string();
        let mut pebble = Command::new("pebble")
            .arg("-config")
            .arg(folder.path().join("config.json"))
            .args(["-dnsserver", &name_server])
            .env("PEBBLE_VA_NOSLEEP", "1")
            .env("PEBBLE_WFE_NONCEREJECT", "0")
            .env("PEBBLE_AUTHZREUSE", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("pebble is installed (scripts/tools)");
        let mut said = BufReader::new(pebble.stdout.take().unwrap());
        std::thread::spawn(move || {
            // It must not wait for a reader.
            let mut line = String::new();
            while said.read_line(&mut line).is_ok_and(|n| n > 0) {
                line.clear();
            }
        });
        for address in [listen, management] {
            while TcpStream::connect(address).await.is_err() {
                assert!(pebble.try_wait().unwrap().is_none(), "pebble runs");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], PrivateKeyDer::from(key))
            .unwrap();
        let gate = Gate {
            tls: Arc::new(tls).into(),
            pebble: listen,
            faults: Mutex::default(),
            paths: Mutex::default(),
        };
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap();
        let tasks = vec![tokio::spawn(answer_names(names, ip)).abort_handle()];
        let gate = Arc::new(gate);
        let socket = Some(socket);
        Self { pebble, folder, gate, socket, address, management, https, http, tasks }
    }

    /// Accepts connections from now on.
    pub fn open(&mut self) {
        let listener = self.socket.take().unwrap().listen(64).unwrap();
        let serve = Arc::clone(&self.gate).serve(listener);
        self.tasks.push(tokio::spawn(serve).abort_handle());
    }

    /// Is gone, except for the file with its root.
    pub fn close(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        let _ = self.pebble.kill();
        let _ = self.pebble.wait();
    }

    /// Lets requests fail, each fault once.
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.gate.faults.lock().unwrap().extend(faults);
    }

    /// How many requests there were for paths that begin so.
    pub fn count(&self, path: &str) -> usize {
        self.gate.paths.lock().unwrap().iter().filter(|asked| asked.starts_with(path)).count()
    }

    /// The root that its certificates go back to.
    pub async fn root(&self) -> String {
        let stream = TcpStream::connect(self.management).await.unwrap();
        let tls = connector(&[]);
        let stream = tls.connect("localhost".try_into().unwrap(), stream).await.unwrap();
        let request = "GET /roots/0 HTTP/1.0\r\nhost: localhost\r\n\r\n";
        let answer = exchange(stream, request).await;
        answer[answer.find("-----BEGIN").unwrap()..].to_owned()
    }

    /// The settings for a server with certificates from here.
    pub fn flags(&self, domains: &str) -> Vec<String> {
        let directory = format!("https://localhost:{}/dir", self.address.port());
        let ca = self.folder.path().join("cert.pem").display().to_string();
        let (https, http) = (self.https.to_string(), self.http.to_string());
        [
            ["--domain", domains],
            ["--acme-directory", &directory],
            ["--acme-ca", &ca],
            ["--acme-contact", "anna@example.org"],
            ["--listen", &https],
            ["--http-listen", &http],
        ]
        .into_iter()
        .flatten()
        .map(str::to_owned)
        .collect()
    }

    /// A server with certificates from here for these names.
    pub fn server(&self, domains: &str, more: &[&str]) -> Server {
        let flags = self.flags(domains);
        let flags: Vec<_> = flags.iter().map(String::as_str).chain(more.iter().copied()).collect();
        Server::with(&flags)
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.close();
    }
}

impl Gate {
    async fn serve(self: Arc<Self>, listener: TcpListener) {
        loop {
            let Ok((stream, _)) = listener.accept().await else { return };
            let gate = Arc::clone(&self);
            tokio::spawn(async move {
                // A client that gave up is no fault.
                let _ = gate.pass(stream).await;
            });
        }
    }

    async fn pass(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut client = self.tls.accept(stream).await?;
        let (head, body) = read_request(&mut client).await?;
        let path = head.split(' ').nth(1).unwrap().to_owned();
        self.paths.lock().unwrap().push(path.clone());
        match self.fault(&path) {
            Some(Fault::Hang(_)) => std::future::pending().await,
            Some(Fault::Problem(_, status, kind)) => {
                let body = json!({
                    "type": format!("urn:ietf:params:acme:error:{kind}"),
                    "detail": format!("a test says {kind}"),
                    "status": status,
                });
                let body = body.to_string();
                let answer = format!(
                    "HTTP/1.1 {status} Fault\r\ncontent-type: application/problem+json\r\n\
                     retry-after: 1\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                client.write_all(answer.as_bytes()).await?;
            }
            None => {
                let stream = TcpStream::connect(self.pebble).await?;
                let name = "localhost".try_into().unwrap();
                let mut pebble = connector(&[]).connect(name, stream).await?;
                let other = |line: &&str| !line.to_ascii_lowercase().starts_with("connection:");
                let lines: Vec<_> = head.trim_end().split("\r\n").filter(other).collect();
                let head = format!("{}\r\nConnection: close\r\n\r\n", lines.join("\r\n"));
                pebble.write_all(head.as_bytes()).await?;
                pebble.write_all(&body).await?;
                let mut answer = Vec::new();
                pebble.read_to_end(&mut answer).await?;
                client.write_all(&answer).await?;
            }
        }
        client.shutdown().await
    }

    fn fault(&self, path: &str) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap();
        let meant = |fault: &Fault| {
            let (Fault::Hang(meant) | Fault::Problem(meant, ..)) = fault;
            path.starts_with(meant)
        };
        let found = faults.iter().position(meant)?;
        Some(faults.remove(found))
    }
}

async fn read_request<S: AsyncRead + Unpin>(stream: &mut S) -> std::io::Result<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    Ok((head, body))
}

/// Answers for every name with this address, except for names that begin with
/// `broken`: theirs is one where nobody listens.
async fn answer_names(socket: UdpSocket, ip: Ipv4Addr) {
    let mut packet = [0; 512];
    loop {
        let Ok((n, client)) = socket.recv_from(&mut packet).await else { return };
        if let Some(answer) = answer_name(&packet[..n], ip) {
            let _ = socket.send_to(&answer, client).await;
        }
    }
}

/// RFC 1035 section 4.
fn answer_name(query: &[u8], ip: Ipv4Addr) -> Option<Vec<u8>> {
    let name_end = 12 + query.get(12..)?.iter().position(|byte| *byte == 0)? + 1;
    let question = query.get(12..name_end + 4)?;
    let is_address = query[name_end..name_end + 2] == [0, 1];
    let broken = question.get(1..7) == Some(b"broken");
    let [a, b, c, _] = ip.octets();
    let ip = if broken { Ipv4Addr::new(a, b, c, 255) } else { ip };
    let mut answer = query[..2].to_vec();
    answer.extend([0x81, 0x80, 0, 1, 0, u8::from(is_address), 0, 0, 0, 0]);
    answer.extend(question);
    if is_address {
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4]);
        answer.extend(ip.octets());
    }
    Some(answer)
}
