//! The two servers, and what they spend.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use callbox::pure::auth::relay::{Grant, Keys};
use callbox::pure::turn::Limits;
use callbox::pure::wire::{CallId, SessionId};
use callbox::relay;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Coturn,
    Callbox,
}

/// A running server; killed when dropped.
pub struct Server {
    kind: Kind,
    child: Child,
    pub address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Server {
    pub fn start(kind: Kind) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (child, address) = match kind {
            Kind::Coturn => coturn(&folder),
            Kind::Callbox => callbox(),
        };
        pin_to_core(child.id(), 0);
        Self { kind, child, address, _folder: folder }
    }

    /// Credentials of one side of a session.
    pub fn credentials(&self, session: usize, side: u8) -> (String, String) {
        match self.kind {
            Kind::Coturn => ("u".to_owned(), "p".to_owned()),
            Kind::Callbox => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
                let mut id = [side; 16];
                id[..8].copy_from_slice(&session.to_be_bytes());
                let (call, session) = (id_of(session), SessionId::from_bytes(id));
                keys().issue(Grant { expires: now.as_secs() + 3600, call, session })
            }
        }
    }

    /// CPU time spent until now, by the kernel's account.
    pub fn cpu(&self) -> Duration {
        let path = format!("/proc/{}/stat", self.child.id());
        let stat = std::fs::read_to_string(path).expect("the server runs");
        // Behind the name, which may hold anything: utime is the 12th field.
        let fields: Vec<_> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        let ticks: u64 = [11, 12].iter().map(|&n| fields[n].parse::<u64>().expect("ticks")).sum();
        Duration::from_millis(ticks * 1000 / TICKS)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts coturn; now and then its port is taken between choosing and binding.
fn coturn(folder: &tempfile::TempDir) -> (Child, SocketAddr) {
    let started = (0..3).find_map(|_| try_coturn(folder));
    started.expect("turnserver answers")
}

fn try_coturn(folder: &tempfile::TempDir) -> Option<(Child, SocketAddr)> {
    let free = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = free.local_addr().expect("bound");
    drop(free);
    let file = |name: &str| folder.path().join(name).display().to_string();
    let mut child = Command::new("turnserver")
        .args(["-n", "--no-cli", "-L", "127.0.0.1", "-E", "127.0.0.1"])
        .args(["-p", &address.port().to_string(), "--allow-loopback-peers"])
        .args(["-a", "-u", "u:p", "-r", "r", "--no-tls", "--no-dtls", "-m", "1"])
        .args(["--min-port", "20000", "--max-port", "65000"])
        .args(["--pidfile", &file("pid"), "--userdb", &file("db"), "--log-file", &file("log")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("turnserver starts");
    if answers(address) {
        return Some((child, address));
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

fn callbox() -> (Child, SocketAddr) {
    let own = std::env::current_exe().expect("our own file");
    let mut child = Command::new(own)
        .env(CHILD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("piped");
    BufReader::new(stdout).read_line(&mut line).expect("it says where");
    (child, line.trim().parse().expect("an address"))
}

pub fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// The child: our relay, until the parent has gone.
pub fn serve() {
    let limits = Limits {
        allocations_per_ip: 100_000,
        unauthenticated_replies: 1_000_000,
        allocation_rate: u64::MAX / 1000,
        session_rate: u64::MAX / 1000,
        total_rate: u64::MAX / 1000,
        ..Limits::default()
    };
    let udp = vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))];
    let config = relay::Config { udp, limits, ..relay::Config::default() };
    let (_keep, revocations) = tokio::sync::mpsc::unbounded_channel();
    let relay = relay::start(config, tokio::sync::watch::channel(keys()).1, revocations)
        .expect("a free port");
    println!("{}", relay.udp[0]);
    let _ = std::io::stdin().read(&mut [0]);
}

pub fn coturn_is_there() -> bool {
    Command::new("turnserver").arg("--version").output().is_ok()
}

/// Keeps the server and the clients from each other's core.
pub fn pin_to_core(process: u32, core: u32) {
    let pinned = Command::new("taskset")
        .args(["-a", "-p", "-c", &core.to_string(), &process.to_string()])
        .output();
    if !pinned.is_ok_and(|output| output.status.success()) {
        println!("taskset failed: the figures will be coarse");
    }
}

fn keys() -> Keys {
    Keys::new(&[7; 32], None)
}

fn id_of(session: usize) -> CallId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&session.to_be_bytes());
    CallId::from_bytes(id)
}

const CHILD: &str = "CALLBOX_RELAY_BENCH_CHILD";
/// Of the kernel's account, per second; the same on every Linux.
const TICKS: u64 = 100;
