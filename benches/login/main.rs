//! Whether a login tells by its time if a name exists: the first half of a
//! login, which any stranger may ask for, with names of people and with names
//! of nobody (row H27).
//!
//! `cargo bench --bench login`. Names take turns, over one connection; each
//! name is used a few times only, as the server slows repeated tries down.
//! Prints the medians and Welch's t; below 3 or so there is nothing to see.
//! `CALLBOX_BENCH_SAMPLES` is the number of samples of each kind.
#![allow(clippy::print_stdout, clippy::unwrap_used, dead_code, unreachable_pub)]

#[path = "../../tests/it/e2ee_client/mod.rs"]
mod e2ee_client;
#[path = "../../tests/it/opaque_client.rs"]
mod opaque_client;
#[path = "../../tests/it/store.rs"]
mod store;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use callbox::pure::auth::opaque::Opaque;
use callbox::pure::wire::{Blob, WrapType};
use callbox::store::{NewWrap, Store};
use opaque_client::{Login, Random, Registration};
use store::{done, fresh, member, owner, wrap};

/// Tries with one name before the server asks to wait.
const TRIES: usize = 3;

fn main() {
    let samples = std::env::var("CALLBOX_BENCH_SAMPLES");
    let samples: usize = samples.ok().and_then(|text| text.parse().ok()).unwrap_or(1_000);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let people = samples.div_ceil(TRIES);
    tokio::runtime::Runtime::new().unwrap().block_on(populate(&data, people));
    let ready = folder.path().join("ready.json");
    let mut server = Command::new(env!("CARGO_BIN_EXE_callbox"))
        .args(["serve", "--listen", "127.0.0.1:0", "--turn-listen", "127.0.0.1:0"])
        .args(["--logins-per-minute", "10000", "--data"])
        .arg(&data)
        .arg("--ready-file")
        .arg(&ready)
        .env_remove("CALLBOX_BENCH_SAMPLES")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: serde_json::Value = serde_json::from_slice(&std::fs::read(ready).unwrap()).unwrap();
    let address = ready["listen"][0].as_str().unwrap();

    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_nodelay(true).unwrap();
    let port = connection.peer_addr().unwrap().port();
    let mut times = [Vec::new(), Vec::new()];
    for sample in 0..samples {
        for (kind, called) in ["Person", "Nobody"].into_iter().enumerate() {
            let name = format!("{called} {}", sample % people);
            times[kind].push(ask(&mut connection, port, &name));
        }
    }
    let _ = server.kill();
    let _ = server.wait();
    let [person, nobody] = times.map(Times::of);
    println!("first half of a login, {samples} samples of each, in turns");
    println!("name exists:  median {:.1} µs, mean {:.1}", person.median, person.mean);
    println!("nobody's:     median {:.1} µs, mean {:.1}", nobody.median, nobody.mean);
    let spread = (person.variance + nobody.variance) / samples as f64;
    println!("Welch's t: {:.2}", (person.mean - nobody.mean) / spread.sqrt());
}

/// What a set of times comes to, in microseconds.
struct Times {
    median: f64,
    mean: f64,
    variance: f64,
}

impl Times {
    /// Without the slowest twentieth, which belongs to the machine.
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        times.truncate(times.len() * 19 / 20);
        let count = times.len() as f64;
        let mean = times.iter().sum::<f64>() / count;
        let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Self { median: times[times.len() / 2], mean, variance }
    }
}

/// Asks for the first half of a login, and tells how long the answer took.
fn ask(connection: &mut TcpStream, port: u16, name: &str) -> f64 {
    let request = URL_SAFE_NO_PAD.encode(Login::start("a guess").request);
    let body = serde_json::json!({ "name": name, "request": request }).to_string();
    let head = format!(
        "POST /api/v1/login/start HTTP/1.1\r\nhost: localhost:{port}\r\n\
         origin: http://localhost:{port}\r\nsec-fetch-site: same-origin\r\nx-callbox: 1\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let begun = Instant::now();
    connection.write_all(head.as_bytes()).unwrap();
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let count = connection.read(&mut buffer).unwrap();
        assert!(count > 0, "the server stays");
        answer.extend_from_slice(&buffer[..count]);
        if answer.ends_with(b"}") {
            break;
        }
    }
    let took = begun.elapsed().as_secs_f64() * 1e6;
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    took
}

/// People who could sign in.
async fn populate(data: &Path, people: usize) {
    let store = Store::open(&data.join("callbox.db")).unwrap();
    // The record of some password; nobody gets as far as proving it.
    let record = record();
    let first = owner(&store, "Person 0").await;
    let mut made = vec![first.clone()];
    for n in 1..people {
        made.push(member(&store, &first, &format!("Person {n}")).await);
    }
    for person in made {
        let wrap = NewWrap { wrap: wrap(WrapType::Password), bundle_version: 1 };
        done(store.set_password(person.id, record.clone(), wrap)).await;
    }
}

fn record() -> Blob {
    let opaque = Opaque::new(&Opaque::generate(&mut Random), "bench".to_owned()).unwrap();
    let registration = Registration::start("a password");
    let account = callbox::pure::wire::AccountId::from_bytes(fresh());
    let response = opaque.register(account, &registration.request).unwrap();
    opaque.record(&registration.finish(response.as_ref(), "bench")).unwrap()
}
