//! What another process has used, as the kernel counts it.

use std::fs;
use std::time::Duration;

/// A process to be watched.
#[derive(Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// CPU time of all its threads, user and system.
    pub(crate) fn cpu(self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0)).expect("it runs");
        // The name, in parentheses, may hold spaces; the times are fields 14 and 15.
        let (_, fields) = stat.rsplit_once(')').expect("a name");
        let fields: Vec<_> = fields.split_whitespace().collect();
        let ticks = |at: usize| fields[at].parse::<u64>().expect("a number");
        Duration::from_millis((ticks(11) + ticks(12)) * 1_000 / TICKS)
    }

    /// Memory that would be free without it (proportional set size).
    pub(crate) fn memory_kb(self) -> f64 {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.0));
        let rollup = rollup.expect("it runs, and is ours");
        let line = rollup.lines().find(|line| line.starts_with("Pss:")).expect("a line");
        line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("a number")
    }
}

/// Of a second; the same on every Linux there is.
const TICKS: u64 = 100;
