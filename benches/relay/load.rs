//! Packets from one client of each session to the other.

use std::collections::VecDeque;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use callbox::pure::stun::{
    AttributeType, ChannelData, ChannelNumber, Class, Method, TransactionId, Writer,
};

use crate::client::Client;
use crate::server::Server;

/// One kind of load.
pub struct Load {
    pub name: &'static str,
    pub sessions: usize,
    /// Bytes of data in each packet.
    pub size: usize,
    /// Packets of one session at a time.
    pub burst: usize,
    /// Sessions that send in one go.
    pub wave: usize,
    /// Waves that are sent before the first of them is listened to.
    pub ahead: usize,
    /// Between waves.
    pub pause: Duration,
    pub indications: bool,
}

pub struct Outcome {
    pub lost: u64,
    delivered: u64,
    cpu: Duration,
}

impl Outcome {
    pub fn micros_per_packet(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.delivered as f64
    }
}

struct Session {
    sender: UdpSocket,
    receiver: UdpSocket,
    packet: Vec<u8>,
}

impl Load {
    pub fn run(&self, server: &Server) -> Outcome {
        let sessions: Vec<_> = (0..self.sessions).map(|n| self.session(server, n)).collect();
        self.drive(&sessions, WARM_UP);
        let before = server.cpu();
        let (delivered, lost) = self.drive(&sessions, MEASURED);
        Outcome { lost, delivered, cpu: server.cpu() - before }
    }

    fn session(&self, server: &Server, n: usize) -> Session {
        let mut sender = Client::new(server.address, server.credentials(n, 1));
        let mut receiver = Client::new(server.address, server.credentials(n, 2));
        let (from, to) = (sender.allocate(), receiver.allocate());
        let data = vec![0xA5; self.size];
        let packet = if self.indications {
            sender.permit(to);
            receiver.permit(from);
            Writer::new(Class::Indication, Method::SEND, TransactionId([1; 12]))
                .xor_address(AttributeType::XOR_PEER_ADDRESS, to)
                .attribute(AttributeType::DATA, &data)
                .finish()
        } else {
            sender.bind(0x4001, to);
            receiver.bind(0x4001, from);
            let number = ChannelNumber::new(0x4001).expect("in range");
            [&ChannelData::header(number, self.size as u16)[..], &data].concat()
        };
        Session { sender: sender.socket, receiver: receiver.socket, packet }
    }

    /// Sends wave after wave; gives how many packets arrived and how many
    /// did not.
    fn drive(&self, sessions: &[Session], time: Duration) -> (u64, u64) {
        let end = Instant::now() + time;
        let mut waves = sessions.chunks(self.wave).cycle();
        let mut under_way = VecDeque::new();
        let (mut delivered, mut sent) = (0, 0);
        let mut due = Instant::now();
        while Instant::now() < end {
            let wave = waves.next().expect("it never ends");
            for session in wave {
                for _ in 0..self.burst {
                    sent += u64::from(session.sender.send(&session.packet).is_ok());
                }
            }
            under_way.push_back(wave);
            if under_way.len() > self.ahead {
                delivered += under_way.pop_front().map_or(0, |wave| self.collect(wave));
            }
            due += self.pause;
            while Instant::now() < due {
                std::hint::spin_loop();
            }
        }
        delivered += under_way.into_iter().map(|wave| self.collect(wave)).sum::<u64>();
        (delivered, sent - delivered)
    }

    fn collect(&self, wave: &[Session]) -> u64 {
        let mut buffer = [0; 2048];
        let mut count = 0;
        for session in wave {
            for _ in 0..self.burst {
                match session.receiver.recv(&mut buffer) {
                    Ok(length) => {
                        assert!(length >= self.size, "whole packets");
                        count += 1;
                    }
                    Err(_) => break,
                }
            }
        }
        count
    }
}

const WARM_UP: Duration = Duration::from_millis(300);
const MEASURED: Duration = Duration::from_millis(1500);
