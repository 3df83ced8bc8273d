//! What takes a network of its own: invented senders, and servers at
//! addresses that nobody outside may reach. Each test starts itself anew in a
//! network namespace that ends with it; where the system grants none, there
//! is nothing to run.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::time::Duration;

use callbox::net::udp::{Engine, UdpSocket as RawSocket};
use callbox::pure::stun::{AttributeType, Class, Method, TransactionId, Writer};
use callbox::pure::turn::Limits;
use callbox::relay::{self, Face, Mode, Relay, Sockets};
use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::TestRelay;
use super::client::{Client, Received};
use crate::server::Server;

const INSIDE: &str = "CALLBOX_TEST_NAMESPACE";

/// The relay's own addresses.
const OUR_IPV4: Ipv4Addr = Ipv4Addr::new(9, 9, 9, 9);
const OUR_IPV6: Ipv6Addr = Ipv6Addr::new(0x2a00, 9, 0, 0, 0, 0, 0, 9);

/// Whether this is the inside, with its network set up. On the outside, runs
/// the inside to its end first.
fn is_inside(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        set_up();
        return true;
    }
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--net"]);
        command
    };
    let possible = unshare().args(["ip", "link", "set", "lo", "up"]).stderr(Stdio::null()).status();
    if !possible.is_ok_and(|status| status.success()) {
        return false;
    }
    let own = std::env::current_exe().expect("our own file");
    let output = unshare().arg(own).args([test, "--exact"]).env(INSIDE, "1").output();
    let output = output.expect("it starts");
    let (said, wrong) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}{wrong}");
    false
}

/// Everything is on the loopback interface, all of 8/8 included.
fn set_up() {
    for line in [
        "link set lo up",
        "addr add 9.9.9.9/32 dev lo",
        "addr add 10.0.0.5/32 dev lo",
        "addr add 100.64.0.5/32 dev lo",
        "addr add 169.254.169.254/32 dev lo",
        "addr add 192.168.7.5/32 dev lo",
        "addr add 198.18.0.5/32 dev lo",
        "route add local 8.0.0.0/8 dev lo",
        "-6 addr add 2a00:9::9/128 dev lo",
        "-6 addr add fd00:ec2::254/128 dev lo",
        "-6 addr add fd12::5/128 dev lo",
        "-6 addr add 2001:db8::5/128 dev lo",
        "-6 addr add 2a00:1::1/128 dev lo",
        "-6 route add local 2a00:8::/32 dev lo",
    ] {
        ip(line);
    }
    // As IPv4 does of itself for routes to here.
    std::fs::write("/proc/sys/net/ipv6/ip_nonlocal_bind", "1").expect("it is our network");
}

fn ip(line: &str) {
    let status = Command::new("ip").args(line.split(' ')).status();
    assert!(status.is_ok_and(|status| status.success()), "ip {line}");
}

/// A public relay at our addresses, as a program on a server would be.
fn public() -> (Relay, TestRelay) {
    let keys = TestRelay::start();
    let sockets = Sockets {
        ipv4: Some(Face { here: OUR_IPV4, outside: OUR_IPV4 }),
        ipv6: Some(Face { here: OUR_IPV6, outside: OUR_IPV6 }),
        ports: 20_000..=60_000,
        allow: Vec::new(),
        deny: Vec::new(),
        own: vec![OUR_IPV4.into(), OUR_IPV6.into()],
        listening: Vec::new(),
    };
    let config = relay::Config {
        udp: vec![(OUR_IPV4, 0).into()],
        mode: Mode::Open(sockets),
        ..relay::Config::default()
    };
    (start(config, &keys), keys)
}

fn start(config: relay::Config, keys: &TestRelay) -> Relay {
    let (revocations, revoked) = tokio::sync::mpsc::unbounded_channel();
    // Held until the process ends.
    std::mem::forget(revocations);
    relay::start(config, keys.keys.clone(), revoked).expect("the addresses are ours")
}

