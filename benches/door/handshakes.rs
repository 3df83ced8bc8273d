//! What a handshake of TLS 1.3 costs, whole and resumed, and who can resume.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::client::{is_resumed, shake_hands, somebody, terms};
use crate::doors::{Door, House, Kind, Place};
use crate::rounds::in_turns;
use crate::{KINDS, medians, ratio};

/// One way of shaking hands.
struct Cost {
    per_second: f64,
    /// Of the server, in microseconds for each.
    cpu: f64,
}

struct Round {
    whole: Cost,
    resumed: Cost,
    /// The part of those who came back that could resume.
    came_back: f64,
}

pub fn compare(house: &House, rounds: usize) {
    crate::pin();
    let results = in_turns(rounds, &KINDS, |kind| measure(house, kind));
    println!("| handshakes | Callbox | nginx | ratio |\n|---|---|---|---|");
    let whole: fn(&Round) -> &Cost = |round| &round.whole;
    for (name, cost) in [("whole", whole), ("resumed", |round| &round.resumed)] {
        let (rate, cpu) = (|round: &Round| cost(round).per_second, |round: &Round| cost(round).cpu);
        let [ours, theirs] = medians(&results, cpu);
        println!("| {name}, CPU µs each | {ours:.0} | {theirs:.0} | {:.2} |", ratio(&results, cpu));
        let [ours, theirs] = medians(&results, rate);
        println!("| {name}, a second | {ours:.0} | {theirs:.0} | {:.2} |", ratio(&results, rate));
    }
    let [ours, theirs] = medians(&results, |round| round.came_back * 100.0);
    println!("| of {PEOPLE} people who come back resume, % | {ours:.0} | {theirs:.0} | |");
}

fn measure(house: &House, kind: Kind) -> Round {
    let room = house.room();
    let door = house.open(kind, Place::OneCore, room.path());
    let greeted = shake_hands(door.tls, &somebody("http/1.1", false));
    let terms = terms(&greeted);
    assert_eq!(terms, TERMS, "both do the same work");
    Round { whole: cost(&door, false), resumed: cost(&door, true), came_back: come_back(door.tls) }
}

/// As fast as it goes for a while, by several at once.
fn cost(door: &Door, resume: bool) -> Cost {
    let people: Vec<_> = (0..CLIENTS).map(|_| somebody("http/1.1", resume)).collect();
    // The first time nobody can resume.
    people.iter().for_each(|person| drop(shake_hands(door.tls, person)));
    let (begun, cpu, address) = (Instant::now(), door.cpu(), door.tls);
    let clients = people.into_iter().map(|person| {
        thread::spawn(move || {
            let mut count = 0;
            while begun.elapsed() < LENGTH {
                let shaken = shake_hands(address, &person);
                assert_eq!(is_resumed(&shaken), resume, "it is what is measured");
                count += 1;
            }
            count
        })
    });
    let clients: Vec<_> = clients.collect();
    let count: u32 = clients.into_iter().map(|client| client.join().expect("no fault")).sum();
    let (took, used) = (begun.elapsed(), door.cpu() - cpu);
    Cost {
        per_second: f64::from(count) / took.as_secs_f64(),
        cpu: used.as_secs_f64() * 1e6 / f64::from(count),
    }
}

/// Many people connect, then all of them once more: after an interruption, say.
fn come_back(address: SocketAddr) -> f64 {
    let people: Vec<Arc<_>> = (0..PEOPLE).map(|_| somebody("http/1.1", true)).collect();
    people.iter().for_each(|person| drop(shake_hands(address, person)));
    let resumed = people.iter().filter(|person| is_resumed(&shake_hands(address, person)));
    resumed.count() as f64 / PEOPLE as f64
}

const CLIENTS: usize = 4;
const PEOPLE: usize = 1_000;
const LENGTH: Duration = Duration::from_secs(2);
const TERMS: &str = "TLSv1_3, TLS13_AES_256_GCM_SHA384, X25519";
