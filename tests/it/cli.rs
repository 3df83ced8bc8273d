//! The command line, as people use and misuse it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

use super::server::{Server, callbox};

struct Said {
    good: bool,
    out: String,
    err: String,
}

fn run(command: &mut Command) -> Said {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { good: status.success(), out: text(stdout), err: text(stderr) }
}

#[test]
fn it_says_its_version() {
    let said = run(callbox().arg("version"));
    assert!(said.good);
    assert_eq!(said.out, concat!("callbox ", env!("CARGO_PKG_VERSION"), "\n"));
}

/// E24: whoever has the list can tell whether a server gives out what was published.
#[tokio::test]
async fn e24_the_server_gives_out_exactly_the_client_of_the_list() {
    let said = run(callbox().arg("client"));
    assert!(said.good);
    let list: Vec<_> = said.out.lines().map(|line| line.split_once("  ").unwrap()).collect();
    let running = Server::start();
    let mut server = running.browser();
    let hash = |bytes: &[u8]| -> String {
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    for &(told, name) in &list {
        let answer = server.get(&format!("/{name}")).await;
        assert_eq!((answer.status, hash(&answer.body).as_str()), (200, told), "{name}");
    }
    let page = server.get("/").await;
    assert!(list.contains(&(hash(&page.body).as_str(), "index.html")));

    // It is all that was embedded; what is compressed is the same file, and not in the list.
    let mut embedded = Vec::new();
    let mut folders = vec![PathBuf::from(env!("EMBEDDED_WEB"))];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match entry.extension().and_then(|ending| ending.to_str()) {
                _ if entry.is_dir() => folders.push(entry),
                Some("br" | "gz" | "map") => {}
                _ => embedded.push(entry),
            }
        }
    }
    assert_eq!(list.len(), embedded.len());
    for file in embedded {
        let name = file.strip_prefix(env!("EMBEDDED_WEB")).unwrap().to_str().unwrap();
        assert!(list.contains(&(hash(&fs::read(&file).unwrap()).as_str(), name)), "{name}");
    }
}

#[test]
fn unknown_settings_are_refused_with_the_nearest() {
    let said = run(callbox().args(["serve", "--turn-lisen", "x"]));
    assert!(!said.good && said.err.contains("--turn-listen"), "{}", said.err);
    let said = run(callbox().args(["config", "check"]).env("CALLBOX_LISEN", "x"));
    assert!(!said.good && said.err.contains("did you mean CALLBOX_LISTEN?"), "{}", said.err);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("callbox.toml");
    fs::write(&file, "domian = 'chat.example'\n").unwrap();
    let said = run(callbox().args(["config", "check", "--config"]).arg(&file));
    assert!(!said.good && said.err.contains("did you mean domain?"), "{}", said.err);
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("callbox.toml");
    fs::write(&file, "data = 'file'\nlisten = '127.0.0.1:1'\nturn_listen = '127.0.0.1:2'\n")
        .unwrap();
    let mut check = callbox();
    check.args(["config", "check", "--listen", "127.0.0.1:11"]);
    check.env("CALLBOX_CONFIG", &file).env("CALLBOX_LISTEN", "127.0.0.1:12");
    check.env("CALLBOX_TURN_LISTEN", "127.0.0.1:13");
    let said = run(&mut check);
    assert!(said.good, "{}", said.err);
    for line in ["127.0.0.1:11", "127.0.0.1:13", "file"] {
        assert!(said.out.contains(line), "{}", said.out);
    }
}

#[test]
fn the_example_passes_its_own_check() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("callbox.toml");
    let example = run(callbox().args(["config", "example"])).out;
    let active: String = example
        .lines()
        .map(|line| line.strip_prefix('#').filter(|line| !line.starts_with(' ')).unwrap_or(""))
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(&file, active).unwrap();
    let said = run(callbox().args(["config", "check", "--config"]).arg(&file));
    assert!(said.good, "{}", said.err);
    assert!(said.out.contains("*:3001") && said.out.contains("chat.example.org"), "{}", said.out);
}

#[tokio::test]
async fn what_hinders_a_start_is_said() {
    let server = Server::start();
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let start = |listen: &str, data: &std::path::Path, more: &[&str]| {
        let mut command = callbox();
        command.args(["serve", "--turn-listen", "127.0.0.1:0", "--listen", listen, "--data"]);
        run(command.arg(data).args(more))
    };
    let said = start(&server.address.to_string(), &data, &[]);
    assert!(!said.good && said.err.contains("another program uses this port"), "{}", said.err);
    let said = start("127.0.0.1:0", &server.data(), &[]);
    assert!(!said.good && said.err.contains("another callbox is using"), "{}", said.err);
    let said = start("203.0.113.9:3001", &data, &[]);
    assert!(!said.good && said.err.contains("does not have that address"), "{}", said.err);
    fs::write(directory.path().join("file"), "").unwrap();
    let said = start("127.0.0.1:0", &directory.path().join("file"), &[]);
    assert!(!said.good && said.err.contains("choose another with --data"), "{}", said.err);
    let said = start("127.0.0.1:0", &data, &["--log", "callbox=loud"]);
    assert!(!said.good && said.err.contains("the setting log"), "{}", said.err);
    let said = start("nowhere", &data, &[]);
    assert!(!said.good && said.err.contains("ADDRESS:PORT"), "{}", said.err);
}

#[tokio::test]
async fn h92_the_data_is_for_its_owner_only() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    let server = Server::on(directory, &[]);
    server.owner().await;
    let mut queue = vec![server.data()];
    let mut seen = 0;
    while let Some(path) = queue.pop() {
        let metadata = fs::symlink_metadata(&path).unwrap();
        let mode = metadata.permissions().mode() & 0o777;
        assert_eq!(mode, if metadata.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        seen += 1;
        if metadata.is_dir() {
            queue.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    assert!(seen > 6);
    let ready = fs::metadata(server.directory.path().join("ready.json")).unwrap();
    assert_eq!(ready.permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn the_ready_file_says_where_to_go() {
    let server = Server::start();
    let port = server.address.port();
    assert_eq!(server.ready["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(server.ready["urls"], serde_json::json!([format!("http://localhost:{port}/")]));
    for kind in ["udp", "tcp", "tls"] {
        let address: std::net::SocketAddr =
            server.ready["turn"][kind][0].as_str().unwrap().parse().unwrap();
        assert_ne!(address.port(), 0, "{kind}");
    }
    let start = format!("http://localhost:{port}/setup#");
    assert!(server.ready["setup_url"].as_str().unwrap().starts_with(&start));
}
