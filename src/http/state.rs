//! What every request can reach.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use super::cookie::Token;
use super::{Request, Router, Setup};
use crate::pure::wire::{ApiError, ErrorCode, Millis};
use crate::store::{SessionRecord, Store, StoreError};

/// Shared by all requests; handed around as `Arc<State>`.
#[derive(Debug)]
pub struct State {
    pub store: Store,
    pub setup: Setup,
    /// `/api/v1/…`, for browsers.
    pub api: Router,
    /// `/admin/v1/…`, for the command line over the Unix socket.
    pub admin: Router,
}

impl State {
    /// The state of a server that is about to serve.
    pub fn new(store: Store, setup: Setup) -> Arc<Self> {
        let (api, admin) = (super::api::routes(), super::api::admin_routes());
        Arc::new(Self { store, setup, api, admin })
    }

    /// Who is signed in; 401 when nobody.
    pub async fn session(&self, request: &Request) -> Result<SessionRecord, ApiError> {
        const NOBODY: ApiError = ApiError::new(ErrorCode::Unauthorized, "not signed in");
        let token = request.token().ok_or(NOBODY)?;
        self.store.session(&hash(&token), now()).await?.ok_or(NOBODY)
    }
}

/// What the store knows a token by.
pub fn hash(token: &Token) -> [u8; 32] {
    Sha256::digest(token.0).into()
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
