//! What other processes use, as the kernel counts it, and where they run.

use std::fs;
use std::process::Command;
use std::time::Duration;

/// A process to be watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process(pub u32);

impl Process {
    /// CPU time of all its threads that ever were, user and system, to 10 ms.
    pub fn cpu(self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0)).expect("it runs");
        // The name, in parentheses, may hold spaces; the times are fields 14 and 15.
        let (_, fields) = stat.rsplit_once(')').expect("a name");
        let fields: Vec<_> = fields.split_whitespace().collect();
        let ticks = |at: usize| fields[at].parse::<u64>().expect("a number");
        Duration::from_millis((ticks(11) + ticks(12)) * 1_000 / TICKS)
    }

    /// CPU time of the threads that it has now, to the nanosecond, by the scheduler's account.
    pub fn cpu_of_threads(self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.0)).expect("it runs");
        let spent = |task: std::io::Result<fs::DirEntry>| {
            let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        };
        Duration::from_nanos(tasks.filter_map(spent).sum())
    }

    /// Memory that would be free without it (proportional set size).
    pub fn memory_kb(self) -> f64 {
        self.figure("smaps_rollup", "Pss:")
    }

    /// Memory that it sees as its own, with what others share (resident set size).
    pub fn resident_kb(self) -> f64 {
        self.figure("status", "VmRSS:")
    }

    /// Those that it has started.
    pub fn children(self) -> Vec<Self> {
        let file = format!("/proc/{0}/task/{0}/children", self.0);
        let children = fs::read_to_string(file).expect("it runs");
        children.split_whitespace().map(|child| Self(child.parse().expect("a number"))).collect()
    }

    /// Keeps it, with all its threads, on one core.
    pub fn pin_to_core(self, core: u32) {
        let pinned = Command::new("taskset")
            .args(["-a", "-p", "-c", &core.to_string(), &self.0.to_string()])
            .output();
        if !pinned.is_ok_and(|output| output.status.success()) {
            println!("taskset failed: the figures will be coarse");
        }
    }

    fn figure(self, file: &str, name: &str) -> f64 {
        let text = fs::read_to_string(format!("/proc/{}/{file}", self.0));
        let text = text.expect("it runs, and is ours");
        let line = text.lines().find(|line| line.starts_with(name)).expect("a line");
        line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("a number")
    }
}

/// Of a second; the same on every Linux there is.
const TICKS: u64 = 100;
