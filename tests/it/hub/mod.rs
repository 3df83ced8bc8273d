//! The hub and its sessions over real sockets, with a real database. Clients
//! begin after the upgrade, which is the HTTP server's part.

mod calls;
mod pace;
mod restart;
mod resume;
mod talk;

use std::collections::VecDeque;
use std::time::Duration;

use callbox::hub::{self, Hub, Identity, Relay};
use callbox::pure::auth::relay::{Keys as RelayKeys, Revocation};
use callbox::pure::wire::{CallId, CloseCode, ConversationId, DeviceId, Millis, PROTOCOL};
use callbox::session::{self, Limits, Rate};
use callbox::store::Store;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::e2ee_client::envelope::{SIGNAL, call_secret};
use crate::e2ee_client::{Chance, Person as Keys, Posted, Talk, b64};
use crate::store::{Person, TestStore, fresh, member, owner};

/// Long enough for a busy machine, short enough for a test that hangs.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The end of sessions in tests of something else.
pub const NEVER: Millis = Millis(u64::MAX);

/// A running hub with two people.
pub struct Server {
    pub hub: Hub,
    pub anna: Person,
    pub ben: Person,
    pub revocations: mpsc::UnboundedReceiver<Revocation>,
    listener: TcpListener,
    // The last to go: the hub holds the store, too.
    pub files: TestStore,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_within(hub::Limits::default()).await
    }

    pub async fn start_within(limits: hub::Limits) -> Self {
        let files = TestStore::new();
        let anna = owner(&files.store, "Anna").await;
        let ben = member(&files.store, &anna, "Ben").await;
        Self::over(files, anna, ben, limits).await
    }

    /// The server as it comes up over an existing database.
    pub async fn over(files: TestStore, anna: Person, ben: Person, limits: hub::Limits) -> Self {
        let (hub, revocations) = start_hub(&files.store, limits).await;
        let socket = small_socket();
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
        let listener = socket.listen(1_024).expect("a port");
        Self { hub, anna, ben, revocations, listener, files }
    }

    /// Stops the hub and starts it again over the same database.
    pub async fn restart(self) -> Self {
        self.hub.stop().await;
        let Self { hub, anna, ben, files, .. } = self;
        drop(hub);
        Self::over(files.reopen(), anna, ben, hub::Limits::default()).await
    }

    pub async fn dial(&self, who: &Person) -> Client {
        self.dial_within(who, Limits::default()).await
    }

    pub async fn dial_within(&self, who: &Person, limits: Limits) -> Client {
        Client::over(self.dial_raw(who, limits).await, who).await
    }

    /// A connection as bytes.
    pub async fn dial_raw(&self, who: &Person, limits: Limits) -> TcpStream {
        let address = self.listener.local_addr().expect("it is bound");
        let client = small_socket().connect(address).await.expect("it listens");
        let (server, _) = self.listener.accept().await.expect("it was called");
        let identity =
            Identity { account: who.id, device: who.device, session: who.session, expires: NEVER };
        let store = self.files.store.clone();
        tokio::spawn(session::run(server, self.hub.clone(), store, identity, limits));
        client
    }

    /// A connection after its hello.
    pub async fn join(&self, who: &Person) -> Client {
        let mut client = self.dial(who).await;
        client.greet(json!(null), json!([])).await;
        client
    }
}

async fn start_hub(
    store: &Store,
    limits: hub::Limits,
) -> (Hub, mpsc::UnboundedReceiver<Revocation>) {
    let directory = store.directory().await.expect("a directory");
    let (revocations, revoked) = mpsc::unbounded_channel();
    let relay = Relay {
        keys: watch::channel(RelayKeys::new(&[7; 32], None)).1,
        urls: vec!["turn:{host}:3478?transport=udp".to_owned()],
        revocations,
        meter: hub::Meter::default(),
    };
    (hub::start(store.clone(), directory, relay, limits), revoked)
}

/// With small buffers, so that what waits for a slow reader waits with us. They are set before there
/// is a connection: a window that was promised and is taken back can shut a connection for good.
fn small_socket() -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_send_buffer_size(16 * 1024).expect("a size");
    socket.set_recv_buffer_size(16 * 1024).expect("a size");
    socket
}

/// Limits that let a test send as fast as it can.
pub fn unlimited() -> Limits {
    let rate = Rate { per_second: 1_000_000, burst: 1_000_000 };
    let bytes = Rate { per_second: 1_000_000_000, burst: 1_000_000_000 };
    Limits { commands: rate, signals: rate, bytes, ..Limits::default() }
}

/// A client that speaks JSON.
pub struct Client<S = TcpStream> {
    socket: WebSocketStream<S>,
    who: Option<Person>,
    next: u32,
    /// Read while something else was waited for.
    early: VecDeque<Value>,
    /// Why it was closed, in words.
    reason: String,
}

