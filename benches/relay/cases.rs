//! The kinds of load that are compared, each with our goal.

use std::time::Duration;

use crate::load::{Load, Way};

/// All of them.
pub fn cases() -> Vec<Load> {
    let mut cases = Vec::new();
    for (sessions, size) in [(100, 160), (500, 160), (100, 1100), (500, 1100)] {
        cases.push(scattered(Way::ToPeer, sessions, size));
        cases.push(scattered(Way::FromPeer, sessions, size));
    }
    cases.extend([
        Load { sessions: 10, wave: 10, most: 0.55, name: "10 busy, 160 B, to", ..BASE },
        burst("bursts 8 x 1100 B, to", Way::ToPeer, false, 0.50),
        burst("bursts 8 x 1100 B, from", Way::FromPeer, false, 0.50),
        burst("bursts 8 x 1100 B put together, to", Way::ToPeer, true, 0.35),
        burst("bursts 8 x 1100 B put together, from", Way::FromPeer, true, 0.35),
        moderate("20,000/s, 160 B, to", Way::ToPeer, 50),
        moderate("20,000/s, 160 B, from", Way::FromPeer, 50),
        moderate("50,000/s, 160 B, to", Way::ToPeer, 20),
        moderate("100,000/s, 160 B, to", Way::ToPeer, 10),
        Load {
            name: "50,000/s in clumps of 1 ms, 160 B, to",
            wave: 50,
            pause: Duration::from_millis(1),
            most: 0.85,
            ..BASE
        },
        Load {
            name: "indications, 10 x 160 B, to",
            sessions: 10,
            wave: 10,
            indications: true,
            most: 0.60,
            ..BASE
        },
        Load {
            name: "indications, 10 x 160 B, from",
            way: Way::FromPeer,
            sessions: 10,
            wave: 10,
            indications: true,
            most: 0.80,
            ..BASE
        },
        Load { name: "relay to relay, 160 B", way: Way::Across, most: 0.40, ..BASE },
        Load {
            name: "TLS leg, 1100 B, to",
            tls: true,
            sessions: 20,
            size: 1100,
            wave: 20,
            most: 0.40,
            ..BASE
        },
        Load {
            name: "TLS leg, 1100 B, from",
            way: Way::FromPeer,
            tls: true,
            sessions: 20,
            size: 1100,
            wave: 20,
            most: 0.40,
            ..BASE
        },
    ]);
    cases
}

fn scattered(way: Way, sessions: usize, size: usize) -> Load {
    let name = match (way, sessions, size) {
        (Way::FromPeer, 100, 160) => "scattered, 100 x 160 B, from",
        (Way::FromPeer, 500, 160) => "scattered, 500 x 160 B, from",
        (Way::FromPeer, 100, _) => "scattered, 100 x 1100 B, from",
        (Way::FromPeer, ..) => "scattered, 500 x 1100 B, from",
        (_, 100, 160) => "scattered, 100 x 160 B, to",
        (_, 500, 160) => "scattered, 500 x 160 B, to",
        (_, 100, _) => "scattered, 100 x 1100 B, to",
        _ => "scattered, 500 x 1100 B, to",
    };
    Load { name, way, sessions, size, ..BASE }
}

fn burst(name: &'static str, way: Way, joined: bool, most: f64) -> Load {
    Load { name, way, size: 1100, burst: 8, joined, wave: 10, most, ..BASE }
}

/// So many at fixed times, whether or not those before have come.
fn moderate(name: &'static str, way: Way, micros: u64) -> Load {
    let pause = Duration::from_micros(micros);
    Load { name, way, wave: 1, window: 2000, pause, most: 0.60, ..BASE }
}

/// As much as goes, from one session after the other.
const BASE: Load = Load {
    name: "",
    way: Way::ToPeer,
    tls: false,
    sessions: 100,
    size: 160,
    burst: 1,
    joined: false,
    wave: 50,
    window: 256,
    pause: Duration::ZERO,
    indications: false,
    most: 0.80,
};
