//! `GET /admin/v1/backup`: everything, as one archive.

use std::sync::Arc;

use http::{HeaderValue, header};

use super::local;
use crate::http::answer::{Answer, Response};
use crate::http::body::Body;
use crate::http::{Request, State, now};
use crate::pure::archive::Manifest;
use crate::pure::wire::owner::Act;
use crate::pure::wire::{ApiError, ErrorCode};
use crate::store::Backup;

pub(super) async fn backup(state: Arc<State>, _: Request) -> Answer {
    const BUSY: ApiError = ApiError::new(ErrorCode::Conflict, "another backup is under way");
    let turn = state.backups.turn().ok_or(BUSY)?;
    // First, so that the copy tells of itself as well.
    state.store.note(local::here(), Act::BackedUp).await??;
    let manifest = Manifest::new(env!("CARGO_PKG_VERSION"), now());
    let begun = Backup::begin(&state.store, &state.files, state.backups.data(), manifest).await;
    let backup = begun.map_err(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "a backup could not be made");
        ApiError::new(ErrorCode::Unavailable, "not now")
    })?;
    if backup.missing > 0 {
        tracing::warn!(files = backup.missing, "files are missing on the disk, and in the backup");
    }
    tracing::info!(bytes = backup.left(), "a backup is being taken");
    let mut response = Response::new(Body::backup(backup, turn));
    let kind = HeaderValue::from_static("application/x-tar");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}
