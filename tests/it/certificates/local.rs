//! The authority of a server without a public name, and how devices come to trust it.

use std::fs;
use std::net::IpAddr;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use callbox::pure::lan::Names;
use callbox::pure::wire::Millis;
use callbox::tls::{Certificates, Local, server_config};
use callbox::{config, http};
use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::wire::{believer, connect, leaf};
use crate::server::{Server, callbox, status};

async fn run(server: &Server, words: &[&str]) -> Output {
    let mut command = callbox();
    command.args(words).arg("--data").arg(server.data());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

async fn says(server: &Server, words: &[&str]) -> String {
    let output = run(server, words).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn line<'a>(text: &'a str, label: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(label));
    line.unwrap_or_else(|| panic!("no {label}: {text}")).trim()
}

/// What this computer is called in its network.
fn name() -> String {
    let computer = rustix::system::uname().nodename().to_string_lossy().to_ascii_lowercase();
    format!("{}.local", computer.split('.').next().unwrap())
}

#[tokio::test]
async fn who_trusts_the_authority_trusts_every_name_and_address() {
    let server = Server::with(&["--allowed-hosts", "chat.office.example,203.0.113.9"]);
    let pem = says(&server, &["ca", "export"]).await;
    let client = believer(&pem);
    let shown = says(&server, &["ca", "show"]).await;
    let names: Vec<_> = line(&shown, "vouches for").split(", ").collect();
    let own = name();
    for expected in ["localhost", "127.0.0.1", "::1", "203.0.113.9", "chat.office.example", &own] {
        assert!(names.contains(&expected), "{expected}: {names:?}");
    }
    for name in names {
        let stream = connect(&server, &client, name).await;
        assert!(stream.is_ok(), "{name}: {stream:?}");
    }
    assert!(connect(&server, &client, "office.example").await.is_err());
}

/// A certificate for this name, by whoever has stolen the key.
fn forged(folder: &std::path::Path, names: &[&str]) -> CertificateDer<'static> {
    let text = fs::read_to_string(folder.join("tls/ca.key")).unwrap();
    let key = KeyPair::from_pem(&text).unwrap();
    let root = CertificateDer::from_pem_slice(text.as_bytes()).unwrap();
    let issuer = Issuer::from_ca_cert_der(&root, key).unwrap();
    let names: Vec<_> = names.iter().map(|name| name.to_string()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.not_after = rcgen::date_time_ymd(2035, 1, 1);
    params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap().der().clone()
}

#[tokio::test]
async fn h20_a_stolen_key_is_of_no_use_for_the_internet() {
    let server = Server::start();
    let pem = says(&server, &["ca", "export"]).await;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let verifier = verifier.build().unwrap();
    let folder = server.directory.path();
    fs::write(folder.join("ca.pem"), &pem).unwrap();
    for (name, good) in [
        ("printer.local", true),
        ("10.9.8.7", true),
        ("google.com", false),
        ("local.google.com", false),
        ("8.8.8.8", false),
        ("2606:4700::1111", false),
    ] {
        let leaf = forged(&server.data(), &[name]);
        let asked = ServerName::try_from(name).unwrap();
        let found = verifier.verify_server_cert(&leaf, &[], &asked, &[], UnixTime::now());
        assert_eq!(found.is_ok(), good, "{name}: {found:?}");
        fs::write(folder.join("leaf.der"), &leaf).unwrap();
        let mut openssl = Command::new("openssl");
        openssl.args(["verify", "-CAfile", "ca.pem", "leaf.der"]).current_dir(folder);
        let Ok(output) = openssl.output() else { continue };
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), good, "{name}: {said}");
        assert!(good || said.contains("permitted subtree violation"), "{name}: {said}");
    }
}

#[tokio::test]
async fn a_renewed_certificate_leaves_open_connections_alone() {
    const DAY: u64 = 24 * 3_600_000;
    let folder = tempfile::tempdir().unwrap();
    let now = http::now();
    let names = Names::of(["box.local", "192.168.1.5"]);
    let local = Local::open(folder.path(), &names, now).unwrap();
    let client = believer(&local.report().pem);
    let (certificates, resolver) =
        Certificates::start(&config::Certificates::default(), &[], folder.path(), local).unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(server_config(resolver).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        // Says back what it hears.
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let (mut read, mut write) = tokio::io::split(stream);
                let _ = tokio::io::copy(&mut read, &mut write).await;
            });
        }
    });
    let connect = async |name: &str| {
        let stream = TcpStream::connect(address).await.unwrap();
        client.connect(ServerName::try_from(name.to_owned()).unwrap(), stream).await
    };
    let mut open = connect("box.local").await.unwrap();
    let first = leaf(&open);
    assert!(connect("10.0.0.7").await.is_err());
    // The computer gets another address.
    let moved = Names::of(["box.local", "10.0.0.7"]);
    assert!(certificates.renew(&moved, now).unwrap());
    assert!(connect("10.0.0.7").await.is_ok());
    let second = leaf(&connect("box.local").await.unwrap());
    // Time goes by.
    assert!(!certificates.renew(&moved, now.plus(Millis(19 * DAY))).unwrap());
    assert!(certificates.renew(&moved, now.plus(Millis(21 * DAY))).unwrap());
    assert_ne!(first, second);
    open.write_all(b"still here").await.unwrap();
    let mut heard = [0; 10];
    open.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"still here");
}

