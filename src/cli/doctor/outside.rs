//! What others say of this computer's address; asked only when told to.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::Duration;

use super::client::Client;
use super::wire::Wire;
use crate::pure::doctor::{Mapped, RelayFault};

/// Asks a STUN server. The socket is connected, so that its own address is the one it goes out by.
pub(super) fn stun(server: &str) -> Result<Mapped, String> {
    let to = resolve(server)?;
    let mut wire = Wire::udp(to).map_err(|error| error.to_string())?;
    let seen = Client::binding(&mut wire).map_err(|fault| match fault {
        RelayFault::NoAnswer => format!("nothing came back from {server}"),
        RelayFault::Unreachable(why) => why,
        _ => format!("{server} is no STUN server"),
    })?;
    match wire {
        Wire::Udp(socket) => {
            let here = socket.local_addr().map_err(|error| error.to_string())?;
            Ok(Mapped { here, seen })
        }
        _ => Err("it was not asked over UDP".to_owned()),
    }
}

/// Asks the router of this network (RFC 6886, 3.2).
pub(super) fn gateway() -> Result<IpAddr, String> {
    let table = fs::read_to_string("/proc/net/route").map_err(|error| error.to_string())?;
    let router = default_route(&table).ok_or("this computer knows no router")?;
    ask_router((router, 5351).into())
}

fn ask_router(router: SocketAddr) -> Result<IpAddr, String> {
    let text = |error: std::io::Error| error.to_string();
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).map_err(text)?;
    socket.connect(router).map_err(text)?;
    let mut answer = [0; 16];
    // Each wait twice as long as the one before it.
    for wait in [250, 500, 1000] {
        socket.set_read_timeout(Some(Duration::from_millis(wait))).map_err(text)?;
        socket.send(&[0, 0]).map_err(text)?;
        match socket.recv(&mut answer) {
            Ok(12..) if answer[..4] == [0, 128, 0, 0] => {
                let [a, b, c, d] = [answer[8], answer[9], answer[10], answer[11]];
                return Ok(Ipv4Addr::new(a, b, c, d).into());
            }
            Ok(_) => return Err("it has none, or does not tell".to_owned()),
            Err(_) => {}
        }
    }
    Err("no answer".to_owned())
}

fn default_route(table: &str) -> Option<Ipv4Addr> {
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let (to, router) = (fields.get(1)?, fields.get(2)?);
        let router = u32::from_str_radix(router, 16).ok().filter(|router| *router != 0)?;
        // The kernel writes it as it lies in memory.
        (*to == "00000000").then(|| Ipv4Addr::from(router.to_ne_bytes()))
    })
}

/// The first address of `HOST:PORT`.
pub(super) fn resolve(server: &str) -> Result<SocketAddr, String> {
    let mut found = server.to_socket_addrs().map_err(|error| error.to_string())?;
    found.next().ok_or_else(|| format!("{server} has no address"))
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn the_router_is_found_and_asked() {
        let table = "Iface\tDestination\tGateway\tFlags\neth0\t0002A8C0\t00000000\t0001\n\
                     eth0\t00000000\t0102A8C0\t0003\n";
        if cfg!(target_endian = "little") {
            assert_eq!(default_route(table), Some(Ipv4Addr::new(192, 168, 2, 1)));
        }
        assert_eq!(default_route("Iface\n"), None);

        let router = UdpSocket::bind("127.0.0.1:0").unwrap();
        let at = router.local_addr().unwrap();
        let playing = thread::spawn(move || {
            let mut asked = [0; 16];
            let (length, from) = router.recv_from(&mut asked).unwrap();
            assert_eq!(asked[..length], [0, 0]);
            router.send_to(&[0, 128, 0, 0, 0, 0, 0, 9, 203, 0, 113, 7], from).unwrap();
            let (_, from) = router.recv_from(&mut asked).unwrap();
            router.send_to(&[0, 128, 0, 2, 0, 0, 0, 9, 0, 0, 0, 0], from).unwrap();
        });
        assert_eq!(ask_router(at), Ok([203, 0, 113, 7].into()));
        assert!(ask_router(at).is_err());
        playing.join().unwrap();
    }
}
