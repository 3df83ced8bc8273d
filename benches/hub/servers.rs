//! The two servers, and how one connects to each.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use callbox::pure::auth::token::Token;
use callbox::pure::wire::api::Ticket;
use callbox::pure::wire::{
    AccountId, Blob, ConversationId, DeviceId, MessageId, Millis, Name, PROTOCOL, SessionId,
};
use callbox::store::{NewAccount, NewSession, Pending, Refusal, RoomOperation, Store};
use ring::rand::{SecureRandom, SystemRandom};
use tempfile::TempDir;

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
    pub(crate) rooms: Arc<Vec<ConversationId>>,
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
    pub(crate) fn message(self, number: u32, room: ConversationId) -> String {
        // The same 100 bytes for both; ours travel as base64, for they may be ciphertext.
        match self {
            Kind::Callbox => {
                let body = "A".repeat((BODY_BYTES * 4).div_ceil(3));
                let message = message_id();
                format!(
                    r#"{{"id":{number},"command":{{"type":"send","conversation":"{room}","message":"{message}","body":{{"format":0,"data":"{body}"}}}}}}"#
                )
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
    let (tokens, rooms) = people(&data.join("callbox.db")).await;
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
    Server { kind: Kind::Callbox, port, child, tokens, rooms: Arc::new(rooms), _folder: folder }
}

/// Fills a database: accounts with their devices, and the rooms they are in.
async fn people(path: &Path) -> (Vec<Token>, Vec<ConversationId>) {
    let store = Store::open(path).expect("a database");
    let (mut tokens, mut accounts) = (Vec::new(), Vec::new());
    let mut ticket = Ticket::Setup { token: Blob::from(vec![0; 32]) };
    for n in 0..CONNECTIONS / DEVICES {
        let id = AccountId::from_bytes(fresh());
        let (token, session) = session();
        tokens.push(token);
        let name = Name::new(&format!("Person {n}")).expect("a name");
        let record = Blob::from(vec![0; 192]);
        done(store.register(NewAccount { id, ticket, name, record, session, now: now() })).await;
        for _ in 1..DEVICES {
            let (token, session) = self::session();
            done(store.sign_in(id, session)).await;
            tokens.push(token);
        }
        accounts.push(id);
        ticket = invite(&store, accounts[0]).await;
    }
    let mut rooms = Vec::new();
    for members in accounts.chunks(ROOM / DEVICES) {
        let room = ConversationId::from_bytes(fresh());
        let name = Name::new("Room").expect("a name");
        let operation = RoomOperation::Create { name, members: members[1..].to_vec() };
        done(store.change_room(room, members[0], operation, now())).await;
        rooms.push(room);
    }
    (tokens, rooms)
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
    done(store.create_invite(invite, hash)).await;
    Ticket::Invite { invite: id, secret: Blob::from(secret.to_vec()) }
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
    let rooms = vec![ConversationId::from_bytes([0; 16]); CONNECTIONS / ROOM];
    let (kind, rooms) = (Kind::SocketIo, Arc::new(rooms));
    Server { kind, port, child, tokens: Vec::new(), rooms, _folder: folder }
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

/// As clients choose them: 48 bits of time, then random ones.
fn message_id() -> MessageId {
    let mut bytes = fresh();
    bytes[..6].copy_from_slice(&now().0.to_be_bytes()[2..]);
    MessageId::from_bytes(bytes)
}

fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock that is set");
    Millis(since.as_millis() as u64)
}
