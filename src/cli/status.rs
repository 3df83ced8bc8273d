//! `callbox status`: how the running server is.

use std::net::SocketAddr;

use serde_json::Value;

use super::socket::Place;
use super::{moment, say, size, span};
use crate::http::api::overview::{Overview, Storage};
use crate::tls;

/// How the running server is.
#[derive(Debug, clap::Args)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    place: Place,
    /// Write it as JSON.
    #[arg(long)]
    json: bool,
}

/// Asks the server and writes what it says.
pub(super) fn run(args: StatusArgs) -> anyhow::Result<()> {
    let server = args.place.server()?;
    if args.json {
        let answer: Value = server.ask("GET", "/overview")?;
        say(format_args!("{answer:#}"));
        return Ok(());
    }
    let overview: Overview = server.ask("GET", "/overview")?;
    for (label, text) in lines(&overview) {
        say(format_args!("{label:14} {text}"));
    }
    Ok(())
}

fn lines(overview: &Overview) -> Vec<(&'static str, String)> {
    let Overview { version, pid, started, now, site, listen, relay, .. } = overview;
    let up = span::of(now.since(*started));
    let state = match (overview.draining, overview.setup_required) {
        (true, _) => ", stopping",
        (false, true) => ", not set up yet",
        (false, false) => "",
    };
    let unknown = || "the hub does not answer".to_owned();
    let people = overview.people.as_ref().map_or_else(unknown, |people| {
        format!("{} and {} guests, {} online", people.members, people.guests, people.online)
    });
    let calls = overview.calls.as_ref().map_or_else(unknown, |calls| {
        format!("{} running, {} ringing", calls.active, calls.ringing)
    });
    let connections = overview.connections.map_or_else(unknown, |count| count.to_string());
    let mut lines = vec![
        ("callbox", format!("{version}, process {pid}{state}")),
        ("up", format!("{up}, since {}", moment::write(*started))),
        ("pages", format!("{site} ({})", addresses(listen))),
        ("people", people),
        ("connections", connections),
        ("calls", calls),
        ("storage", storage(&overview.storage)),
        ("relay", format!("{}, {} allocations", relay.mode, relay.allocations)),
        ("", format!("udp {}; tcp {}", addresses(&relay.udp), addresses(&relay.tcp))),
    ];
    if !relay.tls.is_empty() {
        lines.push(("", format!("tls {}", addresses(&relay.tls))));
    }
    for report in &overview.certificates {
        lines.push(("certificate", certificate(report)));
    }
    if overview.certificates.is_empty() {
        lines.push((
            "certificate",
            "made here, by an authority to trust: see `callbox ca show`".to_owned(),
        ));
    }
    if !overview.after_restart.is_empty() {
        let names = overview.after_restart.join(", ");
        lines.push(("settings", format!("another {names} after a restart")));
    }
    lines
}

fn storage(storage: &Storage) -> String {
    let bytes = |bytes: Option<u64>| bytes.map_or("?".to_owned(), size::write);
    format!(
        "database {} with {} entries, {} files {}; {} free",
        bytes(storage.database),
        storage.entries.unwrap_or_default(),
        storage.file_count.unwrap_or_default(),
        bytes(storage.files),
        bytes(storage.free)
    )
}

fn certificate(report: &tls::Report) -> String {
    let tls::Report { name, source, until, trouble, .. } = report;
    let source = match source {
        tls::Source::Acme => "obtained",
        tls::Source::File => "from a file",
        tls::Source::Own => "made here, by an authority to trust: see `callbox ca show`",
    };
    let until = until.map_or(String::new(), |until| format!(", until {}", moment::write(until)));
    let trouble = trouble.as_ref().map_or(String::new(), |trouble| format!("; {trouble}"));
    format!("{name}: {source}{until}{trouble}")
}

fn addresses(addresses: &[SocketAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
