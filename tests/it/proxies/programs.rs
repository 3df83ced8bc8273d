//! Behind real haproxy, nginx and Caddy, with the settings in `packaging/proxies`.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::addresses::{free_addresses, own_address};
use crate::any_certificate::connector;
use crate::browser::Browser;
use crate::hub::Client;
use crate::relay::client::mapped;
use crate::server::{Server, connect, websocket_tls};

/// A proxy with its settings and certificate.
struct Proxy {
    child: Child,
    _folder: TempDir,
}

impl Proxy {
    /// Starts a program with these settings, in which `FOLDER` is a place of its own; waits until it listens there.
    async fn start(program: &str, arguments: &[&str], settings: &str, at: &[SocketAddr]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display().to_string();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        fs::write(folder.path().join("both.pem"), format!("{certificate}{key}")).unwrap();
        fs::write(folder.path().join("settings"), settings.replace("FOLDER", &path)).unwrap();
        let mut child = Command::new(program)
            .args(arguments.iter().map(|argument| argument.replace("FOLDER", &path)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it is installed (scripts/tools)");
        for address in at {
            while TcpStream::connect(address).await.is_err() {
                assert!(child.try_wait().unwrap().is_none(), "{program} runs");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        Self { child, _folder: folder }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Asked, not killed: nginx has children.
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 77, 8, 9));

/// Somebody uses the whole server through this proxy, over TLS, and is seen as who they are.
async fn use_through(server: &Server, proxy: SocketAddr, name: &str, setup: &mut Option<String>) {
    let mut browser = Browser::over_tls(proxy);
    browser.from = Some(CLIENT);
    match setup.take() {
        Some(token) => {
            let ticket = json!({ "type": "setup", "token": token });
            browser.register(ticket, name, "a password").await.ok();
        }
        None => {
            browser.log_in(name, "a password").await.ok();
        }
    }
    let devices = browser.get("/api/v1/devices").await.ok();
    let own =
        devices["devices"].as_array().unwrap().iter().find(|device| device["current"] == true);
    assert_eq!(own.unwrap()["network"], "127.77.8.0/24");
    let stream = connect(Some(CLIENT), proxy).await.unwrap();
    let name = "localhost".try_into().unwrap();
    let stream = connector(&["http/1.1"]).connect(name, stream).await.unwrap();
    let mut client = Client::on(websocket_tls(stream, &browser).await);
    client.greet(json!(null), json!([])).await;
    assert_eq!(client.ask(json!({"type": "ping"})).await["type"], "done");
    // A page of another site has no more to say than without a proxy.
    let mut headers = browser.own_headers("application/json");
    headers[0].1 = format!("https://evil.example:{}", server.address.port());
    browser.send("POST", "/api/v1/logout", &headers, b"{}").await.refused(403, "forbidden");
}

/// One of the settings that are published, with the places of this test instead of the usual ones.
fn published(name: &str, places: &[(&str, &str)]) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/proxies").join(name);
    let mut settings = fs::read_to_string(file).unwrap();
    for (usual, here) in places {
        assert!(settings.contains(usual), "{name} has {usual}");
        settings = settings.replace(usual, here);
    }
    settings
}

#[tokio::test]
async fn haproxy_passes_connections() {
    let server = Server::with(&["--behind-proxy", "127.0.0.1", "--proxy-protocol", "required"]);
    let [pass] = free_addresses(own_address());
    let (door, box_) = (pass.to_string(), server.address.to_string());
    let settings = published("haproxy-pass.cfg", &[(":443", &door), ("127.0.0.1:3001", &box_)]);
    let arguments = ["-db", "-f", "FOLDER/settings"];
    let _proxy = Proxy::start("haproxy", &arguments, &settings, &[pass]).await;
    use_through(&server, pass, "Olga", &mut Some(server.setup_token())).await;
    // TURN goes where connections are passed on, and knows the client as well.
    let stream = connect(Some(CLIENT), pass).await.unwrap();
    let address = stream.local_addr().unwrap();
    let name = "localhost".try_into().unwrap();
    assert_eq!(mapped(connector(&[]).connect(name, stream).await.unwrap()).await, address);
}

#[tokio::test]
async fn haproxy_ends_tls_and_passes_connections_or_requests() {
    let server = Server::with(&["--behind-proxy", "127.0.0.1"]);
    let [ends, web] = free_addresses(own_address());
    let (door, box_) = (web.to_string(), server.address.to_string());
    let certificate = ("/etc/haproxy/chat.example.org.pem", "FOLDER/both.pem");
    let places = [(":443", door.as_str()), ("127.0.0.1:3001", &box_), certificate];
    let more = format!(
        "
listen ends
    mode tcp
    bind {ends} ssl crt FOLDER/both.pem
    server callbox {box_} send-proxy-v2-ssl
"
    );
    let settings = published("haproxy-http.cfg", &places) + &more;
    let arguments = ["-db", "-f", "FOLDER/settings"];
    let _proxy = Proxy::start("haproxy", &arguments, &settings, &[ends, web]).await;
    let mut setup = Some(server.setup_token());
    for proxy in [ends, web] {
        use_through(&server, proxy, "Olga", &mut setup).await;
    }
}

#[tokio::test]
async fn nginx_passes_requests() {
    let server = Server::with(&["--behind-proxy", "127.0.0.1"]);
    let [web] = free_addresses(own_address());
    let (door, box_) = (format!("listen {web}"), server.address.to_string());
    let site = published(
        "nginx.conf",
        &[
            ("listen 443", &door),
            ("127.0.0.1:3001", &box_),
            ("/etc/nginx/chat.example.org.pem", "FOLDER/both.pem"),
            ("/etc/nginx/chat.example.org.key", "FOLDER/both.pem"),
        ],
    );
    let settings = format!(
        "
daemon off;
user root;
pid FOLDER/pid;
error_log FOLDER/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path FOLDER/body;
    proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi;
    uwsgi_temp_path FOLDER/uwsgi;
    scgi_temp_path FOLDER/scgi;
    {site}
}}
"
    );
    let arguments = ["-e", "FOLDER/error.log", "-c", "FOLDER/settings"];
    let _proxy = Proxy::start("nginx", &arguments, &settings, &[web]).await;
    use_through(&server, web, "Olga", &mut Some(server.setup_token())).await;
}

#[tokio::test]
async fn caddy_passes_requests() {
    let server = Server::with(&["--behind-proxy", "127.0.0.1"]);
    let [web] = free_addresses(own_address());
    let door = format!(
        "https://localhost:{} {{\n\tbind {}\n\ttls FOLDER/both.pem FOLDER/both.pem\n",
        web.port(),
        web.ip()
    );
    let box_ = server.address.to_string();
    let site =
        published("Caddyfile", &[("chat.example.org {\n", &door), ("127.0.0.1:3001", &box_)]);
    let general = "{\n\tadmin off\n\tauto_https off\n\tstorage file_system FOLDER/storage\n}\n";
    let arguments = ["run", "--adapter", "caddyfile", "--config", "FOLDER/settings"];
    let _proxy = Proxy::start("caddy", &arguments, &format!("{general}{site}"), &[web]).await;
    use_through(&server, web, "Olga", &mut Some(server.setup_token())).await;
}