impl Client {
    pub async fn over(stream: TcpStream, who: &Person) -> Self {
        let socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
        Self { who: Some(who.clone()), ..Self::on(socket) }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// One that writes nothing.
    pub fn on(socket: WebSocketStream<S>) -> Self {
        Self { socket, who: None, next: 1, early: VecDeque::new(), reason: String::new() }
    }

    /// Says hello and returns the welcome.
    pub async fn greet(&mut self, epoch: Value, cursors: Value) -> Value {
        let mut hello =
            json!({"type": "hello", "protocol": PROTOCOL, "client": "test", "cursors": cursors});
        if !epoch.is_null() {
            hello["epoch"] = epoch;
        }
        self.tell(hello).await;
        self.wait("welcome").await
    }

    /// Sends a command and returns its number.
    pub async fn tell(&mut self, command: Value) -> u32 {
        let id = self.next;
        self.next += 1;
        self.write(&json!({"id": id, "command": command}).to_string()).await;
        id
    }

    /// Sends a command and waits for its reply or error.
    pub async fn ask(&mut self, command: Value) -> Value {
        let id = self.tell(command).await;
        self.answer(id).await
    }

    pub async fn answer(&mut self, id: u32) -> Value {
        let mut answer = self
            .find(|event| {
                ["reply", "error"].map(Value::from).contains(&event["type"]) && event["id"] == id
            })
            .await;
        if answer["type"] == "reply" { answer["reply"].take() } else { answer["error"].take() }
    }

    pub async fn say(&mut self, conversation: ConversationId, text: &str) -> Value {
        let who = self.who.as_ref().expect("somebody who writes");
        let command = message(who, conversation, text);
        self.ask(command).await
    }

    /// Writes a text frame, whatever it says.
    pub async fn write(&mut self, text: &str) {
        // Whether the other side is still there shows in what comes back.
        let _ = self.socket.send(Message::text(text)).await;
    }

    /// The next event of a type; what comes before it stays for later.
    pub async fn wait(&mut self, kind: &str) -> Value {
        self.find(|event| event["type"] == kind).await
    }

    pub async fn find(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.early.iter().position(&wanted) {
            return self.early.remove(at).expect("it was found");
        }
        loop {
            let event = self.read().await.expect("the connection lives");
            if wanted(&event) {
                return event;
            }
            self.early.push_back(event);
        }
    }

    /// The next frame, or the code of the close; 0 when it just ended.
    pub async fn read(&mut self) -> Result<Value, u16> {
        let end = tokio::time::timeout(PATIENCE, async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => {
                        return Ok(serde_json::from_str(&text).expect("JSON"));
                    }
                    Some(Ok(Message::Close(Some(frame)))) => {
                        self.reason = frame.reason.to_string();
                        return Err(frame.code.into());
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Err(0),
                }
            }
        });
        end.await.expect("something comes")
    }

    /// What the closing frame said beside its code.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether nothing like this is among what was passed over so far.
    pub fn saw_none(&self, unwanted: impl Fn(&Value) -> bool) -> bool {
        !self.early.iter().any(unwanted)
    }

    /// Reads on to the end, and returns its code.
    pub async fn end(&mut self) -> u16 {
        loop {
            if let Err(code) = self.read().await {
                return code;
            }
        }
    }

    /// The numbers of the entries of a conversation that have come, up to this one.
    pub async fn seqs(&mut self, conversation: ConversationId, to: u64) -> Vec<u64> {
        let mut seqs = Vec::new();
        while seqs.last().is_none_or(|last| *last < to) {
            let event = self
                .find(|event| {
                    event["type"] == "entries" && event["conversation"] == json!(conversation)
                })
                .await;
            seqs.extend(seqs_of(&event));
        }
        seqs
    }
}

pub fn seqs_of(event: &Value) -> Vec<u64> {
    let entries = event["entries"].as_array().expect("entries");
    entries.iter().map(|entry| entry["seq"].as_u64().expect("a number")).collect()
}

/// The next message of somebody's device.
pub fn message(from: &Person, conversation: ConversationId, text: &str) -> Value {
    let message = crate::store::message(from, conversation, text);
    json!({"type": "send", "envelope": b64(message.envelope.bytes())})
}

/// A signal to the other leg of a call.
pub fn signal(from: &Person, conversation: ConversationId, call: CallId, to: DeviceId) -> Value {
    let mut talk = from.talk(conversation);
    let mut draft = talk.draft(&from.keys(), SIGNAL);
    (draft.n, draft.prev, draft.seen_seq, draft.seen_hash) = (0, [0; 32], 0, [0; 32]);
    let secret = call_secret(&talk.secrets.last().expect("an epoch").0, call.as_bytes());
    let envelope = draft.seal(&secret, b"{}", &from.keys().device().key);
    json!({"type": "signal", "call": call, "to": to, "envelope": b64(envelope)})
}

impl Server {
    /// Carries a change of a conversation out and tells the hub, as the HTTP API does.
    pub async fn change(
        &self,
        by: &Person,
        conversation: ConversationId,
        change: impl FnOnce(&mut Talk, &Keys) -> Posted,
    ) -> u64 {
        let done = crate::store::change(&self.files.store, by, conversation, change).await;
        let seq = done.placed.seq.0;
        self.hub.controlled(done);
        seq
    }

    /// Makes a conversation and tells the hub.
    pub async fn create(
        &self,
        kind: &'static str,
        by: &Person,
        called: &str,
        members: &[&Person],
    ) -> ConversationId {
        let mut talk = Talk::new(fresh(), kind, "all", called, Chance::random());
        let role = if kind == "room" { "manager" } else { "member" };
        let event = crate::store::created(&mut talk, by, role, members);
        let done = crate::store::done(self.files.store.post_control(event)).await;
        self.hub.controlled(done);
        let id = ConversationId::from_bytes(talk.id);
        by.settle(talk);
        id
    }
}

pub fn is(code: u16, expected: CloseCode) {
    assert_eq!(code, expected.number(), "the close code");
}
