//! What every request can reach.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

use super::{
    Approvals, AssetOrigin, Auth, Backups, Checks, Doctor, Facts, Hosts, Live, Probe, Proxies,
    Request, Router, Setup, Unread,
};
use crate::config;
use crate::hub::Hub;
use crate::pure::lan::Names;
use crate::pure::wire::api::RelayUse;
use crate::pure::wire::{ApiError, ErrorCode, Millis, Role};
use crate::store::{Files, SessionRecord, Store, StoreError};
use crate::telemetry::Metrics;
use crate::tls::Certificates;

/// Shared by all requests; handed around as `Arc<State>`.
#[derive(Debug)]
pub struct State {
    pub config: Live<config::Http>,
    pub store: Store,
    pub files: Files,
    pub hub: Hub,
    pub auth: Auth,
    pub approvals: Approvals,
    pub setup: Setup,
    /// Where people find this server, without a slash at the end: what links begin with.
    pub site: String,
    pub hosts: Live<Hosts>,
    pub proxies: Proxies,
    pub certificates: Certificates,
    /// Where the client's files come from, if not from here.
    pub assets: Option<AssetOrigin>,
    pub backups: Backups,
    pub checks: Checks,
    pub doctor: Doctor,
    pub facts: Facts,
    pub metrics: Metrics,
    pub relay: RelayWatch,
    /// `/api/v1/…`, for browsers.
    pub api: Router,
    /// `/admin/v1/…`, for the command line over the Unix socket.
    pub admin: Router,
    /// There is a new link, which may be the next to end.
    pub links: Arc<Notify>,
    pub unread: Unread,
    /// Whether the store can write, or why not.
    pub ready: Probe<Result<(), &'static str>>,
    pub draining: AtomicBool,
}

/// Tells what the relay does.
#[derive(Clone, Default)]
pub struct RelayWatch(Option<Arc<dyn Fn() -> RelayUse + Send + Sync>>);

impl RelayWatch {
    /// One that asks this.
    pub fn new(read: impl Fn() -> RelayUse + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(read)))
    }

    /// What it does now; nothing where there is no relay.
    pub fn read(&self) -> RelayUse {
        self.0.as_ref().map_or_else(RelayUse::default, |read| read())
    }
}

impl fmt::Debug for RelayWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RelayWatch")
    }
}

impl State {
    /// A server without settings, known as this computer only, whose metrics nobody sees.
    pub fn new(
        store: Store,
        files: Files,
        hub: Hub,
        auth: Auth,
        setup: Setup,
        site: String,
    ) -> Self {
        let config = config::Http::default();
        Self {
            assets: None,
            backups: Backups::new(Path::new("")),
            checks: Checks::default(),
            doctor: Doctor::default(),
            facts: Facts::default(),
            proxies: Proxies::default(),
            certificates: Certificates::default(),
            hosts: Hosts::new(&config, &Names::default()).into(),
            config: config.into(),
            store,
            files,
            hub,
            auth,
            approvals: Approvals::default(),
            setup,
            site,
            metrics: Metrics::default(),
            relay: RelayWatch::default(),
            api: super::api::routes(),
            admin: super::api::admin_routes(),
            links: Arc::default(),
            unread: Unread::default(),
            ready: Probe::default(),
            draining: AtomicBool::new(false),
        }
    }

    /// The server is stopping: from now on it is not ready for more.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
        self.approvals.stop();
    }

    /// Whether the server is stopping.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Who is signed in, if it is no guest.
    pub async fn session_above_guest(&self, request: &Request) -> Result<SessionRecord, ApiError> {
        let session = self.session(request).await?;
        match session.account.role {
            Role::Guest => Err(ApiError::new(ErrorCode::Forbidden, "not for guests")),
            Role::Member | Role::Admin | Role::Owner => Ok(session),
        }
    }

    /// Who is signed in; 401 when nobody. Notes, once a day, that the session is in use.
    pub async fn session(&self, request: &Request) -> Result<SessionRecord, ApiError> {
        const NOBODY: ApiError = ApiError::new(ErrorCode::Unauthorized, "not signed in");
        let token = request.token().ok_or(NOBODY)?;
        let session = self.store.session(&token.hash(), now()).await?.ok_or(NOBODY)?;
        // Nobody waits for it, and without it the session only looks older.
        drop(self.store.touch(session.id, request.context.network(), now()));
        Ok(session)
    }
}

/// The time that goes into records and answers.
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self { retry_ms: Some(1000), ..UNAVAILABLE },
            StoreError::Failed(cause) => {
                tracing::warn!(%cause, "the store failed a request");
                UNAVAILABLE
            }
        }
    }
}

const UNAVAILABLE: ApiError = ApiError::new(ErrorCode::Unavailable, "not now");
