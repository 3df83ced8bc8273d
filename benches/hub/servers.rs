//! The two servers, and how one connects to each.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use callbox::pure::auth::token::Token;
use callbox::pure::wire::api::Ticket;
use callbox::pure::wire::{AccountId, Blob, DeviceId, Millis, Name, PROTOCOL, SessionId};
use callbox::store::{KeyChange, NewSession, Pending, Refusal, Store};
use ring::rand::{SecureRandom, SystemRandom};
use tempfile::TempDir;

use super::e2ee_client::enrol::{event, new_account};
use super::e2ee_client::{Chance, Pen, Person, Talk, b64};
use super::process::Process;
use super::{BODY_BYTES, CONNECTIONS, ROOM};

/// Connections of one account: it has a device for each.
const DEVICES: usize = 10;

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Callbox,
    SocketIo,
}

/// A running server.
pub(crate) struct Server {
    pub(crate) kind: Kind,
    pub(crate) port: u16,
    child: Child,
    /// The cookie of each connection.
    tokens: Vec<Token>,
    /// What each connection writes with.
    pub(crate) pens: Vec<Pen>,
    _folder: TempDir,
}

impl Server {
    pub(crate) fn process(&self) -> Process {
        Process(self.child.id())
    }

    /// The request that opens a connection.
    pub(crate) fn upgrade(&self, connection: usize) -> String {
        let port = self.port;
        let (path, more) = match self.kind {
            Kind::Callbox => (
                "/ws",
                format!(
                    "sec-websocket-protocol: callbox.v1\r\ncookie: __Host-sid={}\r\n",
                    self.tokens[connection].text()
                ),
            ),
            Kind::SocketIo => ("/socket.io/?EIO=4&transport=websocket", String::new()),
        };
        format!(
            "GET {path} HTTP/1.1\r\nhost: localhost:{port}\r\norigin: https://localhost:{port}\r\n\
             connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{more}\r\n"
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, and then the round has failed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Kind {
    /// What a client says first.
    pub(crate) fn hello(self, connection: usize) -> String {
        match self {
            Kind::Callbox => format!(
                r#"{{"command":{{"type":"hello","protocol":{PROTOCOL},"client":"bench","cursors":[]}}}}"#
            ),
            Kind::SocketIo => format!(r#"40{{"room":"{}"}}"#, connection / ROOM),
        }
    }

    /// Whether a frame says that the hello was heard.
    pub(crate) fn is_welcome(self, frame: &str) -> bool {
        match self {
            Kind::Callbox => frame.starts_with(r#"{"type":"welcome""#),
            Kind::SocketIo => frame.starts_with("40"),
        }
    }

    /// A message.
    pub(crate) fn message(self, number: u32, pen: Option<&mut Pen>) -> String {
        // The same 100 bytes for both; ours are sealed, signed and travel as base64.
        match self {
            Kind::Callbox => {
                let pen = pen.expect("every connection has one");
                let envelope = b64(pen.write(&[b'A'; BODY_BYTES]));
                format!(r#"{{"id":{number},"command":{{"type":"send","envelope":"{envelope}"}}}}"#)
            }
            Kind::SocketIo => format!(r#"42{number}["message","{}"]"#, "A".repeat(BODY_BYTES)),
        }
    }

    /// Whether a frame delivers a message.
    pub(crate) fn is_delivery(self, frame: &str) -> bool {
        match self {
            Kind::Callbox => frame.starts_with(r#"{"type":"entries""#),
            Kind::SocketIo => frame.starts_with(r#"42["message""#),
        }
    }

    /// The number of the message that a frame confirms.
    pub(crate) fn confirmed(self, frame: &str) -> Option<u32> {
        let start = match self {
            Kind::Callbox => r#"{"type":"reply","id":"#,
            Kind::SocketIo => "43",
        };
        let digits = frame.strip_prefix(start)?;
        digits[..digits.find(|c: char| !c.is_ascii_digit())?].parse().ok()
    }

    /// What has to be answered to a frame.
    pub(crate) fn answer(self, frame: &str) -> Option<&'static str> {
        (self == Kind::SocketIo && frame == "2").then_some("3")
    }
}

pub(crate) async fn start(kind: Kind) -> Server {
    let folder = tempfile::tempdir().expect("a temporary folder");
    match kind {
        Kind::Callbox => callbox(folder).await,
        Kind::SocketIo => socket_io(folder),
    }
}

async fn callbox(folder: TempDir) -> Server {
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    let (tokens, pens) = people(&data.join("callbox.db")).await;
    let ready = folder.path().join("ready.json");
    let mut child = Command::new(env!("CARGO_BIN_EXE_callbox"))
        .args(["serve", "--listen", "127.0.0.1:0", "--turn-listen", "127.0.0.1:0", "--data"])
        .arg(&data)
        .arg("--ready-file")
        .arg(&ready)
        // They are this program's; the server refuses settings it does not know.
        .env_remove("CALLBOX_BENCH_SECONDS")
        .env_remove("CALLBOX_BENCH_RATE")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    first_line(&mut child);
    let ready = std::fs::read(&ready).expect("it serves");
    let ready: serde_json::Value = serde_json::from_slice(&ready).expect("JSON");
    let address = ready["listen"][0].as_str().expect("an address");
    let port = address.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).expect("a port");
    Server { kind: Kind::Callbox, port, child, tokens, pens, _folder: folder }
}

/// Fills a database: accounts with their devices, and the rooms they are in.
async fn people(path: &Path) -> (Vec<Token>, Vec<Pen>) {
    let store = Store::open(path).expect("a database");
    let (mut tokens, mut accounts) = (Vec::new(), Vec::<Person>::new());
    let mut ticket = Ticket::Setup { token: Blob::from(vec![0; 32]) };
    for n in 0..CONNECTIONS / DEVICES {
        let (token, session) = session();
        tokens.push(token);
        let device = *session.device.as_bytes();
        let mut person = Person::with_ids(fresh(), device, Chance::random());
        let name = Name::new(&format!("Person {n}")).expect("a name");
        done(store.register(new_account(&person, name, ticket, session))).await;
        for _ in 1..DEVICES {
            let (token, session) = self::session();
            let device = session.device;
            done(store.sign_in(person.id(), session)).await;
            tokens.push(token);
            let record = person.add_device(*device.as_bytes(), now().0).clone();
            let change = KeyChange {
                account: person.id(),
                record,
                bundle: None,
                wraps: Vec::new(),
                recovery_auth_hash: None,
            };
            done(store.put_keys(change, device, false)).await;
        }
        accounts.push(person);
        ticket = invite(&store, accounts[0].id()).await;
    }
    let mut pens = Vec::new();
    for members in accounts.chunks(ROOM / DEVICES) {
        let mut talk = Talk::new(fresh(), "room", "all", "Room", Chance::random());
        let roles = std::iter::once("manager").chain(std::iter::repeat("member"));
        let created = talk.create(&members.iter().zip(roles).collect::<Vec<_>>());
        done(store.post_control(event(created, now()))).await;
        for (person, device) in members.iter().flat_map(|p| p.devices.iter().map(move |d| (p, d))) {
            let (n, prev) = talk.chains.get(&device.id).copied().unwrap_or_default();
            let pen = Pen::new(&talk, person.account, device.id, &device.key);
            pens.push(pen.goes_on(n, prev));
        }
    }
    (tokens, pens)
}

async fn invite(store: &Store, by: AccountId) -> Ticket {
    let id = callbox::pure::wire::InviteId::from_bytes(fresh());
    let secret = fresh();
    let expires = now().plus(Millis(3_600_000));
    let invite = callbox::pure::wire::api::Invite {
        id,
        by,
        created: now(),
        expires,
        uses: 0,
        max_uses: 1,
        revoked: false,
    };
    let hash = callbox::pure::auth::token::hash(&secret);
    done(store.create_invite(invite, hash, None)).await;
    Ticket::Invite { invite: id, auth: Blob::from(secret.to_vec()) }
}

fn session() -> (Token, NewSession) {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).expect("randomness");
    let token = Token::from_bytes(bytes);
    let session = NewSession {
        id: SessionId::from_bytes(fresh()),
        token_hash: token.hash(),
        device: DeviceId::from_bytes(fresh()),
        device_name: Name::new("Bench").expect("a name"),
        network: "127.0.0.0/24".to_owned(),
        now: now(),
        proved: true,
    };
    (token, session)
}

fn socket_io(folder: TempDir) -> Server {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/hub/socketio");
    if !home.join("node_modules/socket.io").is_dir() {
        let status = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(&home)
            .stdout(Stdio::null())
            .status()
            .expect("npm is installed");
        assert!(status.success(), "npm ci in {}", home.display());
    }
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).expect("a file");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("a file");
    let mut child = Command::new("node")
        .arg(home.join("server.js"))
        .args([&cert, &key])
        .env("NODE_ENV", "production")
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is installed");
    let port = first_line(&mut child).trim().parse().expect("a port");
    let kind = Kind::SocketIo;
    Server { kind, port, child, tokens: Vec::new(), pens: Vec::new(), _folder: folder }
}

fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
    output.read_line(&mut line).expect("it says something");
    // The rest must have a reader, or a later word would end the server.
    std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
    line
}

async fn done<T>(write: Pending<Result<T, Refusal>>) -> T {
    write.await.expect("the store works").expect("it is allowed")
}

fn fresh() -> [u8; 16] {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).expect("randomness");
    bytes
}

fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock that is set");
    Millis(since.as_millis() as u64)
}
