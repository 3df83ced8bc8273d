//! A server, from settings to its last byte.

use std::net::SocketAddr;
use std::pin::pin;
use std::process;
use std::sync::{Arc, Weak};
use std::time::Duration;

use anyhow::{Context, anyhow};
use futures_util::FutureExt;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, sleep, timeout};

use super::activation;
use super::data::DataDirectory;
use super::lan::{self, Lan};
use super::links;
use super::ready::{self, Authority, Ready, Turn};
use super::relay::{self, Surroundings};
use super::relay_keys::RelayKeys;
use crate::config::{self, Config};
use crate::front::{self, AdminSocket, Front, Listeners};
use crate::http::{
    self, AssetOrigin, Auth, Backups, Checks, Doctor, Facts, Hosts, InForce, Proxies, Setup, State,
};
use crate::hub::{self, Hub};
use crate::pure::auth::attempts::{Limits, Rate};
use crate::relay::Relay;
use crate::store::{Files, OpenError, Quotas, Store};
use crate::telemetry::Telemetry;
use crate::tls::{self, Certificates};

/// A server that serves.
#[derive(Debug)]
pub struct Server {
    pub ready: Ready,
    // In the order in which they may be dropped when starting fails half-way.
    pub(super) front: Front,
    admin: AdminSocket,
    pub(super) state: Arc<State>,
    pub(super) hub: Hub,
    relay: Relay,
    store: Store,
    pub(super) lan: Lan,
    drain: config::Drain,
}

