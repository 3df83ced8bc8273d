//! What every request can reach.

use std::sync::Arc;

use super::{Router, Setup};

/// Shared by all requests; handed around as `Arc<State>`.
#[derive(Debug)]
pub struct State {
    pub setup: Setup,
    /// `/api/v1/…`, for browsers.
    pub api: Router,
    /// `/admin/v1/…`, for the command line over the Unix socket.
    pub admin: Router,
}

impl State {
    /// The state of a server that is about to serve.
    pub fn new(setup: Setup) -> Arc<Self> {
        Arc::new(Self { setup, api: super::api::routes(), admin: super::api::admin_routes() })
    }
}
