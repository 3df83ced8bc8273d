//! A client as the web client is one, for a server that dies: it keeps
//! cursors and an outbox, comes back, and believes nothing it can check.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use callbox::pure::auth::token::Token;
use callbox::pure::wire::{ConversationId, EnvelopeId, PROTOCOL, SUBPROTOCOL};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Message, protocol::Role};

use crate::e2ee_client::{Pen, b64, envelope};
use crate::store::text;

/// Messages without an answer that a client has under way, at most.
const WINDOW: usize = 8;

/// Messages on one connection: within the burst that the server allows.
const BURST: usize = 50;

/// So many acknowledgements until the server dies.
pub(crate) struct Goal {
    left: AtomicUsize,
    reached: Notify,
}

impl Goal {
    pub(crate) fn new(acknowledgements: usize) -> Self {
        Self { left: AtomicUsize::new(acknowledgements), reached: Notify::new() }
    }

    pub(crate) async fn reached(&self) {
        self.reached.notified().await;
    }

    fn count(&self) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.reached.notify_one();
        }
    }
}

/// What a client holds of each conversation, from its first entry on:
/// messages by their ids, other entries as they came.
pub(crate) type Views = HashMap<ConversationId, Vec<String>>;

/// One device of somebody.
pub(crate) struct Client {
    token: Token,
    epoch: String,
    conversations: Vec<ConversationId>,
    pub(crate) views: Views,
    /// Not acknowledged; the first few of them are under way.
    outbox: VecDeque<(EnvelopeId, ConversationId, Vec<u8>)>,
    pens: HashMap<ConversationId, Pen>,
    pub(crate) acknowledged: HashMap<EnvelopeId, (ConversationId, u64)>,
}

/// What a connection is for.
#[derive(Clone, Copy)]
enum Wish<'a> {
    /// To say ever more, until the other side is gone.
    Send(&'a Goal),
    /// To have everything acknowledged.
    Finish,
    /// To hold everything there is.
    CatchUp,
}

impl Client {
    pub(crate) fn new(token: Token, epoch: String, pens: HashMap<ConversationId, Pen>) -> Self {
        let mut conversations: Vec<_> = pens.keys().copied().collect();
        conversations.sort_unstable();
        Self {
            token,
            epoch,
            views: conversations.iter().map(|id| (*id, Vec::new())).collect(),
            conversations,
            outbox: VecDeque::new(),
            pens,
            acknowledged: HashMap::new(),
        }
    }

    /// Sends until the server accepts no connection any more.
    pub(crate) async fn send_until_dead(
        mut self,
        server: SocketAddr,
        goal: std::sync::Arc<Goal>,
    ) -> Self {
        while self.converse(server, Wish::Send(&goal)).await {}
        self
    }

    /// Gets an acknowledgement for everything that has none.
    pub(crate) async fn finish(&mut self, server: SocketAddr) {
        while !self.outbox.is_empty() {
            assert!(self.converse(server, Wish::Finish).await, "the server lives");
        }
    }

    /// Hears everything that was said.
    pub(crate) async fn catch_up(&mut self, server: SocketAddr) {
        assert!(self.converse(server, Wish::CatchUp).await, "the server lives");
    }

    /// Compares what it holds with another client's view and with what it was told.
    pub(crate) fn check(&self, views: &Views) {
        assert_eq!(self.views, *views, "all hold the same");
        for view in self.views.values() {
            assert_eq!(view.iter().collect::<HashSet<_>>().len(), view.len(), "nothing is twice");
        }
        for (id, (conversation, seq)) in &self.acknowledged {
            assert_eq!(self.views[conversation][*seq as usize - 1], id.to_string());
        }
    }

