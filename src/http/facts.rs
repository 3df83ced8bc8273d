//! What is fixed when the server starts, and shown to those who look after it.

use std::net::{IpAddr, SocketAddr};

use super::Live;
use crate::config::Setting;
use crate::pure::wire::Millis;

/// Filled in by whoever starts the server.
#[derive(Debug, Default)]
pub struct Facts {
    pub started: Millis,
    pub listen: Vec<SocketAddr>,
    pub relay_mode: String,
    pub relay_udp: Vec<SocketAddr>,
    pub relay_tcp: Vec<SocketAddr>,
    pub relay_tls: Vec<SocketAddr>,
    /// What others call this computer, if the settings say so.
    pub external: Vec<IpAddr>,
    /// Others stand in front of it.
    pub proxied: bool,
    /// Pages are vouched for by an authority of our own, which people may trust.
    pub own_authority: bool,
    pub settings: Live<InForce>,
}

/// The settings as they are, and those that a restart would change.
#[derive(Debug, Clone, Default)]
pub struct InForce {
    pub settings: Vec<Setting>,
    pub after_restart: Vec<String>,
}