fn get(path: &str, host: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{more}\r\n")
}

const HTML: &str = "accept: text/html,application/xhtml+xml\r\n";

#[tokio::test]
async fn the_page_over_plain_http_tells_how_to_trust() {
    let server = Server::start();
    let host = format!("{}:{}", name(), server.address.port());
    let report = says(&server, &["ca", "show"]).await;
    let print = line(&report, "sha-256").replace(':', "");
    for path in ["/trust", "/", "/j/abc"] {
        let page = server.exchange(get(path, &host, HTML)).await;
        assert_eq!(status(&page), 200, "{page}");
        let text: String = page.split("class=\"print\">").nth(1).unwrap().into();
        let text = text.split("</p>").next().unwrap().replace("<span>", "").replace("</span>", "");
        assert_eq!(text.replace([':', ' '], ""), print);
        assert!(page.contains(&format!("connect-src https://{host};")), "{page}");
        assert!(!page.to_ascii_lowercase().contains("strict-transport-security"));
        for id in ["windows", "macos", "iphone", "android", "linux", "firefox"] {
            assert!(page.contains(&format!("<details id=\"{id}\">")), "{id}");
        }
    }
    // A policy cannot name an address of IPv6, and browsers take no notice of one that does.
    let six = format!("[::1]:{}", server.address.port());
    let page = server.exchange(get("/trust", &six, HTML)).await;
    assert_eq!(status(&page), 200, "{page}");
    assert!(page.contains("connect-src https:;"), "{page}");
    assert!(page.contains(&format!("data-secure=\"https://{six}\"")), "{page}");
    let german = format!("{HTML}accept-language: de\r\n");
    assert!(server.exchange(get("/trust", &host, &german)).await.contains("Fingerabdruck"));
    // Programs are sent on as before, and so is what is no page.
    for more in ["", "accept: */*\r\n"] {
        assert_eq!(status(&server.exchange(get("/", &host, more)).await), 308);
    }
    let secure = server.exchange_tls(get("/trusted", &host, "")).await;
    assert!(!secure.to_ascii_lowercase().contains("strict-transport-security"));
}

#[tokio::test]
async fn systems_get_the_authority_in_their_own_form() {
    let server = Server::start();
    let host = name();
    let body = async |path: &str| {
        let answer = server.exchange(get(path, &host, "")).await;
        assert_eq!(status(&answer), 200, "{answer}");
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    };
    let exported = says(&server, &["ca", "export"]).await;
    assert_eq!(body("/ca.pem").await, exported);
    assert!(!exported.contains("PRIVATE"));
    let profile = body("/ca.mobileconfig").await;
    let file = server.directory.path().join("profile");
    fs::write(&file, &profile).unwrap();
    let read = "import plistlib, sys, base64\n\
                p = plistlib.load(open(sys.argv[1], 'rb'))\n\
                c, = p['PayloadContent']\n\
                assert p['PayloadType'] == 'Configuration' and p['PayloadVersion'] == 1\n\
                assert c['PayloadType'] == 'com.apple.security.root' and c['PayloadUUID']\n\
                print(base64.b64encode(c['PayloadContent']).decode())";
    let Ok(output) = Command::new("python3").args(["-c", read]).arg(&file).output() else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let inside = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        exported.lines().filter(|line| !line.starts_with('-')).collect::<String>(),
        inside.trim()
    );
}

#[tokio::test]
async fn h12_neither_foreign_names_nor_foreign_pages_get_anything() {
    let server = Server::start();
    let own = name();
    for path in ["/", "/trust", "/ca.crt", "/ca.pem", "/ca.mobileconfig", "/trusted"] {
        for host in ["rebound.example", "other.local", "203.0.113.7", "192.168.250.250"] {
            for answer in [
                server.exchange(get(path, host, HTML)).await,
                server.exchange_tls(get(path, host, HTML)).await,
            ] {
                assert_eq!(status(&answer), 421, "{host}{path}: {answer}");
                assert!(!answer.contains(host), "{answer}");
            }
        }
    }
    let allowed = async |origin: &str| {
        let answer =
            server.exchange_tls(get("/trusted", &own, &format!("origin: {origin}\r\n"))).await;
        assert_eq!(status(&answer), 200);
        answer.contains("access-control-allow-origin")
    };
    assert!(allowed(&format!("http://{own}")).await);
    assert!(allowed(&format!("http://{own}:80")).await);
    for other in ["http://evil.example", "null", "https://evil.example", "http://"] {
        assert!(!allowed(other).await, "{other}");
    }
}

