//! What there is to know of the clock.

use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use super::outside::resolve;
use crate::http::now;
use crate::pure::doctor::Clock;
use crate::pure::wire::Millis;

/// Looks around here, and asks a time server if one is named.
pub(super) fn look(data: &Path, server: Option<&str>) -> Clock {
    Clock { synchronised: synchronised(), newest: newest(data), ahead: server.map(ahead) }
}

/// As far as the service manager tells.
fn synchronised() -> Option<bool> {
    if Path::new("/run/systemd/timesync/synchronized").exists() {
        return Some(true);
    }
    let mut ask = Command::new("timedatectl");
    let said = ask.args(["show", "--property=NTPSynchronized", "--value"]).output().ok()?;
    match said.stdout.trim_ascii() {
        b"yes" => Some(true),
        b"no" => Some(false),
        _ => None,
    }
}

/// When anything in the data directory was written last.
fn newest(data: &Path) -> Option<Millis> {
    let files = fs::read_dir(data).ok()?.flatten();
    let times = files.filter_map(|file| file.metadata().ok()?.modified().ok());
    let since = times.max()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Millis(u64::try_from(since.as_millis()).ok()?))
}

/// By how much a time server is ahead (RFC 4330, 5).
fn ahead(server: &str) -> Result<i64, String> {
    let with_port = if server.contains(':') { server.to_owned() } else { format!("{server}:123") };
    let to = resolve(&with_port)?;
    let text = |error: std::io::Error| error.to_string();
    let from = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(from).map_err(text)?;
    socket.connect(to).map_err(text)?;
    socket.set_read_timeout(Some(Duration::from_secs(2))).map_err(text)?;
    let mut packet = [0; 48];
    // Version 4, client.
    packet[0] = 0x23;
    let sent = now();
    socket.send(&packet).map_err(text)?;
    let length = socket.recv(&mut packet).map_err(|_| "no answer".to_owned())?;
    let arrived = now();
    // A server's answer that says the time: of no stratum, it refuses.
    if length < 48 || packet[0] & 7 != 4 || packet[1] == 0 {
        return Err("it does not tell the time".to_owned());
    }
    let half = arrived.since(sent).0 / 2;
    Ok(moment(&packet[40..48]) - (sent.0 + half).cast_signed())
}

/// Seconds since 1900 and their fraction, as milliseconds since 1970.
fn moment(stamp: &[u8]) -> i64 {
    let word =
        |at: usize| stamp[at..at + 4].iter().fold(0_i64, |sum, byte| (sum << 8) | i64::from(*byte));
    (word(0) - SINCE_1900) * 1000 + ((word(4) * 1000) >> 32)
}

const SINCE_1900: i64 = 2_208_988_800;

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn a_time_server_is_compared_with() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let at = server.local_addr().unwrap().to_string();
        let playing = thread::spawn(move || {
            let mut packet = [0; 48];
            let (_, from) = server.recv_from(&mut packet).unwrap();
            let hour_ahead = now().0 / 1000 + 3600 + SINCE_1900.cast_unsigned();
            packet[0] = 0x24;
            packet[1] = 2;
            packet[40..44].copy_from_slice(&(hour_ahead as u32).to_be_bytes());
            server.send_to(&packet, from).unwrap();
        });
        let ahead = ahead(&at).unwrap();
        assert!((3_598_000..3_601_000).contains(&ahead), "{ahead}");
        playing.join().unwrap();
        assert_eq!(moment(&[0x83, 0xaa, 0x7e, 0x80, 0x80, 0, 0, 0]), 500);
        let file = tempfile::tempdir().unwrap();
        fs::write(file.path().join("a"), "").unwrap();
        let modified = newest(file.path()).unwrap();
        let real = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
        assert!(real.abs_diff(modified.0) < 60_000);
    }
}
