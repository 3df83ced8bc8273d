//! What is counted only when somebody asks: for `callbox status` and `/metrics`.

use std::time::Duration;

use metrics::gauge;
use rustix::fs::statvfs;
use tokio::time::timeout;

use super::state::{State, now};
use crate::hub::Summary;
use crate::store::Usage;

/// The figures of a moment; what could not be had in time is missing.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) summary: Option<Summary>,
    pub(super) usage: Option<Usage>,
    /// Bytes that the disk with the data has left.
    pub(super) free: Option<u64>,
}

impl Figures {
    /// Counts, for as long as somebody who waits for it has patience.
    pub(super) async fn of(state: &State) -> Self {
        let usage = async { timeout(PATIENCE, state.store.usage()).await.ok()?.ok() };
        let summary = async { timeout(PATIENCE, state.hub.summary()).await.ok()? };
        let (summary, usage) = tokio::join!(summary, usage);
        let disk = statvfs(state.backups.data()).ok();
        let free = disk.map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        Self { summary, usage, free }
    }

    /// Makes them the metrics of this moment.
    pub(super) fn publish(&self, state: &State) {
        let started = state.facts.started.0 / 1000;
        gauge!("callbox_start_time_seconds").set(started as f64);
        gauge!("callbox_uptime_seconds").set(now().since(state.facts.started).0 as f64 / 1000.0);
        if let Some(summary) = &self.summary {
            for (kind, count) in [("member", summary.members), ("guest", summary.guests)] {
                gauge!("callbox_accounts", "kind" => kind).set(count as f64);
            }
            gauge!("callbox_accounts_online").set(summary.online as f64);
            gauge!("callbox_connections").set(summary.connections as f64);
            for (state, count) in [("ringing", summary.ringing), ("active", summary.active)] {
                gauge!("callbox_calls", "state" => state).set(count as f64);
            }
        }
        if let Some(usage) = &self.usage {
            for (kind, bytes) in [("database", usage.database), ("files", usage.files)] {
                gauge!("callbox_storage_bytes", "kind" => kind).set(bytes as f64);
            }
            gauge!("callbox_files").set(usage.file_count as f64);
            gauge!("callbox_entries").set(usage.entries as f64);
        }
        if let Some(free) = self.free {
            gauge!("callbox_storage_free_bytes").set(free as f64);
        }
        if let Some(memory) = resident() {
            gauge!("callbox_resident_memory_bytes").set(memory as f64);
        }
    }
}

/// Memory of this process, where the system tells it in `/proc`.
fn resident() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

const PATIENCE: Duration = Duration::from_secs(2);