    /// One connection from beginning to end; false when there was none.
    async fn converse(&mut self, server: SocketAddr, wish: Wish<'_>) -> bool {
        let Some(mut socket) = connect(server, &self.token).await else { return false };
        let cursors: Vec<_> = self
            .views
            .iter()
            .map(|(id, view)| json!({ "conversation": id, "seq": view.len() }))
            .collect();
        let hello = json!({ "type": "hello", "protocol": PROTOCOL, "client": "test",
            "epoch": self.epoch, "cursors": cursors });
        if send(&mut socket, json!({ "command": hello })).await.is_none() {
            return true;
        }
        let mut heads = None;
        let (mut under_way, mut sent) = (0, 0);
        loop {
            while heads.is_some() && under_way < WINDOW && sent < BURST {
                if self.outbox.len() == under_way && matches!(wish, Wish::Send(_)) {
                    let conversation = self.conversations[sent % self.conversations.len()];
                    let pen = self.pens.get_mut(&conversation).expect("one for each");
                    let bytes = pen.write(&text("Hello"));
                    let id = EnvelopeId::from_bytes(envelope::id(&bytes));
                    self.outbox.push_back((id, conversation, bytes));
                }
                let Some((_, _, bytes)) = self.outbox.get(under_way) else { break };
                let command = json!({ "type": "send", "envelope": b64(bytes) });
                if send(&mut socket, json!({ "id": sent, "command": command })).await.is_none() {
                    return true;
                }
                (under_way, sent) = (under_way + 1, sent + 1);
            }
            let finished = match (wish, &heads) {
                (Wish::Send(_), _) | (_, None) => false,
                (Wish::Finish, Some(_)) => self.outbox.is_empty(),
                (Wish::CatchUp, Some(heads)) => self.holds(heads),
            };
            if finished {
                return true;
            }
            let event = match socket.next().await {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                _ => return true,
            };
            let event: Value = serde_json::from_str(&event).expect("an event is JSON");
            match event["type"].as_str() {
                Some("welcome") => {
                    assert_eq!(event["epoch"], json!(self.epoch), "history went back");
                    heads = Some(event["conversations"].clone());
                }
                Some("entries") => self.hear(&event),
                Some("reply") => {
                    under_way -= 1;
                    self.sent(&event["reply"]);
                    if let Wish::Send(goal) = wish {
                        goal.count();
                    }
                }
                Some("error") => panic!("refused: {event}"),
                _ => {}
            }
        }
    }

    fn holds(&self, heads: &Value) -> bool {
        heads.as_array().expect("conversations").iter().all(|conversation| {
            self.views[&id(&conversation["id"])].len() as u64 >= number(&conversation["head"])
        })
    }

    /// Entries must follow what is there, without a gap.
    fn hear(&mut self, event: &Value) {
        let view = self.views.get_mut(&id(&event["conversation"])).expect("a known conversation");
        for entry in event["entries"].as_array().expect("entries") {
            assert_eq!(number(&entry["seq"]), view.len() as u64 + 1, "rising without a gap");
            let content = &entry["content"];
            let bytes = content["envelope"].as_str().expect("an envelope");
            let bytes = URL_SAFE_NO_PAD.decode(bytes).expect("base64url");
            view.push(EnvelopeId::from_bytes(envelope::id(&bytes)).to_string());
        }
    }

    fn sent(&mut self, reply: &Value) {
        assert_eq!(reply["type"], "sent", "{reply}");
        let message = reply["id"].as_str().expect("an id").parse().expect("an id");
        let place = self.outbox.iter().position(|(id, ..)| *id == message);
        let (_, conversation, _) =
            self.outbox.remove(place.expect("it was sent")).expect("it was found");
        self.acknowledged.insert(message, (conversation, number(&reply["seq"])));
    }
}

/// Opens a WebSocket; `None` when nobody is there.
pub(crate) async fn connect(
    server: SocketAddr,
    token: &Token,
) -> Option<WebSocketStream<TcpStream>> {
    let mut stream = TcpStream::connect(server).await.ok()?;
    let port = server.port();
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n\
         Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\
         Cookie: callbox-sid={}\r\n\r\n",
        token.text()
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        // The server says nothing over the WebSocket before the client does.
        answer.push(stream.read_u8().await.ok()?);
    }
    let answer = String::from_utf8(answer).expect("a head is text");
    assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
    Some(WebSocketStream::from_raw_socket(stream, Role::Client, None).await)
}

/// Sends a frame; `None` when the connection is gone.
async fn send(socket: &mut WebSocketStream<TcpStream>, frame: Value) -> Option<()> {
    socket.send(Message::text(frame.to_string())).await.ok()
}

fn id(value: &Value) -> ConversationId {
    value.as_str().expect("an id").parse().expect("an id")
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}
