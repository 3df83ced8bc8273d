//! The floor: a forwarder without any TURN. It waits, receives a datagram,
//! finds the session by its sender and sends on a connected socket. A relay
//! that does no more than this for each packet costs that much.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token};
use socket2::SockRef;

const CLIENTS: Token = Token(0);
/// Comes before a peer's address in what a client sends first.
const HELLO: &[u8] = b"floor ";

struct Session {
    client: SocketAddr,
    /// Connected to the peer.
    socket: UdpSocket,
}

/// Forwards until the process ends.
pub fn serve() -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut listener = bind()?;
    poll.registry().register(&mut listener, CLIENTS, Interest::READABLE)?;
    println!("{}\n{}", listener.local_addr()?, listener.local_addr()?);
    let mut sessions: Vec<Session> = Vec::new();
    let mut by_client: HashMap<SocketAddr, usize> = HashMap::new();
    let mut events = Events::with_capacity(256);
    let mut buffer = vec![0; 65_536];
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() != CLIENTS {
                let session = &sessions[event.token().0 - 1];
                while let Ok(length) = session.socket.recv(&mut buffer) {
                    let _ = listener.send_to(&buffer[..length], session.client);
                }
                continue;
            }
            while let Ok((length, client)) = listener.recv_from(&mut buffer) {
                if let Some(&place) = by_client.get(&client) {
                    let _ = sessions[place].socket.send(&buffer[..length]);
                } else if let Some(peer) = peer_of(&buffer[..length]) {
                    let mut socket = bind()?;
                    socket.connect(peer)?;
                    let token = Token(sessions.len() + 1);
                    poll.registry().register(&mut socket, token, Interest::READABLE)?;
                    let address = socket.local_addr()?.to_string();
                    let _ = listener.send_to(address.as_bytes(), client);
                    by_client.insert(client, sessions.len());
                    sessions.push(Session { client, socket });
                }
            }
        }
    }
}

/// Has the floor forward between a client and a peer; gives the address that
/// the peer sees.
pub fn register(client: &std::net::UdpSocket, peer: SocketAddr) -> SocketAddr {
    let hello = [HELLO, peer.to_string().as_bytes()].concat();
    client.send(&hello).expect("loopback takes it");
    let mut answer = [0; 100];
    let length = client.recv(&mut answer).expect("an answer");
    let text = std::str::from_utf8(&answer[..length]).expect("text");
    text.parse().expect("an address")
}

fn peer_of(hello: &[u8]) -> Option<SocketAddr> {
    std::str::from_utf8(hello.strip_prefix(HELLO)?).ok()?.parse().ok()
}

fn bind() -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let sockets = SockRef::from(&socket);
    sockets.set_recv_buffer_size(4 << 20)?;
    sockets.set_send_buffer_size(4 << 20)?;
    Ok(socket)
}
