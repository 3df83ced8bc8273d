//! The two front doors: this program and nginx, with the same certificate.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Signal, getrlimit, kill_process, setrlimit};
use tempfile::TempDir;

use crate::process::Process;

/// Which front door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Callbox,
    Nginx,
}

/// Where it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Wherever the scheduler likes.
    Anywhere,
    /// On the core that the clients leave alone.
    OneCore,
}

/// What both share: the certificate, and where the folders of each are.
pub struct House {
    folder: TempDir,
    certificate: PathBuf,
    key: PathBuf,
}

/// A running server, stopped when dropped.
pub struct Door {
    kind: Kind,
    child: Child,
    /// For HTTPS.
    pub tls: SocketAddr,
    /// For plain HTTP.
    pub plain: SocketAddr,
    /// From its start until it was ready.
    pub ready_after: Duration,
}

impl House {
    /// Makes the certificate, and room for many connections.
    pub fn build() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        // ECDSA with P-256, and SHA-256.
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("one");
        let write = |file, text: String| callbox::private_file::write(file, text.as_bytes());
        write(&certificate, made.cert.pem()).expect("the folder is ours");
        write(&key, made.signing_key.serialize_pem()).expect("the folder is ours");
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        setrlimit(Resource::Nofile, limit).expect("up to the hard limit");
        Self { folder, certificate, key }
    }

    /// A folder for one server, which may be used again after it.
    pub fn room(&self) -> TempDir {
        tempfile::tempdir_in(self.folder.path()).expect("the folder is ours")
    }

    /// Starts one in its folder, and waits until it is ready.
    pub fn open(&self, kind: Kind, place: Place, room: &Path) -> Door {
        // Now and then a port is taken between choosing and binding.
        (0..3).find_map(|_| self.try_open(kind, place, room)).expect("it becomes ready")
    }

    fn try_open(&self, kind: Kind, place: Place, room: &Path) -> Option<Door> {
        let (plain, tls) = (free_port(), free_port());
        let program = match kind {
            Kind::Callbox => env!("CARGO_BIN_EXE_callbox"),
            Kind::Nginx => "nginx",
        };
        let mut command = match place {
            Place::Anywhere => Command::new(program),
            Place::OneCore => {
                let mut command = Command::new("taskset");
                command.args(["-c", "0", program]);
                command
            }
        };
        // It has one port for everything.
        let tls = if kind == Kind::Callbox { plain } else { tls };
        match kind {
            Kind::Callbox => self.callbox(&mut command, plain, room),
            Kind::Nginx => self.nginx(&mut command, plain, tls, room),
        };
        let begun = Instant::now();
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.expect("the program starts");
        let mut door = Door { kind, child, tls, plain, ready_after: Duration::ZERO };
        while !door.is_ready() {
            if door.child.try_wait().expect("it is ours").is_some() || begun.elapsed() > PATIENCE {
                return None;
            }
            sleep(Duration::from_micros(200));
        }
        door.ready_after = begun.elapsed();
        Some(door)
    }

    fn callbox(&self, command: &mut Command, address: SocketAddr, room: &Path) {
        command.args(["serve", "--listen", &address.to_string()]);
        self.settings(command, room);
    }

    /// The settings of this program, without where it listens.
    pub fn settings(&self, command: &mut Command, room: &Path) {
        command.args(["--turn-listen", "127.0.0.1:0", "--data"]).arg(room.join("data"));
        command.arg("--tls-cert").arg(&self.certificate).arg("--tls-key").arg(&self.key);
    }

    fn nginx(&self, command: &mut Command, plain: SocketAddr, tls: SocketAddr, room: &Path) {
        let file = room.join("nginx.conf");
        let (at, cert, key) = (room.display(), self.certificate.display(), self.key.display());
        let bodies: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|what| format!("{what}_temp_path {at}/{what};\n"))
            .concat();
        let config = format!(
            "daemon off;\npid {at}/pid;\nerror_log /dev/null crit;\nworker_processes 1;\n\
             worker_rlimit_nofile 16384;\nevents {{ worker_connections 8192; }}\n\
             http {{\naccess_log off;\n{bodies}\
             ssl_certificate {cert};\nssl_certificate_key {key};\n\
             ssl_protocols TLSv1.2 TLSv1.3;\nssl_session_cache shared:tls:10m;\n\
             server {{\nlisten {plain} backlog=1024;\nlisten {tls} ssl http2 backlog=1024;\n\
             default_type text/plain;\nlocation / {{ return 200 \"ok\\n\"; }}\n}}\n}}\n"
        );
        fs::write(&file, config).expect("the folder is ours");
        // Without this it begins with its log where it was installed.
        command.args(["-e", "/dev/null", "-p"]).arg(room).arg("-c").arg(file);
    }
}

impl Door {
    /// All the processes that it consists of.
    pub fn processes(&self) -> Vec<Process> {
        let first = Process(self.child.id());
        [vec![first], first.children()].concat()
    }

    /// CPU time of all of them.
    pub fn cpu(&self) -> Duration {
        self.processes().into_iter().map(Process::cpu_of_threads).sum()
    }

    /// Memory of all of them, of what they share with others only their part.
    pub fn memory_kb(&self) -> f64 {
        self.processes().into_iter().map(Process::memory_kb).sum()
    }

    /// Memory of all of them as `ps` shows it.
    pub fn resident_kb(&self) -> f64 {
        self.processes().into_iter().map(Process::resident_kb).sum()
    }

    /// Waits until its CPU time stands still for so long.
    pub fn settle(&self, still: Duration) {
        let (mut cpu, mut since) = (self.cpu(), Instant::now());
        while since.elapsed() < still {
            sleep(Duration::from_millis(20));
            let now = self.cpu();
            // Timers go off now and then and cost next to nothing.
            if now - cpu > Duration::from_millis(1) {
                (cpu, since) = (now, Instant::now());
            }
        }
    }

    /// Asks it for something.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// Ends it as a service manager would.
    pub fn close(mut self) {
        self.signal(Signal::TERM);
        self.child.wait().expect("it ends");
    }

    /// Whether it takes new work, as it says itself over plain HTTP.
    fn is_ready(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(self.plain) else { return false };
        let request = "GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        let mut answer = String::new();
        let answered = stream.write_all(request.as_bytes());
        answered.and_then(|()| stream.read_to_string(&mut answer)).is_ok()
            && answer.starts_with("HTTP/1.1 200")
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // The workers of nginx end only when it is asked to; a server may also have ended by itself.
        let how = if self.kind == Kind::Nginx { Signal::TERM } else { Signal::KILL };
        let _ = kill_process(Pid::from_child(&self.child), how);
        let _ = self.child.wait();
    }
}

pub fn nginx_is_there() -> bool {
    Command::new("nginx").arg("-v").output().is_ok()
}

/// As it calls itself, "nginx/1.22.1".
pub fn nginx_version() -> String {
    let output = Command::new("nginx").arg("-v").output().expect("it is installed");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.trim().rsplit(' ').next().unwrap_or_default().to_owned()
}

fn free_port() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("bound")
}

const PATIENCE: Duration = Duration::from_secs(20);
