//! Packets through a server, each of which is counted and looked at.

use std::collections::VecDeque;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use callbox::net::udp::split_sent;
use callbox::pure::stun::{
    AttributeType, ChannelData, ChannelNumber, Class, Message, Method, TransactionId, Writer,
};
use rustix::net::RecvFlags;

use crate::client::{Client, Wire, plain};
use crate::floor;
use crate::server::{Kind, Server};

/// Where packets come from and go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From a client to a plain socket.
    ToPeer,
    /// From a plain socket to a client.
    FromPeer,
    /// From one client to another, by relayed addresses on both sides.
    Across,
}

/// One kind of load.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub name: &'static str,
    pub way: Way,
    /// Whether the client, or the sending one, is connected by TLS.
    pub tls: bool,
    pub sessions: usize,
    /// Bytes of data in each packet.
    pub size: usize,
    /// Packets of one session at a time.
    pub burst: usize,
    /// Whether a burst leaves as one message that the system takes apart, as
    /// a network card would deliver it put together.
    pub joined: bool,
    /// Sessions that send in one go.
    pub wave: usize,
    /// Packets that may be under way: before there are more, the first wave of
    /// them is listened to.
    pub window: usize,
    /// Between waves.
    pub pause: Duration,
    pub indications: bool,
    /// What our share of the other server's cost should be at most.
    pub most: f64,
}

/// What became of a load.
#[derive(Debug, Default)]
pub struct Outcome {
    pub delivered: u64,
    pub lost: u64,
    /// Packets whose bytes are not those that were sent.
    pub damaged: u64,
    /// Packets of another session, or from another address.
    pub astray: u64,
    pub cpu: Option<Duration>,
    pub time: Duration,
    /// Between sending a wave and having received it, in the middle.
    pub delay: Duration,
}

impl Outcome {
    pub fn micros_per_packet(&self) -> Option<f64> {
        self.cpu.map(|cpu| cpu.as_secs_f64() * 1e6 / self.delivered.max(1) as f64)
    }
}

/// Sender and receiver, and what they say to each other.
struct Session {
    number: u32,
    sender: Sender,
    receiver: Receiver,
    packet: Vec<u8>,
    /// Where in the packet the data begins.
    data: usize,
    size: usize,
}

enum Sender {
    Client(Client),
    Peer(UdpSocket),
}

enum Receiver {
    Client(Client),
    Peer { socket: UdpSocket, relayed: SocketAddr },
}

impl Load {
    pub fn run(&self, server: &Server) -> Outcome {
        let mut sessions: Vec<_> =
            (0..self.sessions).map(|n| self.session(server, n as u32)).collect();
        self.drive(&mut sessions, WARM_UP);
        let (before, started) = (server.cpu(), Instant::now());
        let outcome = self.drive(&mut sessions, MEASURED);
        let cpu = server.cpu().zip(before).map(|(after, before)| after - before);
        Outcome { cpu, time: started.elapsed(), ..outcome }
    }

    /// Whether a forwarder can bear it that knows nothing of TURN.
    pub fn is_plain(&self) -> bool {
        self.way != Way::Across && !self.tls && !self.indications
    }

    fn session(&self, server: &Server, number: u32) -> Session {
        let session = match server.kind {
            Kind::Floor => self.bare_session(server, number),
            _ => self.turn_session(server, number),
        };
        if self.joined {
            let socket = match &session.sender {
                Sender::Peer(socket) => socket,
                Sender::Client(Client { wire: Wire::Udp(socket), .. }) => socket,
                Sender::Client(_) => unreachable!("only datagrams are put together"),
            };
            split_sent(socket, session.packet.len() as u16).expect("the system can");
        }
        session
    }

