//! Sockets that the service manager keeps: no request is lost over restarts.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::{FdFlags, fcntl_setfd};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::any_certificate::connector;
use crate::server::{Server, callbox_by, exchange, status};

const REQUEST: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

/// Starts the server as systemd does, with this socket as its third descriptor.
fn start(listener: &TcpListener, directory: TempDir) -> Server {
    let descriptor = listener.as_raw_fd();
    let script = format!(
        "exec 3<&{descriptor}; export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web; exec \"$0\" \"$@\""
    );
    Server::run(callbox_by(&script), directory, &[])
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
    // Given on to the servers, as a manager gives it on.
    fcntl_setfd(&listener, FdFlags::empty()).unwrap();
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
