//! The clients: connections, steady messages, and what comes of them.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::ROOM;
use super::any_certificate::connector;
use super::e2ee_client::Pen;
use super::servers::{Kind, Server};

type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// An open connection after its hello.
pub(crate) struct Connection {
    pub(crate) number: usize,
    pen: Option<Pen>,
    socket: Socket,
}

/// Opens connections, a few at a time.
pub(crate) async fn connect(server: &Server, numbers: Range<usize>) -> Vec<Connection> {
    let connector = connector(&["http/1.1"]);
    futures_util::stream::iter(numbers)
        .map(|number| open(server, connector.clone(), number))
        .buffer_unordered(20)
        .collect()
        .await
}

async fn open(server: &Server, connector: TlsConnector, number: usize) -> Connection {
    let stream = TcpStream::connect(("127.0.0.1", server.port)).await.expect("it listens");
    stream.set_nodelay(true).expect("an option");
    let name = "localhost".try_into().expect("a name");
    let mut stream = connector.connect(name, stream).await.expect("TLS");
    stream.write_all(server.upgrade(number).as_bytes()).await.expect("it reads");
    // What TLS could not write at once stays in its buffer until a flush.
    stream.flush().await.expect("it reads");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("an answer"));
    }
    let head = String::from_utf8_lossy(&head);
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let config = WebSocketConfig::default().read_buffer_size(8 * 1024);
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await;
    socket.send(Message::text(server.kind.hello(number))).await.expect("it reads");
    loop {
        let message = socket.next().await.expect("a welcome").expect("a frame");
        if message.to_text().is_ok_and(|frame| server.kind.is_welcome(frame)) {
            let pen = server.pens.get(number).cloned();
            return Connection { number, pen, socket };
        }
    }
}

/// How fast messages are sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// So many a second, whatever the server does.
    Steady(f64),
    /// As fast as it goes: the next one when fewer than so many are on their way.
    Window(usize),
}

/// Clients that run by themselves.
pub(crate) struct Load {
    senders: Vec<mpsc::UnboundedSender<()>>,
    next: usize,
    sent: usize,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    delivered: AtomicUsize,
    /// From sending to the confirmation, in microseconds.
    confirmed: Mutex<Vec<u64>>,
}

impl Load {
    pub(crate) fn start(kind: Kind, connections: Vec<Connection>) -> Self {
        let counts = Arc::new(Counts::default());
        let senders = connections.into_iter().map(|connection| {
            let (sender, orders) = mpsc::unbounded_channel();
            tokio::spawn(run(kind, connection, orders, Arc::clone(&counts)));
            sender
        });
        Self { senders: senders.collect(), next: 0, sent: 0, counts }
    }

    /// Sends for so long, and waits until everything has arrived.
    pub(crate) async fn run(&mut self, pace: Pace, length: Duration) -> usize {
        let begun = Instant::now();
        let before = self.sent;
        while begun.elapsed() < length {
            match pace {
                Pace::Steady(rate) => {
                    let after = Duration::from_secs_f64((self.sent - before) as f64 / rate);
                    tokio::time::sleep_until(begun + after).await;
                }
                Pace::Window(window) if self.under_way() >= window * ROOM => {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    continue;
                }
                Pace::Window(_) => {}
            }
            // From room to room, and within a room from one to the next.
            self.next = (self.next + ROOM + 1) % self.senders.len();
            self.senders[self.next].send(()).expect("every connection lives");
            self.sent += 1;
        }
        let count = self.sent - before;
        let patience = Instant::now() + Duration::from_secs(20);
        while self.under_way() > 0 && Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        count
    }

    /// Deliveries that have not arrived yet.
    fn under_way(&self) -> usize {
        self.sent * ROOM - self.counts.delivered.load(Ordering::Relaxed)
    }

    /// What was counted so far does not count.
    pub(crate) fn forget(&mut self) {
        self.sent = 0;
        self.counts.delivered.store(0, Ordering::Relaxed);
        self.counts.confirmed.lock().expect("no panic").clear();
    }

    /// Deliveries, and the middle and slow end of the confirmations in milliseconds.
    pub(crate) fn delivered(&self) -> (usize, f64, f64) {
        let mut times = self.counts.confirmed.lock().expect("no panic").clone();
        times.sort_unstable();
        let at = |part: f64| times[(times.len() as f64 * part) as usize] as f64 / 1_000.0;
        (self.counts.delivered.load(Ordering::Relaxed), at(0.5), at(0.99))
    }
}

async fn run(
    kind: Kind,
    connection: Connection,
    mut orders: mpsc::UnboundedReceiver<()>,
    counts: Arc<Counts>,
) {
    let Connection { mut pen, mut socket, .. } = connection;
    let mut number = 0;
    let mut sent = Vec::new();
    loop {
        tokio::select! {
            order = orders.recv() => {
                if order.is_none() {
                    return;
                }
                number += 1;
                sent.push((number, Instant::now()));
                let message = Message::text(kind.message(number, pen.as_mut()));
                socket.send(message).await.expect("it reads");
            }
            message = socket.next() => {
                // The server ends with its round; what is missing then is counted.
                let Some(Ok(message)) = message else { return };
                let Ok(frame) = message.to_text() else { continue };
                if kind.is_delivery(frame) {
                    counts.delivered.fetch_add(1, Ordering::Relaxed);
                } else if let Some(confirmed) = kind.confirmed(frame) {
                    let at = sent.iter().position(|(number, _)| *number == confirmed);
                    let (_, since) = sent.swap_remove(at.expect("it was sent"));
                    let micros = since.elapsed().as_micros() as u64;
                    counts.confirmed.lock().expect("no panic").push(micros);
                } else if let Some(answer) = kind.answer(frame) {
                    socket.send(Message::text(answer)).await.expect("it reads");
                } else {
                    assert!(!frame.contains(r#""type":"error""#), "{frame}");
                }
            }
        }
    }
}
