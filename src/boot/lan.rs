//! This computer in its network: what it is called there, looked at again and
//! again, and what follows from it: which names are ours, for which a
//! certificate is made here, and whom the relay does not take for a peer.

use std::net::IpAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use crate::config;
use crate::http::{self, Hosts, State};
use crate::net::mdns::Announcement;
use crate::pure::lan::{Names, host_names};
use crate::relay;
use crate::tls::TlsError;

/// Who looks, and who is told.
#[derive(Debug, Clone)]
pub(super) struct Lan {
    announced: Option<Arc<Announcement>>,
    relay: relay::Handle,
}

impl Lan {
    /// Looks for as long as the server serves. At this `port`, if there is one, it is announced.
    pub(super) fn start(serving: &Arc<State>, relay: relay::Handle, port: Option<u16>) -> Self {
        let announced = port.and_then(announce).map(Arc::new);
        let lan = Self { announced, relay };
        tokio::spawn(lan.clone().watch(Arc::downgrade(serving)));
        lan
    }

    /// Takes over what this computer is called now. `config` is what the settings call it.
    pub(super) fn look(&self, state: &State, config: &config::Http) -> Result<(), TlsError> {
        let announced = self.announced.as_ref().map(|announced| announced.name());
        let own = own_addresses();
        // None may also mean that they could not be listed.
        if !own.is_empty() {
            self.relay.set_own_addresses(&own);
        }
        let names = names(config, &computer_name(), announced.as_deref(), &own);
        state.hosts.set(Hosts::new(config, &names));
        state.certificates.renew(&names, http::now()).map(drop)
    }

    async fn watch(self, serving: Weak<State>) {
        let mut every = interval(LOOK_EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            let Some(state) = serving.upgrade().filter(|state| !state.is_draining()) else {
                return;
            };
            let lan = self.clone();
            // A certificate is written to the disk.
            let looked = spawn_blocking(move || {
                let config = state.config.get();
                if let Err(error) = lan.look(&state, &config) {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "cannot renew the certificate; the last one serves");
                }
            });
            if looked.await.is_err() {
                return;
            }
        }
    }
}

/// All that leads here.
pub(super) fn names(
    config: &config::Http,
    computer: &str,
    announced: Option<&str>,
    own: &[IpAddr],
) -> Names {
    let given = config.domains.iter().chain(&config.allowed_hosts).cloned();
    Names::of_computer(given, computer, announced, own)
}

/// Announces this computer's name; without, people use its address.
fn announce(port: u16) -> Option<Announcement> {
    let computer = computer_name();
    let name = host_names(&computer).first()?.trim_end_matches(".local").to_owned();
    match Announcement::start(&name, port) {
        Ok(announcement) => Some(announcement),
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "the name is not announced in the local network");
            None
        }
    }
}

pub(super) fn computer_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The addresses of this computer that others can use, IPv4 first.
pub(super) fn own_addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!(%error, "cannot list this computer's addresses");
        Vec::new()
    });
    let mut addresses: Vec<_> = interfaces
        .iter()
        .filter(|interface| !interface.is_loopback() && !interface.is_link_local())
        .map(if_addrs::Interface::ip)
        .collect();
    addresses.sort_by_key(|address| (address.is_ipv6(), *address));
    addresses.dedup();
    addresses
}

const LOOK_EVERY: Duration = Duration::from_secs(5);
