//! What clients are told of the relay: every way leads there, also the one that
//! is left where nothing gets out but TCP to the port of the pages.

use std::fs;
use std::net::SocketAddr;

use callbox::pure::wire::CallId;
use serde_json::json;
use tokio::net::TcpStream;

use super::accounts::Owned;
use super::accounts_live::{direct, join};
use super::any_certificate::connector;
use super::relay::client::Client as TurnClient;
use super::server::Server;
use super::store::fresh;

/// The addresses that Ben's client is told in a call, after it got a relay by each of them.
pub async fn ways(server: Server) -> Vec<String> {
    let mut owned = Owned::on(server).await;
    let ben = owned.member("Ben", "a password").await;
    let mut olgas = join(&owned, &owned.owner).await;
    let mut bens = join(&owned, &ben).await;
    let direct = direct(&mut owned.owner, &ben).await;
    let call = CallId::from_bytes(fresh());
    let start =
        json!({"type": "start_call", "call": call, "conversation": direct, "media": "audio"});
    olgas.ask(start).await;
    bens.ask(json!({"type": "accept_call", "call": call})).await;
    let relay = bens.ask(json!({"type": "relay_credentials", "call": call})).await;
    let credentials = ["username", "credential"].map(|field| relay[field].as_str().unwrap());
    let urls = relay["urls"].as_array().unwrap().iter().map(|url| url.as_str().unwrap().to_owned());
    let urls: Vec<_> = urls.collect();
    for url in urls.iter().filter(|url| !url.starts_with("stun:")) {
        let credentials = credentials.map(str::to_owned).into();
        let (scheme, rest) = url.split_once(":{host}:").unwrap();
        let (port, transport) = rest.split_once("?transport=").unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
        let mut client = match (scheme, transport) {
            ("turn", "udp") => TurnClient::udp(address, credentials).await,
            ("turn", "tcp") => TurnClient::tcp(address, credentials).await,
            ("turns", "tcp") => {
                let stream = TcpStream::connect(address).await.unwrap();
                // As browsers do: they offer no protocol.
                let tls = connector(&[]);
                let stream = tls.connect("localhost".try_into().unwrap(), stream).await.unwrap();
                TurnClient::stream(stream, credentials)
            }
            other => panic!("{other:?}"),
        };
        client.allocate().await.unwrap_or_else(|code| panic!("{url}: {code}"));
    }
    urls
}

#[tokio::test]
async fn the_port_of_the_pages_is_a_way_to_the_relay() {
    let server = Server::start();
    let page = server.address.port();
    assert!(ways(server).await.contains(&format!("turn:{{host}}:{page}?transport=tcp")));
}

#[tokio::test]
async fn with_a_certificate_that_browsers_believe_it_is_one_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let made = rcgen::generate_simple_self_signed(["chat.example.org".to_owned()]).unwrap();
    fs::write(path("cert.pem"), made.cert.pem()).unwrap();
    fs::write(path("key.pem"), made.signing_key.serialize_pem()).unwrap();
    fs::set_permissions(path("key.pem"), std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .unwrap();
    let flags = ["--tls-cert", &path("cert.pem"), "--tls-key", &path("key.pem")];
    let server = Server::with(&flags);
    let page = server.address.port();
    let ways = ways(server).await;
    let secure = format!("turns:{{host}}:{page}?transport=tcp");
    let place = |url: &str| ways.iter().position(|way| way == url).expect("it is told");
    let tcp = ways.iter().position(|way| way.ends_with("tcp") && way.starts_with("turn:"));
    assert!(place(&secure) < tcp.unwrap(), "{ways:?}");
}
