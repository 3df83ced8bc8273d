//! `callbox doctor`, and the same for the owner's page: what is wrong with this installation,
//! and the cure.
//!
//! Each file gathers one kind of facts; `pure/doctor` judges them. A running server is asked over
//! its socket, because it knows best where it listens. Nobody outside is asked anything but the
//! name server, unless a flag says so.

mod certificate;
mod client;
mod clock;
mod holder;
mod machine;
mod names;
mod outside;
mod ports;
mod relay;
mod running;
mod wire;

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;

use super::{config, say, socket};
use crate::config::{Config, Settings};
use crate::http::now;
use crate::pure::doctor::{self, Facts, Outside, Report, Server};
use running::Running;

/// Look at this installation: what is wrong, in plain words, and what to do about it.
///
/// Asks the running server, or looks at what `serve` with the same settings would need. Ends with
/// 1 when something does not work, else with 0. Asks nobody outside but the name server, unless told.
#[derive(Debug, clap::Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    settings: Box<Settings>,
    /// Write it as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    asked: Asked,
}

/// Who outside is asked as well.
#[derive(Debug, Default, clap::Args)]
struct Asked {
    /// Ask the router for the address it has outside (NAT-PMP).
    #[arg(long)]
    gateway: bool,
    /// Ask this STUN server, such as another callbox, how it sees this computer.
    #[arg(long, value_name = "HOST:PORT")]
    stun: Option<String>,
    /// Compare the clock with this time server.
    #[arg(long, value_name = "HOST")]
    ntp: Option<String>,
}

/// Looks, and says what it found.
pub(super) fn run(args: DoctorArgs) -> anyhow::Result<ExitCode> {
    let given = &*args.settings;
    let mut config = config::load(given.clone())?;
    let server = socket::Server::of(given, config.data.clone()).impatient();
    server.data().clone_into(&mut config.data);
    let report = doctor::examine(&gather(&config, &server, &args.asked));
    if args.json {
        let (verdict, counts) = (report.verdict(), report.counts());
        let Report { running, findings } = &report;
        let version = env!("CARGO_PKG_VERSION");
        say(format_args!(
            "{:#}",
            serde_json::json!({
                "version": version, "running": running, "verdict": verdict,
                "counts": counts, "findings": findings,
            })
        ));
    } else {
        report.lines().iter().for_each(say);
    }
    Ok(ExitCode::from(report.exit_code()))
}

/// Examines the server that runs in this process with these settings. Nobody outside is asked
/// but the name server. It takes a few seconds, and the thread.
pub(super) fn examiner(
    settings: &Settings,
    config: &Config,
) -> impl Fn() -> Report + Send + Sync + use<> {
    let server = socket::Server::of(settings, config.data.clone()).impatient();
    let config = Config { data: server.data().to_owned(), ..config.clone() };
    move || doctor::examine(&gather(&config, &server, &Asked::default()))
}

fn gather(config: &Config, server: &socket::Server, asked: &Asked) -> Facts {
    let (server, running) = running::ask(server);
    let wanted = ports::wanted(config);
    let (domains, external, proxied) = match &running {
        Some(Running { prepared, .. }) => {
            (prepared.domains.clone(), prepared.external.clone(), prepared.proxied)
        }
        None => {
            let domains = config.http.domains.clone();
            (domains, config.relay.external.clone(), config.proxies.are_there())
        }
    };
    let ports = match (&running, &server) {
        (Some(running), _) => ports::answering(running),
        // It holds them, most likely.
        (None, Server::Silent(_)) => Vec::new(),
        (None, _) => ports::free(&wanted),
    };
    let listening: Vec<SocketAddr> = match &running {
        Some(running) => running.overview.listen.clone(),
        None => wanted.iter().map(|(_, address, _)| *address).collect(),
    };
    let mode = config.relay.mode.name();
    let mode = running.as_ref().map_or(mode, |running| running.overview.relay.mode.as_str());
    let outside = Outside {
        gateway: asked.gateway.then(outside::gateway),
        stun: asked.stun.as_deref().map(outside::stun),
    };
    Facts {
        now: now(),
        names: domains.iter().map(|name| names::look_up(name)).collect(),
        proxied,
        exposed: listening.iter().any(|address| !address.ip().is_loopback()),
        open_relay: mode != "closed",
        external,
        own: own_addresses(),
        outside,
        certificates: certificate::look_at(config, running.as_ref(), &domains),
        clock: clock::look(&config.data, asked.ntp.as_deref()),
        relay: relay::try_all(running.as_ref()),
        limits: machine::limits(running.as_ref().map(|running| running.overview.pid)),
        disk: machine::disk(&config.data),
        database: machine::database(&config.data, running.as_ref()),
        ports,
        server,
    }
}

/// The addresses of this computer that others can use.
fn own_addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let useful = interfaces.iter().filter(|one| !one.is_loopback() && !one.is_link_local());
    let mut addresses: Vec<_> = useful.map(if_addrs::Interface::ip).collect();
    addresses.sort_by_key(|address| (address.is_ipv6(), *address));
    addresses.dedup();
    addresses
}

/// Where to connect to what listens there.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => [127, 0, 0, 1].into(),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::from(std::net::Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