impl Server {
    /// Builds and joins everything; when this returns, it serves.
    pub async fn start(
        config: &Config,
        telemetry: &Telemetry,
        doctor: Doctor,
    ) -> anyhow::Result<Self> {
        raise_descriptors();
        let given = activation::take()?;
        let listeners = match given.listeners {
            Some(listeners) => listeners,
            None => Listeners {
                all: front::bind(&config.front.listen)?,
                http: front::bind(&config.front.http_listen)?,
            },
        };
        let data = DataDirectory::open(&config.data)?;
        let file = data.join("callbox.db");
        let store = Store::open(&file).map_err(|error| match error {
            OpenError::InUse { .. } => anyhow!(
                "another callbox is using {}: stop it, or give this one a directory of its own with --data",
                config.data.display()
            ),
            error => anyhow!(error).context("cannot open the database"),
        })?;
        let quotas = Quotas { member: config.files.quota, guest: config.files.guest_quota };
        let files = Files::open(&data.join("files"), store.clone(), quotas)
            .await
            .context("cannot use the directory of files")?;
        let directory = store.directory().await.context("cannot read the database")?;

        let keys = RelayKeys::open(&data, http::now())?;
        let (revocations, revoked) = mpsc::unbounded_channel();
        let (computer, own) = (lan::computer_name(), lan::own_addresses());
        let names = lan::names(&config.http, &computer, None, &own);
        let folder = data.join("tls");
        let made_here = tls::Local::open(&folder, &names, http::now());
        let (certificates, resolver) = made_here
            .and_then(|own| {
                Certificates::start(&config.certificates, &config.http.domains, &folder, own)
            })
            .context("cannot get a certificate for HTTPS")?;
        let tls = tls::Configs::new(resolver)?;
        let (listen, plain) = (addresses(&listeners.all)?, addresses(&listeners.http)?);
        let listening = [&listen[..], &plain].concat();
        let around =
            Surroundings { own: &own, listening: &listening, given: given.udp, tls: &tls.ordinary };
        let relay = relay::start(&config.relay, around, keys.watch(), revoked).await?;
        let figures = relay.figures();
        telemetry.metrics.ask(move || figures.publish());
        let setup = match directory.accounts.is_empty() {
            true => Setup::open(data.path(), http::now()),
            false => Setup::done(data.path()),
        };
        let setup = setup.context("cannot write the setup token")?;
        if !directory.accounts.is_empty() && !Auth::kept(data.path()) {
            tracing::warn!(
                "the keys that check passwords are missing: nobody can sign in with the password they have; \
                 restore `keys` from a backup, or give each person a link with `callbox user reset`"
            );
        }
        let install_id = directory.install_id.clone();
        let trust = config.certificates.files.is_some() || config.certificates.acme.is_some();
        let own_authority = !trust && !config.proxies.are_there();
        let pages = pages(config, &listen);
        let urls = relay::urls(&relay, &pages, trust);
        let meter = relay::meter(&relay);
        let checks = Checks::new(keys.watch(), urls.clone(), revocations.clone());
        let access = hub::Relay { keys: keys.watch(), urls, revocations, meter };
        let limits = hub::Limits { ring: config.calls.ring, ..hub::Limits::default() };
        let hub = hub::start(store.clone(), directory, access, limits);
        tokio::spawn(keys.run());

        let auth = Auth::open(data.path(), install_id, attempts(config.http.logins_per_minute))
            .context("cannot use the keys of the password protocol")?;
        let urls = ready::urls(&listen, &config.http.domains, &own, config.proxies.are_there());
        let state = Arc::new(State {
            config: config.http.clone().into(),
            hosts: Hosts::new(&config.http, &names).into(),
            assets: config.http.asset_origin.as_deref().map(AssetOrigin::new),
            facts: facts(config, &relay, &listening, own_authority),
            backups: Backups::new(data.path()),
            checks,
            doctor,
            proxies: Proxies::new(&config.proxies.networks),
            metrics: telemetry.metrics.clone(),
            certificates,
            relay: relay::watch(&relay),
            ..State::new(store.clone(), files, hub.clone(), auth, setup, ready::site(&urls))
        });

        let admin = AdminSocket::start(&data.join("admin.sock"), Arc::clone(&state))
            .context("cannot open the socket for the command line")?;
        let front = Front::start(listeners, &config.front, tls, Arc::clone(&state), relay.handle());
        sweep(Arc::downgrade(&state));
        tokio::spawn(links::watch(Arc::downgrade(&state)));
        let reachable = listen.iter().find(|address| !address.ip().is_loopback());
        let announced = reachable.filter(|_| own_authority && config.certificates.announce);
        let lan = Lan::start(&state, relay.handle(), announced.map(SocketAddr::port));
        let ready = describe(&state, &relay, (listen, plain), urls);
        if let Some(file) = &config.ready_file {
            ready
                .write(file)
                .with_context(|| format!("cannot write the ready file {}", file.display()))?;
        }
        let drain = config.drain;
        Ok(Self { ready, front, admin, state, hub, relay, store, lan, drain })
    }

    /// Resolves, with the cause, when the server can no longer do its work.
    pub async fn broken(&self) -> Arc<str> {
        self.store.broken().await
    }

    /// The hub, to ask whether it answers.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Takes everything apart: within seven seconds, and what the settings give
    /// to load balancers and to calls beyond that, unless `hurry` resolves. What is
    /// queued is committed when the runtime lets go of the last task that holds the store.
    pub async fn stop(self, hurry: impl Future<Output = ()>) {
        let mut hurry = pin!(hurry.fuse());
        self.state.drain();
        // Whoever sends clients here sees at /readyz that it should send them elsewhere.
        tokio::select! {
            () = sleep(self.drain.notice) => {}
            () = &mut hurry => {}
        }
        self.front.stop();
        if timeout(HUB_TIME, self.hub.stop()).await.is_err() {
            tracing::warn!("the hub did not stop in time");
        }
        let front = self.front;
        let ended = async {
            // What is on its way out still gets there, closing frames above all.
            if timeout(DRAIN_TIME, front.ended()).await.is_err() {
                tracing::debug!("some connections did not end by themselves");
            }
        };
        // The media of calls goes through the relay for a while, until they have another way.
        let resting = timeout(self.drain.relay, relay::at_rest(&self.state.metrics));
        tokio::select! {
            _ = async { tokio::join!(ended, resting) } => {}
            () = &mut hurry => {}
        }
        if timeout(RELAY_TIME, self.relay.stop()).await.is_err() {
            tracing::warn!("the relay did not stop in time");
        }
        // May wait for the disk.
        tokio::task::spawn_blocking(move || drop((self.admin, self.state, self.store)));
    }
}

