//! What the service manager is told (sd_notify(3)): ready, reloading, stopping,
//! and that the server is alive, for as long as its hub answers.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::process;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::hub::Hub;

/// The way to the service manager, if there is one.
#[derive(Debug)]
pub struct Notifier {
    way: Option<(UnixDatagram, SocketAddr)>,
    /// How often it wants to hear that the server is alive.
    watchdog: Option<Duration>,
}

impl Notifier {
    /// As the environment says. A way that cannot be gone is as good as none.
    pub fn from_environment() -> Self {
        let watchdog = watchdog(
            env::var("WATCHDOG_USEC").ok().as_deref(),
            env::var("WATCHDOG_PID").ok().as_deref(),
            process::id(),
        );
        let Some(socket) = env::var_os("NOTIFY_SOCKET") else { return Self::silent() };
        Self::to(&socket, watchdog).unwrap_or_else(|error| {
            tracing::warn!(%error, "the service manager cannot be told anything");
            Self::silent()
        })
    }

    /// Tells nobody.
    pub fn silent() -> Self {
        Self { way: None, watchdog: None }
    }

    /// Tells this socket; a name that begins with `@` is no file.
    pub fn to(socket: &OsStr, watchdog: Option<Duration>) -> io::Result<Self> {
        let address = address(socket)?;
        let own = UnixDatagram::unbound()?;
        // A manager that does not read must not hold us up.
        own.set_nonblocking(true)?;
        Ok(Self { way: Some((own, address)), watchdog })
    }

    /// The server serves.
    pub fn ready(&self) {
        self.tell("READY=1\nSTATUS=Serving");
    }

    /// New settings are being read; `ready` follows.
    pub fn reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        let micros = now.tv_sec * 1_000_000 + now.tv_nsec / 1_000;
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={micros}\nSTATUS=Reading settings"));
    }

    /// The server is stopping.
    pub fn stopping(&self) {
        self.tell("STOPPING=1\nSTATUS=Stopping");
    }

    /// Says, for ever, that the server is alive while its hub answers.
    pub async fn watch(&self, hub: &Hub) {
        let Some(period) = self.watchdog else { return std::future::pending().await };
        let mut beat = interval(period / 2);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beat.tick().await;
            match timeout(period / 4, hub.summary()).await {
                Ok(Some(_)) => self.tell("WATCHDOG=1"),
                Ok(None) => tracing::debug!("the hub has stopped"),
                Err(_) => tracing::warn!("the hub does not answer"),
            }
        }
    }

    fn tell(&self, state: &str) {
        let Some((own, address)) = &self.way else { return };
        if let Err(error) = own.send_to_addr(state.as_bytes(), address) {
            tracing::debug!(%error, "the service manager was not told");
        }
    }
}

/// How often the manager wants to hear of this process; `pid` may name another one.
fn watchdog(usec: Option<&str>, pid: Option<&str>, own: u32) -> Option<Duration> {
    if pid.is_some_and(|pid| pid.parse() != Ok(own)) {
        return None;
    }
    let micros: u64 = usec?.parse().ok()?;
    (micros > 0).then(|| Duration::from_micros(micros))
}

fn address(socket: &OsStr) -> io::Result<SocketAddr> {
    #[cfg(target_os = "linux")]
    if let Some(name) = socket.as_encoded_bytes().strip_prefix(b"@") {
        use std::os::linux::net::SocketAddrExt;
        return SocketAddr::from_abstract_name(name);
    }
    SocketAddr::from_pathname(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchdog_is_for_this_process_or_none() {
        let second = Some(Duration::from_secs(1));
        assert_eq!(watchdog(Some("1000000"), None, 7), second);
        assert_eq!(watchdog(Some("1000000"), Some("7"), 7), second);
        assert_eq!(watchdog(Some("1000000"), Some("8"), 7), None);
        for usec in [None, Some("0"), Some("x"), Some("-1")] {
            assert_eq!(watchdog(usec, None, 7), None);
        }
    }
}
