//! The closed list of what can be the client's fault, or "not now".

use serde::Serialize;

/// Why a command or request was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum ErrorCode {
    /// Not a frame, body or value of this protocol.
    BadRequest,
    /// Larger than the limits allow.
    TooLarge,
    /// No session, or a wrong name, password or proof.
    Unauthorized,
    /// The session may not do this.
    Forbidden,
    /// It does not exist, or not for this account.
    NotFound,
    /// The name is used by someone else.
    NameTaken,
    /// The state of things has changed in between, or the id is used for something else.
    Conflict,
    /// The account's files fill what it may keep.
    QuotaExceeded,
    /// The password must be confirmed again first.
    ReauthRequired,
    /// Too many; `retry_ms` says when to try again.
    RateLimited,
    /// The server cannot do it now (disk full, overloaded, stopping).
    Unavailable,
    /// First the owner has to set the server up.
    SetupRequired,
    /// The client is too old or too new; reload.
    Version,
    /// The envelope is sealed in another epoch than the one in force: seal it anew.
    StaleEpoch,
    /// The conversation's keys must be renewed before anything else is sent.
    RotateFirst,
    /// The device is not in the account's record, or revoked.
    DeviceUnknown,
}

/// An error as it travels, over HTTP and in replies alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{code:?}: {detail}")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ApiError {
    pub code: ErrorCode,
    /// For developers of clients; never shown to people, never from user data.
    #[cfg_attr(test, ts(type = "string"))]
    pub detail: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(type = "number", optional))]
    pub retry_ms: Option<u64>,
}

impl ApiError {
    /// An error without a time to wait.
    pub const fn new(code: ErrorCode, detail: &'static str) -> Self {
        Self { code, detail, retry_ms: None }
    }

    /// "Too many", with the milliseconds after which it may go.
    pub const fn rate_limited(retry_ms: u64) -> Self {
        Self { code: ErrorCode::RateLimited, detail: "too many", retry_ms: Some(retry_ms) }
    }
}
