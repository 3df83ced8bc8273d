//! The running server, asked over its socket.

use crate::cli::socket;
use crate::http::api::check::Prepared;
use crate::http::api::overview::Overview;
use crate::pure::doctor::Server;

/// What it says of itself.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) overview: Overview,
    pub(super) prepared: Prepared,
}

/// Asks the one with this data, if there is one.
pub(super) fn ask(server: &socket::Server) -> (Server, Option<Running>) {
    if server.is_closed_to_us() {
        return (Server::Silent("only its own user and root may ask it".to_owned()), None);
    }
    if !server.is_running() {
        return (Server::Stopped, None);
    }
    let both = server.ask("GET", "/overview").and_then(|overview: Overview| {
        Ok(Running { overview, prepared: server.ask("POST", "/check")? })
    });
    match both {
        Ok(running) => (describe(&running.overview), Some(running)),
        Err(error) => (Server::Silent(format!("{error:#}")), None),
    }
}

fn describe(overview: &Overview) -> Server {
    Server::Running {
        version: overview.version.clone(),
        pid: overview.pid,
        site: overview.site.clone(),
        draining: overview.draining,
        setup_required: overview.setup_required,
        hub_answers: overview.people.is_some(),
        after_restart: overview.after_restart.clone(),
    }
}
