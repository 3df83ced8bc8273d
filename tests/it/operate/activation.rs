//! Sockets that the service manager keeps: no request is lost over restarts.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::{FdFlags, fcntl_setfd};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::any_certificate::connector;
use crate::one_port::ways;
use crate::server::{Server, callbox_by, exchange, status};

const REQUEST: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

/// Starts the server as systemd does, with this socket as its third descriptor.
fn start(listener: &TcpListener, directory: TempDir) -> Server {
    start_with(&[listener], "web", directory)
}

/// Starts it with these from the third descriptor on, and with what they are called.
fn start_with(sockets: &[&dyn AsRawFd], names: &str, directory: TempDir) -> Server {
    let count = sockets.len();
    let given =
        sockets.iter().zip(3..).map(|(socket, place)| format!("{place}<&{}", socket.as_raw_fd()));
    let given = given.collect::<Vec<_>>().join(" ");
    let script = format!(
        "exec {given}; export LISTEN_PID=$$ LISTEN_FDS={count} LISTEN_FDNAMES={names}; exec \"$0\" \"$@\""
    );
    Server::run(callbox_by(&script), directory, &[])
}

/// Given on to the servers, as a manager gives it on.
fn stay_open(socket: &impl AsFd) {
    fcntl_setfd(socket, FdFlags::empty()).unwrap();
}

/// One request after the other, each on a connection of its own.
async fn hammer(address: SocketAddr, tls: bool, over: Arc<AtomicBool>, count: watch::Sender<u64>) {
    while !over.load(Ordering::Relaxed) {
        let stream = TcpStream::connect(address).await.expect("somebody keeps the socket");
        let answer = match tls {
            false => exchange(stream, REQUEST).await,
            true => {
                let name = "localhost".try_into().unwrap();
                let stream = connector(&["http/1.1"]).connect(name, stream).await;
                exchange(stream.expect("a handshake"), REQUEST).await
            }
        };
        assert_eq!(status(&answer), 200);
        count.send_modify(|count| *count += 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_fails_over_three_restarts() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    stay_open(&listener);
    let address = listener.local_addr().unwrap();
    let mut server = start(&listener, tempfile::tempdir().unwrap());
    assert_eq!(server.address, address, "it serves on the socket it was given");

    let over = Arc::new(AtomicBool::new(false));
    let (count, mut counted) = watch::channel(0);
    let tasks: Vec<_> = [false, false, true, false, true]
        .map(|tls| tokio::spawn(hammer(address, tls, Arc::clone(&over), count.clone())))
        .into();
    for _ in 0..3 {
        let goal = *counted.borrow() + 100;
        counted.wait_for(|count| *count >= goal).await.unwrap();
        server.terminate();
        let (ended, directory) = server.ended().await;
        assert!(ended.success());
        server = tokio::task::block_in_place(|| start(&listener, directory));
    }
    let goal = *counted.borrow() + 100;
    counted.wait_for(|count| *count >= goal).await.unwrap();
    over.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.expect("every request was answered");
    }
    assert!(*counted.borrow() >= 400);
}

/// It may be of a port that the server may not open itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_socket_of_udp_is_the_relays_and_keeps_what_comes_meanwhile() {
    let (listener, udp) = (TcpListener::bind("127.0.0.1:0"), UdpSocket::bind("127.0.0.1:0"));
    let (listener, udp) = (listener.unwrap(), udp.unwrap());
    stay_open(&listener);
    stay_open(&udp);
    let client = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    client.connect(udp.local_addr().unwrap()).await.unwrap();
    let mut directory = tempfile::tempdir().unwrap();
    for transaction in [*b"before first", *b"after a stop"] {
        let binding = [&[0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42], &transaction[..]].concat();
        client.send(&binding).await.unwrap();
        let server =
            tokio::task::block_in_place(|| start_with(&[&listener, &udp], "web:web", directory));
        let mut answer = [0; 1500];
        let length = client.recv(&mut answer).await.unwrap();
        assert_eq!(answer[..2], [1, 1], "{:?}", &answer[..length]);
        assert_eq!(answer[8..20], transaction);
        server.terminate();
        directory = server.ended().await.1;
    }
    let server =
        tokio::task::block_in_place(|| start_with(&[&listener, &udp], "web:web", directory));
    let port = udp.local_addr().unwrap().port();
    let told = ways(server).await;
    assert!(told.contains(&format!("turn:{{host}}:{port}?transport=udp")), "{told:?}");
}
