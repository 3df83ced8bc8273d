//! The whole server killed while clients send over WebSockets, as in
//! `crash.rs` but seen from outside: every client resumes by its cursors,
//! resends what it has no answer for, and in the end all of them hold the
//! same sequence, with everything acknowledged in it exactly once.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use callbox::store::Store;
use serde_json::Value;

use crate::crash::loops;
use crate::crash_client::{Client, Goal};
use crate::e2ee_client::Pen;
use crate::store::{Person, member, owner, room, signed_in};

const PEOPLE: usize = 8;
const DEVICES: usize = 2;
const ROOMS: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h89_clients_of_a_killed_server_agree_and_miss_nothing() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut clients = populate(&data.path().join("callbox.db")).await;
    for round in 0..loops(5) {
        let server = Server::start(data.path());
        let goal = Arc::new(Goal::new(100 + 130 * (round % 5)));
        let tasks: Vec<_> = clients
            .drain(..)
            .map(|client| tokio::spawn(client.send_until_dead(server.address, goal.clone())))
            .collect();
        goal.reached().await;
        server.kill();
        for task in tasks {
            clients.push(task.await.expect("a client keeps its promises"));
        }
    }
    // The last time, everybody gets to the end of what they have to say, then all there is to hear.
    let server = Server::start(data.path());
    for client in &mut clients {
        client.finish(server.address).await;
    }
    for client in &mut clients {
        client.catch_up(server.address).await;
    }
    let acknowledged: usize = clients.iter().map(|client| client.acknowledged.len()).sum();
    assert!(acknowledged >= loops(5) * 100, "only {acknowledged} were acknowledged");
    for client in &clients {
        client.check(&clients[0].views);
    }
}

/// People with two signed-in devices each, in rooms that all of them are in.
async fn populate(path: &Path) -> Vec<Client> {
    let store = Store::open(path).expect("a new database");
    let mut people = vec![owner(&store, "0").await];
    for n in 1..PEOPLE {
        let person = member(&store, &people[0], &n.to_string()).await;
        people.push(person);
    }
    let mut conversations = vec![people[0].everyone];
    let members: Vec<&Person> = people[1..].iter().collect();
    for _ in 0..ROOMS {
        conversations.push(room(&store, &people[0], "Room", &members).await);
    }
    let epoch = store.directory().await.expect("reads").epoch;
    let mut clients = Vec::new();
    for person in &people {
        for _ in 0..DEVICES {
            let (token, device) = signed_in(&store, person).await;
            let keys = person.keys();
            let pen = |id: &_| {
                let talk = person.talk(*id);
                Pen::new(&talk, keys.account, *device.as_bytes(), &keys.device().key)
            };
            let pens = conversations.iter().map(|id| (*id, pen(id))).collect();
            clients.push(Client::new(token, epoch.clone(), pens));
        }
    }
    clients
}

/// A server process, killed when dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start(data: &Path) -> Self {
        let ready = data.join("ready.json");
        // The server would take settings from what this test is called with.
        let mut process = Command::new(env!("CARGO_BIN_EXE_callbox"))
            .env_clear()
            .args(["serve", "--listen", "127.0.0.1:0", "--turn-listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .arg("--ready-file")
            .arg(&ready)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        // It speaks when it is ready.
        let mut line = String::new();
        let output = process.stdout.take().expect("is piped");
        BufReader::new(output).read_line(&mut line).expect("the pipe reads");
        assert!(line.contains("is running"), "{line}");
        let ready = std::fs::read(&ready).expect("it is ready");
        let ready: Value = serde_json::from_slice(&ready).expect("is JSON");
        let address = ready["listen"][0].as_str().expect("an address").parse().expect("an address");
        Self { process, address }
    }

    pub(crate) fn kill(mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