    fn bare_session(&self, server: &Server, number: u32) -> Session {
        let (client, peer) = (plain(), plain());
        client.connect(server.address).expect("loopback connects");
        let relayed = floor::register(&client, peer.local_addr().expect("bound"));
        let (sender, socket, relayed) = match self.way {
            Way::FromPeer => {
                peer.connect(relayed).expect("loopback connects");
                (peer, client, server.address)
            }
            _ => (client, peer, relayed),
        };
        let (sender, receiver) = (Sender::Peer(sender), Receiver::Peer { socket, relayed });
        Session { number, sender, receiver, packet: vec![0; self.size], data: 0, size: self.size }
    }

    fn turn_session(&self, server: &Server, number: u32) -> Session {
        let wire = if self.tls { Wire::tls(server.tls()) } else { Wire::udp(server.address) };
        let mut client = Client::new(wire, server.credentials());
        let relayed = client.allocate();
        let peer = server.peer();
        let (sender, receiver, packet) = match self.way {
            Way::ToPeer => {
                let packet = self.open(&mut client, peer.local_addr().expect("bound"));
                (Sender::Client(client), Receiver::Peer { socket: peer, relayed }, packet)
            }
            Way::FromPeer => {
                self.open(&mut client, peer.local_addr().expect("bound"));
                peer.connect(relayed).expect("loopback connects");
                (Sender::Peer(peer), Receiver::Client(client), vec![0; self.size])
            }
            Way::Across => {
                let mut other = Client::new(Wire::udp(server.address), server.credentials());
                let at_other = other.allocate();
                self.open(&mut other, relayed);
                let packet = self.open(&mut client, at_other);
                (Sender::Client(client), Receiver::Client(other), packet)
            }
        };
        let data = packet.len() - self.size;
        let data = if self.indications { data - padding(self.size) } else { data };
        Session { number, sender, receiver, packet, data, size: self.size }
    }

    /// Lets a peer through; gives a packet to it.
    fn open(&self, client: &mut Client, peer: SocketAddr) -> Vec<u8> {
        let data = vec![0; self.size];
        if self.indications {
            client.permit(peer);
            Writer::new(Class::Indication, Method::SEND, TransactionId([1; 12]))
                .xor_address(AttributeType::XOR_PEER_ADDRESS, peer)
                .attribute(AttributeType::DATA, &data)
                .finish()
        } else {
            client.bind(CHANNEL, peer);
            let number = ChannelNumber::new(CHANNEL).expect("in range");
            [&ChannelData::header(number, self.size as u16)[..], &data].concat()
        }
    }

    /// Sends wave after wave for a time.
    fn drive(&self, sessions: &mut [Session], time: Duration) -> Outcome {
        let mut outcome = Outcome::default();
        let end = Instant::now() + time;
        let waves: Vec<_> = (0..sessions.len()).step_by(self.wave).collect();
        let mut waves = waves.into_iter().cycle();
        let mut under_way = VecDeque::new();
        let mut delays = Vec::with_capacity(1 << 16);
        let (mut sent, mut number) = (0, 0_u32);
        let mut due = Instant::now();
        while Instant::now() < end {
            let first = waves.next().expect("it never ends");
            let last = (first + self.wave).min(sessions.len());
            let begun = Instant::now();
            for session in &mut sessions[first..last] {
                sent += session.send(number, self);
            }
            under_way.push_back((first..last, number, begun));
            number = number.wrapping_add(1);
            if (under_way.len() + 1) * self.wave * self.burst > self.window {
                let oldest = under_way.pop_front().expect("there are some");
                self.collect(sessions, oldest, &mut delays, &mut outcome);
            }
            due += self.pause;
            while Instant::now() < due {
                // What has come is taken at once: its delay counts.
                let next = under_way.front().map(|(range, ..)| range.end - 1);
                if next.is_some_and(|last| sessions[last].receiver.has_some()) {
                    let oldest = under_way.pop_front().expect("there are some");
                    self.collect(sessions, oldest, &mut delays, &mut outcome);
                }
                std::hint::spin_loop();
            }
        }
        for oldest in under_way {
            self.collect(sessions, oldest, &mut delays, &mut outcome);
        }
        delays.sort_unstable();
        outcome.delay = delays.get(delays.len() / 2).copied().unwrap_or_default();
        outcome.lost = sent - outcome.delivered;
        outcome
    }