#[tokio::test]
async fn t47_t48_t50_t51_t53_t54_t73_nothing_internal_is_reached_by_any_means() {
    if !is_inside(
        "relay::namespaces::t47_t48_t50_t51_t53_t54_t73_nothing_internal_is_reached_by_any_means",
    ) {
        return;
    }
    let (relay, keys) = public();
    let mut v4 = Client::udp(relay.udp[0], keys.credentials(1, 1)).await;
    let mut v6 = Client::udp(relay.udp[0], keys.credentials(1, 2)).await;
    let at_v4 = v4.allocate_of(1).await.expect("an allocation");
    let at_v6 = v6.allocate_of(2).await.expect("an allocation");
    let internal = [
        "127.0.0.1",
        "127.1.2.3",
        "9.9.9.9",
        "10.0.0.5",
        "100.64.0.5",
        "169.254.169.254",
        "192.168.7.5",
        "198.18.0.5",
        "::1",
        "2a00:9::9",
        "fd00:ec2::254",
        "fd12::5",
        "2001:db8::5",
    ];
    let mut sockets = Vec::new();
    for ip in internal {
        let ip: IpAddr = ip.parse().expect("an address");
        sockets.push(UdpSocket::bind((ip, 0)).await.expect("it is ours"));
    }
    for socket in &sockets {
        let address = socket.local_addr().expect("bound");
        let client = if address.is_ipv4() { &mut v4 } else { &mut v6 };
        for port in [address.port(), 22, 80, 443, 3478] {
            let address = SocketAddr::new(address.ip(), port);
            assert_eq!(client.permit(address).await, Err(403), "{address}");
            assert_eq!(client.bind(0x4000, address).await, Err(403), "{address}");
            client.send_indication(address, b"reached").await;
        }
    }
    // Spellings that the system itself would take for internal ones.
    let local = sockets[0].local_addr().expect("bound").port();
    for ip in ["::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::"] {
        let address = SocketAddr::new(ip.parse().expect("an address"), local);
        assert_eq!(v6.permit(address).await, Err(403), "{address}");
        v6.send_indication(address, b"reached").await;
    }
    for ip in ["0.0.0.0", "0.1.2.3", "255.255.255.255", "224.0.0.1"] {
        let address = SocketAddr::new(ip.parse().expect("an address"), local);
        assert_eq!(v4.permit(address).await, Err(403), "{address}");
        v4.send_indication(address, b"reached").await;
    }
    // What is outside is reached, and by then everything before has been handled.
    for (client, at, ip) in [(&mut v4, at_v4, "8.8.8.8"), (&mut v6, at_v6, "2a00:1::1")] {
        let ip: IpAddr = ip.parse().expect("an address");
        let outside = UdpSocket::bind((ip, 0)).await.expect("all of it is ours");
        let address = outside.local_addr().expect("bound");
        client.permit(address).await.expect("a public address");
        client.send_indication(address, b"there").await;
        let mut buffer = [0; 100];
        let received = timeout(Duration::from_secs(5), outside.recv_from(&mut buffer)).await;
        assert_eq!(received.expect("in time").expect("received"), (5, at));
        outside.send_to(b"back", at).await.expect("loopback takes it");
        assert_eq!(client.receive().await, Some(Received::Data(address, b"back".to_vec())));
    }
    for socket in &sockets {
        let mut buffer = [0; 100];
        let result = socket.try_recv(&mut buffer).map_err(|error| error.kind());
        assert_eq!(result, Err(std::io::ErrorKind::WouldBlock), "{:?}", socket.local_addr());
    }
}

#[tokio::test]
async fn t54_an_address_that_the_computer_gets_later_is_no_peer() {
    if !is_inside("relay::namespaces::t54_an_address_that_the_computer_gets_later_is_no_peer") {
        return;
    }
    let server = Server::with(&["--turn-mode=public", "--turn-user=anna:password"]);
    let relay = server.ready["turn"]["udp"][0].as_str().expect("text");
    let anna = ("anna".to_owned(), "password".to_owned());
    let mut client = Client::udp(relay.parse().expect("an address"), anna).await;
    client.allocate().await.expect("an allocation");
    let peer = SocketAddr::from(([8, 8, 4, 4], 443));
    client.permit(peer).await.expect("somebody's address");
    ip("addr add 8.8.4.4/32 dev lo");
    let noticed = async { while client.permit(peer).await.is_ok() {} };
    timeout(Duration::from_secs(30), noticed).await.expect("it looks every few seconds");
    assert_eq!(client.permit(peer).await, Err(403));
    assert_eq!(client.permit((OUR_IPV4, 443).into()).await, Err(403), "as before");
    let other = SocketAddr::from(([8, 8, 8, 8], 443));
    client.permit(other).await.expect("still somebody's address");
}

