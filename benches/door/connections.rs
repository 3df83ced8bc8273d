//! What an open connection holds while nothing is said.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

use crate::client::{Tls, ask, connect, somebody};
use crate::doors::{Door, House, Kind, Place};
use crate::process::Process;
use crate::rounds::{in_turns, median};
use crate::{CONNECTIONS, KINDS, load, medians, ratio, servers};

/// How far a connection got before it fell silent.
#[derive(Debug, Clone, Copy)]
enum Silent {
    /// The handshake is all there was.
    AtOnce,
    /// After one answer, over HTTP/1.1.
    Answered,
    /// After the settings of both, over HTTP/2.
    Http2,
}

pub fn compare(house: &House, rounds: usize) {
    crate::pin();
    println!(
        "| {COUNT} idle connections over TLS, KB each | Callbox | nginx | ratio |\n|---|---|---|---|"
    );
    for (name, silent) in [
        ("nothing said yet", Silent::AtOnce),
        ("HTTP/1.1 after an answer", Silent::Answered),
        ("HTTP/2", Silent::Http2),
    ] {
        let each = in_turns(rounds, &KINDS, |kind| measure(house, kind, silent));
        let [ours, theirs] = medians(&each, |each| *each);
        println!("| {name} | {ours:.1} | {theirs:.1} | {:.2} |", ratio(&each, |each| *each));
    }
}

/// WebSockets after their hello; nginx has nothing like it, the bench of the hub has another peer.
pub fn signed_in(_: &House, rounds: usize) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let each = (0..rounds).map(|_| runtime.block_on(measure_signed_in())).collect();
    println!(
        "| {CONNECTIONS} idle WebSockets over TLS, signed in | Callbox | aim |\n|---|---|---|"
    );
    println!("| KB each | {:.1} | <= 30 |", median(each));
}

/// In kilobytes for each. On a busy machine the first may be shown out before the last has come: then once more.
fn measure(house: &House, kind: Kind, silent: Silent) -> f64 {
    (0..5).find_map(|_| try_to_measure(house, kind, silent)).expect("the machine is not that slow")
}

fn try_to_measure(house: &House, kind: Kind, silent: Silent) -> Option<f64> {
    let room = house.room();
    let door = house.open(kind, Place::OneCore, room.path());
    // What is made once is not any connection's.
    let warm = open(&door, silent, 1);
    let before = door.memory_kb();
    let connections = open(&door, silent, COUNT);
    // They may be silent for ten seconds.
    door.settle(Duration::from_millis(300));
    let each = (door.memory_kb() - before) / COUNT as f64;
    warm.iter().chain(&connections).all(is_open).then_some(each)
}

async fn measure_signed_in() -> f64 {
    let server = servers::start(servers::Kind::Callbox).await;
    let process: Process = server.process();
    let _warm = load::connect(&server, 0..1).await;
    let before = process.memory_kb();
    let _connections = load::connect(&server, 1..CONNECTIONS).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    (process.memory_kb() - before) / (CONNECTIONS - 1) as f64
}

fn open(door: &Door, silent: Silent, count: usize) -> Vec<Tls> {
    let person = somebody(if matches!(silent, Silent::Http2) { "h2" } else { "http/1.1" }, false);
    let one = |_| {
        let mut stream = connect(door.tls, &person).expect("a handshake");
        match silent {
            Silent::AtOnce => Ok(()),
            Silent::Answered => ask(&mut stream),
            Silent::Http2 => greet(&mut stream),
        }
        .expect("an answer");
        stream
    };
    (0..count).map(one).collect()
}

/// Settings without a word from both sides, each confirmed (RFC 9113 section 3.4).
fn greet(stream: &mut Tls) -> io::Result<()> {
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")?;
    stream.write_all(SETTINGS_CONFIRMED)?;
    stream.flush()?;
    let (mut said, mut buffer) = (Vec::new(), [0; 1024]);
    while !said.windows(SETTINGS_CONFIRMED.len()).any(|frame| frame == SETTINGS_CONFIRMED) {
        match stream.read(&mut buffer)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            count => said.extend_from_slice(&buffer[..count]),
        }
    }
    Ok(())
}

fn is_open(stream: &Tls) -> bool {
    stream.sock.set_nonblocking(true).expect("an option");
    // Tickets may lie there unread; the end would show behind them.
    let mut socket = &stream.sock;
    loop {
        match socket.read(&mut [0; 4096]) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
    }
}

const COUNT: usize = 2_000;
const SETTINGS_CONFIRMED: &[u8] = b"\0\0\0\x04\x01\0\0\0\0";