    fn collect(
        &self,
        sessions: &mut [Session],
        (range, number, begun): (std::ops::Range<usize>, u32, Instant),
        delays: &mut Vec<Duration>,
        outcome: &mut Outcome,
    ) {
        for session in &mut sessions[range] {
            for _ in 0..self.burst {
                match session.receive(number) {
                    Some(Seen::Right) => outcome.delivered += 1,
                    Some(Seen::Damaged) => outcome.damaged += 1,
                    Some(Seen::Astray) => outcome.astray += 1,
                    None => break,
                }
            }
        }
        delays.push(begun.elapsed());
    }
}

impl Receiver {
    /// Whether something has come.
    fn has_some(&self) -> bool {
        let socket = match self {
            Self::Peer { socket, .. } => socket,
            Self::Client(client) => match &client.wire {
                Wire::Udp(socket) => socket,
                Wire::Tls { .. } => return false,
            },
        };
        let look = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        rustix::net::recv(socket, &mut [0; 1][..], look).is_ok()
    }
}

/// What a receiver saw.
enum Seen {
    Right,
    Damaged,
    Astray,
}

impl Session {
    /// Sends a burst; gives how many packets the system took.
    fn send(&mut self, number: u32, load: &Load) -> u64 {
        fill(&mut self.packet[self.data..self.data + self.size], self.number, number);
        let (whole, times) = match load.joined {
            true => (self.packet.repeat(load.burst), 1),
            false => (self.packet.clone(), load.burst),
        };
        let mut taken = 0;
        for _ in 0..times {
            taken += u64::from(match &mut self.sender {
                Sender::Client(client) => client.wire.send(&whole),
                Sender::Peer(socket) => socket.send(&whole).is_ok(),
            });
        }
        if load.joined { taken * load.burst as u64 } else { taken }
    }

    /// The next packet of a wave; older ones are what was thought lost.
    fn receive(&mut self, wave: u32) -> Option<Seen> {
        let mut buffer = [0; 2048];
        let (data, right_address) = match &mut self.receiver {
            Receiver::Client(client) => {
                let length = client.wire.receive(&mut buffer)?;
                (data_of(&buffer[..length])?.to_vec(), true)
            }
            Receiver::Peer { socket, relayed } => {
                let (length, from) = socket.recv_from(&mut buffer).ok()?;
                (buffer[..length].to_vec(), from == *relayed)
            }
        };
        let mut expected = vec![0; self.size];
        fill(&mut expected, self.number, wave);
        let of_us = data.get(..4) == expected.get(..4) && right_address;
        // The number may be that of another wave when one was lost.
        let body = data.len() == self.size && data[8..] == expected[8..];
        Some(match (of_us, body) {
            (false, _) => Seen::Astray,
            (true, false) => Seen::Damaged,
            (true, true) => Seen::Right,
        })
    }
}

/// Data that says whose it is.
fn fill(data: &mut [u8], session: u32, number: u32) {
    data[..4].copy_from_slice(&session.to_be_bytes());
    data[4..8].copy_from_slice(&number.to_be_bytes());
    for (n, byte) in data[8..].iter_mut().enumerate() {
        *byte = (n as u32).wrapping_mul(31).wrapping_add(session) as u8;
    }
}

fn data_of(bytes: &[u8]) -> Option<&[u8]> {
    match ChannelData::parse(bytes) {
        Some(message) => Some(message.data),
        None => Message::parse(bytes).ok()?.first(AttributeType::DATA),
    }
}

fn padding(length: usize) -> usize {
    length.next_multiple_of(4) - length
}

const CHANNEL: u16 = 0x4001;
const WARM_UP: Duration = Duration::from_millis(300);
const MEASURED: Duration = Duration::from_millis(1500);
