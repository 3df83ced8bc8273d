//! Whether requests fail while the server is restarted: ours with its socket kept by a service manager, which this
//! program plays; nginx reloads by itself.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Pid, Signal, kill_process};

use crate::client::{ask, connect, somebody};
use crate::doors::{Door, House, Kind, Place};
use crate::rounds::in_turns;
use crate::{KINDS, medians};

/// What became of the requests.
struct Outcome {
    requests: usize,
    failed: usize,
    /// The longest that one had to wait, in milliseconds.
    longest: f64,
}

pub fn compare(house: &House, rounds: usize) {
    let outcomes = in_turns(rounds, &KINDS, |kind| match kind {
        Kind::Callbox => restart(house),
        Kind::Nginx => reload(house),
    });
    let sum = |kind: usize, what: fn(&Outcome) -> usize| -> usize {
        outcomes.iter().map(|round| what(&round[kind])).sum()
    };
    let (failed, all) = (|outcome: &Outcome| outcome.failed, |outcome: &Outcome| outcome.requests);
    println!(
        "| {RESTARTS} restarts in a round | Callbox | nginx, reloaded | aim |\n|---|---|---|---|"
    );
    println!(
        "| requests over TLS, each on its own connection | {} | {} | |",
        sum(0, all),
        sum(1, all)
    );
    println!("| failed | {} | {} | 0 |", sum(0, failed), sum(1, failed));
    let [ours, theirs] = medians(&outcomes, |outcome| outcome.longest);
    println!("| the longest wait for an answer, ms | {ours:.0} | {theirs:.0} | |");
}

fn restart(house: &House) -> Outcome {
    let room = house.room();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    // Given on to the servers, as a manager gives it on.
    fcntl_setfd(&listener, FdFlags::empty()).expect("an option");
    let mut server = activate(house, &listener, room.path());
    let outcome = hammer(listener.local_addr().expect("bound"), || {
        kill_process(Pid::from_child(&server), Signal::TERM).expect("it runs");
        let status = server.wait().expect("it is ours");
        assert!(status.success(), "it ended as it was asked to");
        server = activate(house, &listener, room.path());
    });
    let _ = server.kill();
    let _ = server.wait();
    outcome
}

/// Starts the server as systemd does, with this socket as its third descriptor.
fn activate(house: &House, listener: &TcpListener, room: &Path) -> Child {
    let script = format!(
        "exec 3<&{}; export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web; exec \"$0\" \"$@\"",
        listener.as_raw_fd()
    );
    let mut command = Command::new("bash");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_callbox"), "serve"]);
    house.settings(&mut command, room);
    let output = command.stdout(Stdio::null()).stderr(Stdio::null());
    output.spawn().expect("the program starts")
}

fn reload(house: &House) -> Outcome {
    let room = house.room();
    let door = house.open(Kind::Nginx, Place::Anywhere, room.path());
    hammer(door.tls, || {
        let before = workers(&door);
        door.signal(Signal::HUP);
        // Until the old ones have gone and new ones are there.
        while workers(&door).is_empty() || workers(&door).iter().any(|one| before.contains(one)) {
            sleep(Duration::from_millis(1));
        }
    })
}

fn workers(door: &Door) -> Vec<u32> {
    door.processes().into_iter().skip(1).map(|process| process.0).collect()
}

/// Requests by several clients without a pause, while the server is restarted.
fn hammer(address: SocketAddr, mut restart: impl FnMut()) -> Outcome {
    let (over, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (over, answered) = (Arc::clone(&over), Arc::clone(&answered));
            thread::spawn(move || request(address, &over, &answered))
        })
        .collect();
    // More answers than there were connections waiting, so the server of this moment gives them.
    let served = |more: usize| {
        let goal = answered.load(Ordering::Relaxed) + more;
        while answered.load(Ordering::Relaxed) < goal {
            sleep(Duration::from_millis(1));
        }
    };
    for _ in 0..RESTARTS {
        served(BETWEEN);
        restart();
    }
    served(BETWEEN);
    over.store(true, Ordering::Relaxed);
    let results = clients.into_iter().map(|client| client.join().expect("no fault"));
    let (failed, longest) = results
        .fold((0, Duration::ZERO), |sum, (failed, longest)| (sum.0 + failed, sum.1.max(longest)));
    let requests = answered.load(Ordering::Relaxed) + failed;
    Outcome { requests, failed, longest: longest.as_secs_f64() * 1e3 }
}

/// One client: how many of its requests failed, and the longest that took.
fn request(address: SocketAddr, over: &AtomicBool, answered: &AtomicUsize) -> (usize, Duration) {
    let person = somebody("http/1.1", true);
    let (mut failed, mut longest) = (0, Duration::ZERO);
    while !over.load(Ordering::Relaxed) {
        let begun = Instant::now();
        match connect(address, &person).and_then(|mut stream| ask(&mut stream)) {
            Ok(()) => {
                answered.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                eprintln!("a request failed: {error}");
                failed += 1;
            }
        }
        longest = longest.max(begun.elapsed());
    }
    (failed, longest)
}

const CLIENTS: usize = 4;
const RESTARTS: usize = 3;
const BETWEEN: usize = 200;
