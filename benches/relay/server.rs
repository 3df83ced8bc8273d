//! The servers, and what they spend.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use callbox::pure::auth::relay::Keys;
use callbox::pure::turn::{Limits, Network};
use callbox::relay::{self, Face, Mode, Sockets};

use crate::client::plain;
use crate::floor;
use crate::process::Process;

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Coturn,
    /// Ours with sockets.
    Open,
    /// Ours with virtual addresses.
    Closed,
    /// No TURN at all.
    Floor,
}

/// A running server; one that was started here is killed when dropped.
pub struct Server {
    child: Option<Child>,
    /// Whose time is measured, if it is known.
    process: Option<u32>,
    pub kind: Kind,
    pub address: SocketAddr,
    tls: Option<SocketAddr>,
    credentials: (String, String),
    _folder: Option<tempfile::TempDir>,
}

impl Server {
    pub fn start(kind: Kind) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (child, address, tls) = match kind {
            Kind::Coturn => coturn(folder.path()),
            Kind::Open => callbox("open", folder.path()),
            Kind::Closed => callbox("closed", folder.path()),
            Kind::Floor => callbox("floor", folder.path()),
        };
        // The clients are on the other.
        Process(child.id()).pin_to_core(0);
        Self {
            process: Some(child.id()),
            child: Some(child),
            kind,
            address,
            tls: Some(tls),
            credentials: ("u".to_owned(), "p".to_owned()),
            _folder: Some(folder),
        }
    }

    /// One that is there already, with credentials that are good for all.
    pub fn given(address: SocketAddr, credentials: (String, String), process: Option<u32>) -> Self {
        let kind = Kind::Open;
        Self { child: None, process, kind, address, tls: None, credentials, _folder: None }
    }

    pub fn credentials(&self) -> (String, String) {
        self.credentials.clone()
    }

    /// A peer's socket. Where a server listens nobody is sent to, whatever the protocol.
    pub fn peer(&self) -> UdpSocket {
        let taken = [self.address.port(), self.tls().port()];
        loop {
            let socket = plain();
            if !taken.contains(&socket.local_addr().expect("bound").port()) {
                return socket;
            }
        }
    }

    /// Where it speaks TLS; one that was given does so where it speaks TCP.
    pub fn tls(&self) -> SocketAddr {
        self.tls.unwrap_or(self.address)
    }

    /// CPU time spent until now, by the scheduler's account, of all threads.
    pub fn cpu(&self) -> Option<Duration> {
        Some(Process(self.process?).cpu_of_threads())
    }

    /// Memory that it holds, in bytes.
    pub fn memory(&self) -> Option<u64> {
        Some((Process(self.process?).resident_kb() * 1024.0) as u64)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Starts coturn; now and then its port is taken between choosing and binding.
fn coturn(folder: &Path) -> (Child, SocketAddr, SocketAddr) {
    let started = (0..3).find_map(|_| try_coturn(folder));
    started.expect("turnserver answers")
}

fn try_coturn(folder: &Path) -> Option<(Child, SocketAddr, SocketAddr)> {
    let free = || {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        socket.local_addr().expect("bound")
    };
    let (address, tls) = (free(), free());
    let file = |name: &str| folder.join(name).display().to_string();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("one");
    fs::write(file("cert"), made.cert.pem()).expect("the folder is ours");
    fs::write(file("key"), made.signing_key.serialize_pem()).expect("the folder is ours");
    let mut child = Command::new("turnserver")
        .args(["-n", "--no-cli", "-L", "127.0.0.1", "-E", "127.0.0.1"])
        .args(["-p", &address.port().to_string(), "--allow-loopback-peers"])
        .args(["--tls-listening-port", &tls.port().to_string()])
        .args(["--cert", &file("cert"), "--pkey", &file("key")])
        .args(["-a", "-u", "u:p", "-r", "r", "--no-dtls", "-m", "1"])
        .args(["--min-port", "20000", "--max-port", "65000"])
        .args(["--pidfile", &file("pid"), "--userdb", &file("db"), "--log-file", &file("log")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("turnserver starts");
    if answers(address) {
        return Some((child, address, tls));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

/// Whether a server answers Binding requests within a few seconds.
fn answers(address: SocketAddr) -> bool {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    socket.set_read_timeout(Some(Duration::from_millis(50))).expect("a timeout");
    let binding = [&[0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42][..], &[1; 12]].concat();
    (0..100).any(|_| {
        let _ = socket.send_to(&binding, address);
        socket.recv(&mut [0; 200]).is_ok()
    })
}

fn callbox(mode: &str, folder: &Path) -> (Child, SocketAddr, SocketAddr) {
    let own = std::env::current_exe().expect("our own file");
    let mut child = Command::new(own)
        .env(CHILD, mode)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut address = || {
        let line = lines.next().expect("it says where").expect("text");
        line.parse().expect("an address")
    };
    let (udp, tls) = (address(), address());
    (child, udp, tls)
}

/// The mode of the child that this is, if it is one.
pub fn child_mode() -> Option<String> {
    std::env::var(CHILD).ok()
}

/// The child: our relay, until the parent has gone.
pub fn serve(mode: &str) {
    if mode == "floor" {
        return floor::serve().expect("it forwards");
    }
    let endless = u64::MAX / 1000;
    let limits = Limits {
        allocations: 100_000,
        allocations_per_session: 100_000,
        allocations_per_ip: 100_000,
        unauthenticated_replies: 1_000_000,
        allocation_rate: endless,
        session_rate: endless,
        total_rate: endless,
        ..Limits::default()
    };
    let localhost = Face { here: Ipv4Addr::LOCALHOST, outside: Ipv4Addr::LOCALHOST };
    let sockets = Sockets {
        ipv4: Some(localhost),
        ipv6: None,
        ports: 20_000..=65_000,
        allow: Network::new(Ipv4Addr::LOCALHOST.into(), 8).into_iter().collect(),
        deny: Vec::new(),
        own: Vec::new(),
        listening: Vec::new(),
    };
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let names = callbox::pure::lan::Names::of(["localhost"]);
    let local = callbox::tls::Local::open(Path::new("."), &names, callbox::http::now());
    let resolver = callbox::tls::Resolver::new(local.expect("the folder is ours").key());
    let any = vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))];
    let usual = relay::Config::default();
    let config = relay::Config {
        udp: any.clone(),
        tls: any,
        tls_config: Some(callbox::tls::server_config(resolver).expect("ring has all it takes")),
        mode: if mode == "open" { Mode::Open(sockets) } else { Mode::Closed },
        users: HashMap::from([("u".to_owned(), "p".to_owned())]),
        limits,
        coalesce: number("COALESCE_US").map_or(usual.coalesce, Duration::from_micros),
        connect: number("CONNECT") != Some(0),
        // It has one core.
        workers: number("WORKERS").unwrap_or(1) as usize,
        streams_per_ip: 4096,
        ..usual
    };
    let (_keep, revocations) = tokio::sync::mpsc::unbounded_channel();
    let keys = tokio::sync::watch::channel(Keys::new(&[7; 32], None)).1;
    let relay = relay::start(config, keys, revocations).expect("free ports");
    println!("{}\n{}", relay.udp[0], relay.tls[0]);
    let _ = std::io::stdin().read(&mut [0]);
}

pub fn coturn_is_there() -> bool {
    Command::new("turnserver").arg("--version").output().is_ok()
}

const CHILD: &str = "CALLBOX_RELAY_BENCH_CHILD";
