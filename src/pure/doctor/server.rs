//! Is it running?

use super::{Check, Facts, Finding, Server, list};

pub(super) fn judge(facts: &Facts) -> Vec<Finding> {
    let check = Check::Server;
    match &facts.server {
        Server::Stopped => vec![Finding::warn(
            check,
            "No server is running with this data, so some things cannot be tried.",
            "Start it with `callbox serve` (or `systemctl start callbox`) and ask again.",
        )],
        Server::Silent(why) => vec![Finding::fail(
            check,
            format!("A server is there and does not answer: {why}."),
            "Look at its log (`journalctl -u callbox`); restart it if it hangs.",
        )],
        Server::Running {
            version,
            pid,
            site,
            draining,
            setup_required,
            hub_answers,
            after_restart,
        } => {
            let mut found = Vec::new();
            found.push(match (draining, hub_answers) {
                (_, false) => Finding::fail(
                    check,
                    format!("Process {pid} is running, but chat and calls do not answer."),
                    "Restart it; its log says what happened.",
                ),
                (true, true) => Finding::warn(
                    check,
                    format!("Process {pid} is stopping."),
                    "Ask again once it has started anew.",
                ),
                (false, true) => Finding::ok(
                    check,
                    format!("Version {version} is running as process {pid}, at {site}"),
                ),
            });
            if *setup_required {
                found.push(Finding::warn(
                    check,
                    "Nobody owns it yet.",
                    "Open the setup link that it showed when it started.",
                ));
            }
            if !after_restart.is_empty() {
                found.push(Finding::warn(
                    check,
                    format!("Settings have changed and are not in force: {}.", list(after_restart)),
                    "Restart it when nobody is in a call.",
                ));
            }
            found
        }
    }
}
