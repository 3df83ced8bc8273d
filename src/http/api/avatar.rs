//! Pictures of people: checked by their header, never decoded here.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderValue, header};
use http_body_util::Full;

use super::{jpeg, session, to_the_end, webp};
use crate::http::answer::{self, Answer, Response};
use crate::http::{Request, State};
use crate::pure::auth::token::hash;
use crate::pure::wire::{AccountId, ApiError, ErrorCode, limits};
use crate::store::SessionRecord;

/// `PUT /account/avatar`
pub(super) async fn put(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session(&request).await?;
    let (kind, size) =
        if request.is(JPEG) { (JPEG, jpeg::size as Size) } else { (WEBP, webp::size as Size) };
    let picture = request.bytes(kind, limits::AVATAR_BYTES).await?;
    let fits = size(&picture).is_some_and(|(width, height)| width.max(height) <= SIDE);
    if !fits {
        return Err(ApiError::new(
            ErrorCode::BadRequest,
            "a still WebP or JPEG of at most 512 by 512",
        ));
    }
    let name = URL_SAFE_NO_PAD.encode(&hash(&picture)[..16]);
    set(state, session, Some((name, picture))).await
}

/// `DELETE /account/avatar`
pub(super) async fn remove(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    set(state, session, None).await
}

/// `GET /accounts/{id}/avatar/{hash}`
pub(super) async fn show(state: Arc<State>, request: Request) -> Answer {
    const NOTHING: ApiError = ApiError::new(ErrorCode::NotFound, "no such thing");
    let session = state.session(&request).await?;
    let (account, name): (AccountId, String) = (request.parameter(0)?, request.parameter(1)?);
    if !state.store.sees(session.account.id, account).await? {
        return Err(NOTHING);
    }
    let picture = state.store.avatar(account, &name).await?.ok_or(NOTHING)?;
    // What was let in is one of the two, and no WebP begins so.
    let kind = if picture.starts_with(&[0xff, 0xd8]) { JPEG } else { WEBP };
    let mut response = Response::new(Full::new(picture).into());
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        // The hash is in the address: what is there never changes.
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Opened as a document it is still nothing but a picture.
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

async fn set(
    state: Arc<State>,
    mut session: SessionRecord,
    picture: Option<(String, Bytes)>,
) -> Answer {
    to_the_end(async move {
        session.account = state.store.set_avatar(session.account.id, picture).await??;
        state.hub.account_changed(session.account.clone());
        Ok(answer::json(&session::told(session)))
    })
    .await
}

type Size = fn(&[u8]) -> Option<(u32, u32)>;

const WEBP: &str = "image/webp";
const JPEG: &str = "image/jpeg";

/// Pixels of the longer side.
const SIDE: u32 = 512;