#[tokio::test]
async fn where_certificates_come_from_elsewhere_there_is_nothing_to_trust() {
    let server = Server::with(&["--behind-proxy", "10.0.0.1"]);
    let answer = server.exchange(get("/trust", &name(), HTML)).await;
    assert_eq!(status(&answer), 308, "{answer}");
}

#[tokio::test]
async fn the_authority_is_shown_exported_and_replaced() {
    let server = Server::start();
    let file = server.directory.path().join("ca.pem");
    let path = file.display().to_string();
    says(&server, &["ca", "export", &path]).await;
    let old = fs::read_to_string(&file).unwrap();
    assert!(connect(&server, &believer(&old), "localhost").await.is_ok());
    let before = says(&server, &["ca", "show"]).await;
    let asked = says(&server, &["ca", "rotate"]).await;
    assert!(asked.contains("Nothing was changed"), "{asked}");
    assert_eq!(says(&server, &["ca", "show"]).await, before);
    let said = says(&server, &["ca", "rotate", "--yes"]).await;
    assert!(said.contains("On every device") && said.contains(line(&before, "name")), "{said}");
    let new = says(&server, &["ca", "export"]).await;
    assert_ne!(new, old);
    assert!(connect(&server, &believer(&old), "localhost").await.is_err());
    assert!(connect(&server, &believer(&new), "localhost").await.is_ok());
    assert_eq!(fs::read_to_string(server.data().join("tls/ca.old.pem")).unwrap(), old);
    // What devices trust outlives a restart.
    server.terminate();
    let (_, directory) = server.ended().await;
    let server = Server::on(directory, &[]);
    assert!(connect(&server, &believer(&new), "localhost").await.is_ok());
    let ready: &Value = &server.ready["authority"];
    assert_eq!(ready["fingerprint"], line(&said, "sha-256"));
}

const INSIDE: &str = "CALLBOX_TEST_MULTICAST";

/// In a network of its own with an interface that knows multicast; where the system grants none,
/// there is nothing to run.
#[test]
fn a_name_is_announced_and_gives_way_to_another() {
    if std::env::var_os(INSIDE).is_some() {
        return announced();
    }
    let own = std::env::current_exe().unwrap();
    // Two ends of one wire; whatever is sent on it comes back to this computer alone.
    let set_up = "ip link set lo up && ip link add lan0 type veth peer name lan1 && \
                  ip addr add 192.168.77.1/24 dev lan0 && ip link set lan0 up && \
                  ip link set lan1 up && ip route add 224.0.0.0/4 dev lan0 && exec \"$@\"";
    let unshare = |words: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--net", "sh", "-c", set_up, "sh"]).args(words);
        command
    };
    if !unshare(&["true"]).output().is_ok_and(|output| output.status.success()) {
        return;
    }
    let test = "certificates::local::a_name_is_announced_and_gives_way_to_another";
    let mut inside = unshare(&[own.to_str().unwrap(), test, "--exact"]);
    let output = inside.env(INSIDE, "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn announced() {
    use callbox::net::mdns::Announcement;
    use mdns_sd::{HostnameResolutionEvent, ServiceDaemon, ServiceInfo};
    let first = Announcement::start("office", 3001).unwrap();
    let asks = ServiceDaemon::new().unwrap();
    // Addresses come one after the other.
    let leads = |name: &str, to: &str| {
        let to: IpAddr = to.parse().unwrap();
        let found = asks.resolve_hostname(name, Some(20_000)).unwrap();
        while let Ok(event) = found.recv_timeout(Duration::from_secs(20)) {
            if let HostnameResolutionEvent::AddressesFound(_, addresses) = event
                && addresses.iter().any(|found| found.to_ip_addr() == to)
            {
                return true;
            }
        }
        false
    };
    let here = "192.168.77.1";
    assert!(leads("office.local.", here));
    // Somebody else's computer has the next name.
    let none: [(&str, &str); 0] = [];
    let other = "192.168.77.9";
    let taken =
        ServiceInfo::new("_http._tcp.local.", "printer", "print.local.", other, 80, &none[..]);
    let theirs = ServiceDaemon::new().unwrap();
    theirs.register(taken.unwrap()).unwrap();
    assert!(leads("print.local.", other));
    let second = Announcement::start("print", 3002).unwrap();
    assert!(leads("print-2.local.", here));
    assert_eq!((first.name(), second.name()), ("office.local".into(), "print-2.local".into()));
}
