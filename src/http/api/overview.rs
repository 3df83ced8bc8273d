//! `GET /admin/v1/overview` and `GET /admin/v1/settings`: how the server is, for the command line.
//!
//! The bodies are defined here as well: both ends are this program.

use std::net::SocketAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::config::Setting;
use crate::http::answer::{self, Answer};
use crate::http::figures::Figures;
use crate::http::{Request, State, now};
use crate::pure::wire::Millis;
use crate::tls;

/// How the server is at a moment.
#[derive(Debug, Serialize, Deserialize)]
pub struct Overview {
    pub version: String,
    pub pid: u32,
    pub started: Millis,
    pub now: Millis,
    /// It is stopping.
    pub draining: bool,
    pub setup_required: bool,
    pub site: String,
    pub listen: Vec<SocketAddr>,
    /// Absent when the hub does not answer.
    pub people: Option<People>,
    pub connections: Option<usize>,
    pub calls: Option<Calls>,
    pub storage: Storage,
    pub relay: Relay,
    pub certificates: Vec<tls::Report>,
    /// Settings that have changed in the file and need a restart.
    pub after_restart: Vec<String>,
}

/// Accounts, counted.
#[derive(Debug, Serialize, Deserialize)]
pub struct People {
    pub members: usize,
    pub guests: usize,
    pub online: usize,
}

/// Calls of this moment.
#[derive(Debug, Serialize, Deserialize)]
pub struct Calls {
    pub ringing: usize,
    pub active: usize,
}

/// Bytes on the disk, where they are known.
#[derive(Debug, Serialize, Deserialize)]
pub struct Storage {
    pub database: Option<u64>,
    pub files: Option<u64>,
    pub file_count: Option<u64>,
    pub entries: Option<u64>,
    pub free: Option<u64>,
}

/// The relay and what goes through it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Relay {
    pub mode: String,
    pub udp: Vec<SocketAddr>,
    pub tcp: Vec<SocketAddr>,
    pub tls: Vec<SocketAddr>,
    pub allocations: u64,
}

/// The settings in force.
#[derive(Debug, Serialize, Deserialize)]
pub struct SettingRows {
    pub settings: Vec<SettingRow>,
    pub after_restart: Vec<String>,
}

/// A setting as it may be shown: of a secret only that there is one.
#[derive(Debug, Serialize, Deserialize)]
pub struct SettingRow {
    pub name: String,
    pub value: String,
    /// Not the default.
    pub given: bool,
    /// Changes without a restart.
    pub live: bool,
}

pub(super) async fn overview(state: Arc<State>, _: Request) -> Answer {
    let Figures { summary, usage, free } = Figures::of(&state).await;
    let facts = &state.facts;
    Ok(answer::json(&Overview {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        started: facts.started,
        now: now(),
        draining: state.is_draining(),
        setup_required: state.setup.required(),
        site: state.site.clone(),
        listen: facts.listen.clone(),
        people: summary.map(|count| People {
            members: count.members,
            guests: count.guests,
            online: count.online,
        }),
        connections: summary.map(|count| count.connections),
        calls: summary.map(|count| Calls { ringing: count.ringing, active: count.active }),
        storage: Storage {
            database: usage.map(|usage| usage.database),
            files: usage.map(|usage| usage.files),
            file_count: usage.map(|usage| usage.file_count),
            entries: usage.map(|usage| usage.entries),
            free,
        },
        relay: Relay {
            mode: facts.relay_mode.clone(),
            udp: facts.relay_udp.clone(),
            tcp: facts.relay_tcp.clone(),
            tls: facts.relay_tls.clone(),
            allocations: state.metrics.value("callbox_relay_allocations").unwrap_or(0.0) as u64,
        },
        certificates: state.certificates.report(),
        after_restart: facts.settings.get().after_restart.clone(),
    }))
}

pub(super) async fn settings(state: Arc<State>, _: Request) -> Answer {
    let in_force = state.facts.settings.get();
    let settings = in_force.settings.iter().map(SettingRow::from).collect();
    let after_restart = in_force.after_restart.clone();
    Ok(answer::json(&SettingRows { settings, after_restart }))
}

impl From<&Setting> for SettingRow {
    fn from(setting: &Setting) -> Self {
        Self {
            name: setting.name.clone(),
            value: setting.shown().to_owned(),
            given: setting.given,
            live: setting.live,
        }
    }
}