#[tokio::test]
async fn t19_a_flood_from_invented_senders_leaves_nothing_and_disturbs_no_call() {
    if !is_inside(
        "relay::namespaces::t19_a_flood_from_invented_senders_leaves_nothing_and_disturbs_no_call",
    ) {
        return;
    }
    let keys = TestRelay::start();
    let limits = Limits {
        allocation_rate: u64::MAX / 1000,
        session_rate: u64::MAX / 1000,
        total_rate: u64::MAX / 1000,
        ..Limits::default()
    };
    let udp = vec![(OUR_IPV4, 0).into(), (OUR_IPV6, 0).into()];
    let relay = start(relay::Config { udp, limits, ..relay::Config::default() }, &keys);
    let mut a = Client::udp(relay.udp[0], keys.credentials(1, 1)).await;
    let mut b = Client::udp(relay.udp[0], keys.credentials(1, 2)).await;
    let (at_a, at_b) = (a.allocate().await.expect("a"), b.allocate().await.expect("b"));
    a.bind(0x4001, at_b).await.expect("a peer");
    b.bind(0x4002, at_a).await.expect("a peer");

    let sources = std::env::var("T19_SOURCES").ok().and_then(|n| n.parse().ok());
    let sources: u32 = sources.unwrap_or(100_000);
    let raw = |ip: IpAddr| RawSocket::bind((ip, 0).into(), true, Engine::Batched);
    let floods = [Ipv4Addr::UNSPECIFIED.into(), IpAddr::from(Ipv6Addr::UNSPECIFIED)];
    let floods = floods.map(|any| raw(any).expect("a free port"));
    let packets = strange_packets(at_b);
    let mut before = None;
    let (mut rounds, mut lost) = (0_u32, 0_u32);
    for n in 0..sources {
        let (family, host) = ((n % 5 == 4) as usize, n.wrapping_mul(167) & 0xFF_FFFF);
        let source = match family {
            0 => IpAddr::from(Ipv4Addr::from_bits(0x0800_0000 | host)),
            // Each in a network of its own.
            _ => Ipv6Addr::from_bits(0x2a00_0008 << 96 | u128::from(host) << 64 | 1).into(),
        };
        let packet = &packets[n as usize % packets.len()];
        let sent = floods[family].send_to(packet, relay.udp[family], Some(source));
        assert!(sent, "the address is ours");
        if n % 32 != 0 {
            continue;
        }
        rounds += 1;
        a.send_channel(0x4001, &rounds.to_be_bytes()).await;
        let expected = Received::Channel(0x4002, rounds.to_be_bytes().to_vec());
        match timeout(Duration::from_millis(500), b.receive()).await {
            Ok(received) => assert_eq!(received, Some(expected)),
            Err(_) => lost += 1,
        }
        if n >= sources / 10 && before.is_none() {
            before = Some(resident());
        }
    }
    assert!(f64::from(lost) < 0.01 * f64::from(rounds), "{lost} of {rounds} lost");
    let grown = resident().saturating_sub(before.expect("it was measured"));
    println!("{grown} KiB more, {lost} of {rounds} packets of the call lost");
    assert!(grown <= 1024, "{grown} KiB more after {sources} senders");
    let figures = relay.figures();
    assert_eq!(figures.allocations(), 2, "those of the call");
    let sum = |name: &str| -> u64 {
        let of_it = figures.read().into_iter().filter(|figure| figure.name == name);
        of_it.map(|figure| figure.value).sum()
    };
    let refused = sum("callbox_relay_authentication_failures_total")
        + sum("callbox_relay_drops_total")
        + u64::from(sources / packets.len() as u32);
    assert!(refused * 10 >= u64::from(sources) * 9, "{refused} of {sources} were looked at");
}

/// What a stranger may try: questions, proofs that are none, data for others.
fn strange_packets(peer: SocketAddr) -> Vec<Vec<u8>> {
    let request = |method| Writer::new(Class::Request, method, TransactionId([1; 12]));
    let allocate =
        || request(Method::ALLOCATE).attribute(AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
    let proof = |writer: Writer| {
        writer
            .attribute(AttributeType::USERNAME, b"1900000000:AQEBAQEBAQEBAQEBAQEBAQ:x")
            .attribute(AttributeType::REALM, b"callbox")
            .attribute(AttributeType::NONCE, b"01234567890123456789")
            .integrity(b"no key")
            .finish()
    };
    let send = Writer::new(Class::Indication, Method::SEND, TransactionId([1; 12]))
        .xor_address(AttributeType::XOR_PEER_ADDRESS, peer)
        .attribute(AttributeType::DATA, &[7; 100]);
    vec![
        allocate().finish(),
        proof(allocate()),
        request(Method::BINDING).finish(),
        proof(request(Method::REFRESH)),
        send.finish(),
        super::client::channel_data(0x4001, &[7; 100], false),
        vec![0xFF; 300],
    ]
}

/// Memory that this process has taken, in KiB. Pages of its own file are left
/// out: they come when their code first runs, some of it the measuring itself.
pub fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("there is one");
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).expect("it says so");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}
