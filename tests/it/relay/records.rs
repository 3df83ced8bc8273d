//! What a stream is sent at a time.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use callbox::net::udp::split_sent;
use callbox::relay;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UdpSocket};

use super::client::{Client, Received, channel_data};
use super::{LOOPBACK, TestRelay, wide};
use crate::any_certificate::connector;

/// Counts the TLS records that come.
struct Counted {
    stream: TcpStream,
    records: Arc<AtomicUsize>,
    head: Vec<u8>,
    /// Of the present record.
    left: usize,
}

impl Counted {
    fn count(&mut self, mut bytes: &[u8]) {
        while let Some((first, rest)) = bytes.split_first() {
            if self.left > 0 {
                let skipped = self.left.min(bytes.len());
                self.left -= skipped;
                bytes = &bytes[skipped..];
                continue;
            }
            self.head.push(*first);
            bytes = rest;
            if let [_, _, _, high, low] = self.head[..] {
                self.left = usize::from(u16::from_be_bytes([high, low]));
                self.head.clear();
                self.records.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, into))?;
        self.count(&into.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[tokio::test]
async fn a_batch_for_a_stream_is_one_record() {
    let folder = tempfile::tempdir().expect("a folder");
    let names = callbox::pure::lan::Names::of(["localhost"]);
    let now = callbox::http::now();
    let local = callbox::tls::Local::open(folder.path(), &names, now).expect("one");
    let resolver = callbox::tls::Resolver::new(local.key());
    let tls_config = Some(callbox::tls::server_config(resolver).expect("ring has all it takes"));
    let tls = vec![LOOPBACK];
    let config = relay::Config { tls, tls_config, limits: wide(), ..relay::Config::default() };
    let relay = TestRelay::with(config);

    let socket = UdpSocket::bind(LOOPBACK).await.expect("a free port");
    socket.connect(relay.udp()).await.expect("loopback connects");
    let socket = socket.into_std().expect("it is one");
    let same = socket.try_clone().expect("a descriptor");
    let socket = UdpSocket::from_std(socket).expect("it was one");
    let mut sender = Client::over(socket, relay.credentials(1, 1));
    let at_sender = sender.allocate().await.expect("an allocation");

    let stream = TcpStream::connect(relay.relay.tls[0]).await.expect("it listens");
    let records = Arc::<AtomicUsize>::default();
    let counted = Counted { stream, records: Arc::clone(&records), head: Vec::new(), left: 0 };
    let name = "localhost".try_into().expect("a name");
    let stream = connector(&["stun.turn"]).connect(name, counted).await.expect("TLS");
    let mut receiver = Client::stream(stream, relay.credentials(1, 2));
    let at_receiver = receiver.allocate().await.expect("an allocation");
    sender.bind(0x4001, at_receiver).await.expect("a peer");
    receiver.bind(0x4002, at_sender).await.expect("a peer");

    // The system hands these to the relay together.
    split_sent(&same, 304).expect("the system can");
    let before = records.load(Ordering::Relaxed);
    for round in 0..20_u8 {
        let packet = channel_data(0x4001, &[round; 300], false);
        sender.send(&packet.repeat(32)).await;
        for _ in 0..32 {
            let expected = Received::Channel(0x4002, vec![round; 300]);
            assert_eq!(receiver.receive().await, Some(expected));
        }
    }
    assert_eq!(records.load(Ordering::Relaxed) - before, 20);
}
