//! What the computer gives: limits of the system, room on the disk, the database.

use super::{Check, Database, Facts, Finding, Server};

pub(super) fn judge(facts: &Facts) -> Vec<Finding> {
    let mut found = limits(facts);
    found.extend(disk(facts));
    found.push(database(facts));
    found
}

fn limits(facts: &Facts) -> Vec<Finding> {
    let check = Check::Limits;
    let limits = &facts.limits;
    let mut found = Vec::new();
    if let Some(files) = limits.open_files {
        // One for each connection, and some for the rest.
        found.push(match files {
            ..4096 => Finding::warn(
                check,
                format!("It may have {files} files and connections open, enough for few people."),
                "Raise it: LimitNOFILE=65536 in the service, or `ulimit -n 65536`.",
            ),
            _ => Finding::ok(check, format!("It may have {files} files and connections open.")),
        });
    }
    if let Some(bytes) = limits.receive_buffer.filter(|bytes| *bytes < 200_000) {
        found.push(Finding::warn(
            check,
            format!(
                "A socket keeps at most {} of what arrives: bursts of video get lost.",
                size(bytes)
            ),
            "Set net.core.rmem_max to at least 212992 with sysctl.",
        ));
    }
    if let Some((now, most)) = limits.tracked.filter(|(now, most)| now * 10 > most * 8) {
        found.push(Finding::warn(
            check,
            format!("The firewall follows {now} connections of at most {most}; beyond that, packets are lost."),
            "Raise net.netfilter.nf_conntrack_max with sysctl, or do not track the relay's ports.",
        ));
    }
    if !limits.ipv6 {
        found.push(Finding::ok(check, "There is no IPv6 here; IPv4 alone is enough."));
    }
    found
}

fn disk(facts: &Facts) -> Vec<Finding> {
    let check = Check::Disk;
    let disk = &facts.disk;
    let directory = &disk.directory;
    if !disk.exists {
        return vec![Finding::warn(
            check,
            format!("{directory} is not there yet."),
            "The server makes it when it starts first; if it has, name the directory with --data.",
        )];
    }
    let mut found = Vec::new();
    match (disk.free, disk.total) {
        (Some(free), Some(total)) => {
            let says = format!("{} of {} are free for {directory}.", size(free), size(total));
            let cure = "Make room, or move the data; without room nobody can send anything.";
            found.push(match free {
                ..104_857_600 => Finding::fail(check, says, cure),
                free if free < 1 << 30 || free < (total / 20).min(5 << 30) => {
                    Finding::warn(check, says, cure)
                }
                _ => Finding::ok(check, says),
            });
        }
        _ => found.push(Finding::warn(
            check,
            format!("How much room {directory} has cannot be read."),
            "Run this as the user of the server, or as root.",
        )),
    }
    if disk.mode.is_some_and(|mode| mode & 0o077 != 0) {
        let says = format!("Other users of this computer can look into {directory}.");
        let cure = format!("Take that away: chmod 700 {directory}");
        // A server closes it when it starts.
        let starting = matches!(facts.server, Server::Stopped);
        found.push(if starting {
            Finding::warn(check, says, cure)
        } else {
            Finding::fail(check, says, cure)
        });
    }
    if !disk.writable {
        found.push(Finding::warn(
            check,
            format!("Whoever runs this may not write into {directory}."),
            "Right if the server runs as another user; else correct the owner.",
        ));
    }
    found
}

fn database(facts: &Facts) -> Finding {
    let check = Check::Database;
    match &facts.database {
        Database::Serving { bytes, entries } => {
            Finding::ok(check, format!("It answers: {entries} entries in {}.", size(*bytes)))
        }
        Database::Silent => Finding::fail(
            check,
            "The running server cannot read it.",
            "See the log of the server and the room on the disk; restart it.",
        ),
        Database::Sound { bytes } => {
            Finding::ok(check, format!("{} were read through and are whole.", size(*bytes)))
        }
        Database::Damaged(what) => Finding::fail(
            check,
            format!("It is damaged: {what}."),
            "Restore the last backup into an empty directory with `callbox restore`.",
        ),
        Database::Unreadable(why) => Finding::fail(
            check,
            format!("It cannot be read: {why}."),
            "Run this as the user of the server, or as root.",
        ),
        Database::Missing => Finding::ok(check, "There is none yet; the server makes it."),
    }
}

/// In the largest unit of which there is at least one.
fn size(bytes: u64) -> String {
    let (mut value, mut unit) = (bytes as f64, "bytes");
    for larger in ["KiB", "MiB", "GiB", "TiB"] {
        if value < 1024.0 {
            break;
        }
        (value, unit) = (value / 1024.0, larger);
    }
    if unit == "bytes" { format!("{bytes} bytes") } else { format!("{value:.1} {unit}") }
}
