//! Limits of the system, room on the disk, the database.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::fs::{Access, access, statvfs};
use rustix::process::{Resource, getrlimit};

use super::running::Running;
use crate::pure::doctor::{Database, Disk, Limits};
use crate::store::{self, OpenError};

/// Those of this process and, where it can be seen, of the server's.
pub(super) fn limits(pid: Option<u32>) -> Limits {
    let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse().ok();
    let tracked = number("/proc/sys/net/netfilter/nf_conntrack_count")
        .zip(number("/proc/sys/net/netfilter/nf_conntrack_max"));
    let of_server = pid.and_then(|pid| {
        let limits = fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
        open_files(&limits)
    });
    Limits {
        // A server raises its own as far as it may.
        open_files: of_server.or_else(|| getrlimit(Resource::Nofile).maximum),
        receive_buffer: number("/proc/sys/net/core/rmem_max"),
        tracked,
        ipv6: std::net::UdpSocket::bind("[::1]:0").is_ok(),
    }
}

fn open_files(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

pub(super) fn disk(data: &Path) -> Disk {
    let directory = data.display().to_string();
    let Ok(meta) = fs::metadata(data) else { return Disk { directory, ..Disk::default() } };
    let system = statvfs(data).ok();
    Disk {
        directory,
        exists: true,
        free: system.as_ref().map(|system| system.f_bavail * system.f_frsize),
        total: system.as_ref().map(|system| system.f_blocks * system.f_frsize),
        mode: Some(meta.permissions().mode() & 0o777),
        writable: access(data, Access::WRITE_OK).is_ok(),
    }
}

/// Of a running server, what it has just read; else all of it is read through.
pub(super) fn database(data: &Path, running: Option<&Running>) -> Database {
    if let Some(running) = running {
        let storage = &running.overview.storage;
        return match (storage.database, storage.entries) {
            (Some(bytes), Some(entries)) => Database::Serving { bytes, entries },
            _ => Database::Silent,
        };
    }
    let file = data.join("callbox.db");
    match file.try_exists() {
        Ok(false) => return Database::Missing,
        Ok(true) => {}
        Err(error) => return Database::Unreadable(error.to_string()),
    }
    match store::inspect(&file) {
        Ok(bytes) => Database::Sound { bytes },
        Err(OpenError::Damaged { verdict, .. }) => Database::Damaged(verdict),
        Err(OpenError::Database { source, .. }) => Database::Unreadable(source.to_string()),
        Err(error) => Database::Unreadable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_limit_of_open_files_is_read() {
        let text = "Limit                     Soft Limit           Hard Limit           Units\n\
                    Max open files            1024                 524288               files\n";
        assert_eq!(super::open_files(text), Some(1024));
        assert_eq!(super::open_files("Max open files unlimited"), None);
    }
}