/// Clears away abandoned uploads for as long as the server serves.
fn sweep(serving: Weak<State>) {
    tokio::spawn(async move {
        let mut every = tokio::time::interval(SWEEP_EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            let Some(state) = serving.upgrade().filter(|state| !state.is_draining()) else {
                return;
            };
            if let Err(error) = state.files.sweep(http::now()).await {
                tracing::warn!(%error, "cannot clear away abandoned uploads");
            }
        }
    });
}

fn addresses(listeners: &[TcpListener]) -> anyhow::Result<Vec<SocketAddr>> {
    let addresses = listeners.iter().map(TcpListener::local_addr).collect::<Result<_, _>>();
    addresses.context("cannot read the listening addresses back")
}

/// The ports of the pages as clients see them, as far as they lead to the relay too.
fn pages(config: &Config, listen: &[SocketAddr]) -> Vec<u16> {
    if config.proxies.pass_connections() {
        return vec![443];
    }
    match config.proxies.are_there() {
        true => Vec::new(),
        false => listen.iter().map(SocketAddr::port).collect(),
    }
}

fn facts(config: &Config, relay: &Relay, listen: &[SocketAddr], own_authority: bool) -> Facts {
    let settings = InForce { settings: config.settings.clone(), after_restart: Vec::new() };
    Facts {
        started: http::now(),
        listen: listen.to_vec(),
        relay_mode: config.relay.mode.name().to_owned(),
        relay_udp: relay.udp.clone(),
        relay_tcp: relay.tcp.clone(),
        relay_tls: relay.tls.clone(),
        external: config.relay.external.clone(),
        proxied: config.proxies.are_there(),
        own_authority,
        settings: settings.into(),
    }
}

fn describe(
    state: &State,
    relay: &Relay,
    (listen, http): (Vec<SocketAddr>, Vec<SocketAddr>),
    urls: Vec<String>,
) -> Ready {
    let token = state.setup.token();
    // Who has given this server a name may well sit elsewhere.
    let page = match state.config.get().domains.is_empty() {
        true => urls.first().map(|url| url.trim_end_matches('/')),
        false => Some(state.site.as_str()),
    };
    let setup_url = page.zip(token).map(|(page, token)| format!("{page}/setup#{token}"));
    let tls = listen.iter().chain(&relay.tls).copied().collect();
    let turn = Turn { udp: relay.udp.clone(), tcp: relay.tcp.clone(), tls };
    let authority = state.certificates.local().filter(|_| state.facts.own_authority);
    let authority = authority.map(|local| Authority::of(&local.report(), &state.site));
    let version = env!("CARGO_PKG_VERSION");
    Ready { authority, version, pid: process::id(), urls, listen, http, turn, setup_url }
}

/// How often things may be tried, from the one rate that is a setting.
pub(super) fn attempts(logins: u32) -> Limits {
    Limits {
        logins: Rate::per_minute(logins),
        lookups: Rate::per_minute(2 * logins),
        setups: Rate::per_minute(logins.div_ceil(2)),
        ..Limits::default()
    }
}

/// Each connection needs a descriptor, and the usual soft limit is for the
/// sake of old programs only.
fn raise_descriptors() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
}

const SWEEP_EVERY: Duration = Duration::from_secs(60);
const HUB_TIME: Duration = Duration::from_secs(4);
const DRAIN_TIME: Duration = Duration::from_secs(2);
const RELAY_TIME: Duration = Duration::from_secs(1);
