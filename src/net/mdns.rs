//! This server's name in the local network, for those who ask by multicast
//! (RFC 6762, RFC 6763). If another computer has the name already, it gets a
//! number. Nothing depends on it: where it fails, the addresses remain.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use mdns_sd::{DaemonEvent, Receiver, ServiceDaemon, ServiceInfo};

/// Announces a name for as long as it is held.
pub struct Announcement {
    daemon: ServiceDaemon,
    events: Receiver<DaemonEvent>,
    name: Mutex<String>,
}

/// Why there is no announcement.
#[derive(Debug, thiserror::Error)]
#[error("cannot announce this server's name")]
pub struct AnnounceError(#[from] mdns_sd::Error);

impl Announcement {
    /// Announces `NAME.local`, and pages over HTTPS at this port, on all addresses.
    pub fn start(name: &str, port: u16) -> Result<Self, AnnounceError> {
        let daemon = ServiceDaemon::new()?;
        let events = daemon.monitor()?;
        let host = format!("{name}.local.");
        let instance = format!("Callbox {name}");
        let properties = [("path", "/")];
        let service = ServiceInfo::new(SERVICE, &instance, &host, "", port, &properties[..])?
            .enable_addr_auto();
        daemon.register(service)?;
        Ok(Self { daemon, events, name: Mutex::new(host) })
    }

    /// The name it goes by, such as `box.local`, or `box-2.local` if there was a `box` already.
    pub fn name(&self) -> String {
        let mut name = self.name.lock().unwrap_or_else(PoisonError::into_inner);
        for event in self.events.try_iter() {
            match event {
                DaemonEvent::NameChange(change) if change.original == *name => {
                    tracing::warn!(name = change.new_name, "another computer has our name already");
                    *name = change.new_name;
                }
                DaemonEvent::Error(error) => tracing::debug!(%error, "the name is not announced"),
                _ => {}
            }
        }
        name.trim_end_matches('.').to_owned()
    }
}

impl fmt::Debug for Announcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Announcement").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // Says goodbye, if there is still somebody to say it to.
        let _ = self.daemon.shutdown();
    }
}

const SERVICE: &str = "_https._tcp.local.";
