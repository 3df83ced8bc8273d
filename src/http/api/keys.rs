//! Account records, and the sealed keys that an account keeps here.

use std::sync::Arc;

use super::{is_recent, to_the_end};
use crate::http::answer::{self, Answer};
use crate::http::state::now;
use crate::http::{Request, State};
use crate::pure::wire::api::{Keys, NewKeys, PutKeys, PutRecovery, Records};
use crate::pure::wire::{
    AccountId, ApiError, Blob, Bundle, ErrorCode, Millis, SealedSettings, Wrap, WrapType, limits,
};
use crate::store::{KeyChange, NewWrap};

/// `GET /accounts/{id}/records`
pub(super) async fn records(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    let account: AccountId = request.parameter(0)?;
    let after = request.query("after")?.unwrap_or(0);
    if !state.store.sees(session.account.id, account).await? {
        return Err(ApiError::new(ErrorCode::NotFound, "no such account"));
    }
    Ok(answer::json(&Records { records: state.store.records(account, after).await? }))
}

/// `GET /keys`
pub(super) async fn show(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    let keys = state.store.keys(session.account.id).await?;
    let keys = keys.ok_or(ApiError::new(ErrorCode::NotFound, "no such account"))?;
    let wraps = is_recent(&session, now(), WRAPS).then_some(keys.wraps);
    let (records, bundle, settings) = (keys.records, keys.bundle, keys.settings);
    Ok(answer::json(&Keys { records, bundle, wraps, settings }))
}

/// `PUT /keys`
pub(super) async fn put(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session_above_guest(&request).await?;
    let PutKeys { record, bundle, wraps, recovery_auth_hash } =
        request.json_up_to(limits::CONTROL_JSON_BYTES).await?;
    let wraps = wraps.unwrap_or_default();
    if wraps.iter().any(|wrap| wrap.kind == WrapType::Prf) {
        return Err(ApiError::new(ErrorCode::BadRequest, "passkeys are added one by one"));
    }
    let code = wraps.iter().any(|wrap| wrap.kind == WrapType::Recovery);
    if code != recovery_auth_hash.is_some() {
        return Err(ApiError::new(ErrorCode::BadRequest, "a recovery code has a wrap and a hash"));
    }
    bundle.as_ref().map_or(Ok(()), check_bundle)?;
    wraps.iter().try_for_each(check_wrap)?;
    let recovery_auth_hash = recovery_auth_hash.as_ref().map(auth_hash).transpose()?;
    let account = session.account.id;
    let change = KeyChange { account, record, bundle, wraps, recovery_auth_hash };
    let proved = is_recent(&session, now(), super::RECENT);
    to_the_end(async move {
        let changed = state.store.put_keys(change, session.device, proved).await??;
        state.hub.sessions_ended(changed.ended);
        state.hub.account_changed(changed.account.clone());
        state.hub.rotation_required(changed.rotations);
        Ok(answer::json(&changed.account))
    })
    .await
}

/// `PUT /keys/settings`
pub(super) async fn put_settings(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session(&request).await?;
    let settings: SealedSettings = request.json_up_to(limits::CONTROL_JSON_BYTES).await?;
    check_sealed(&settings.nonce, &settings.ct, SETTINGS_BYTES)?;
    state.store.put_settings(session.account.id, settings).await??;
    Ok(answer::empty())
}

/// `PUT /keys/recovery`
pub(super) async fn put_recovery(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session_above_guest(&request).await?;
    super::require_recent_proof(&session, now())?;
    let PutRecovery { wrap, recovery_auth_hash, bundle_version } = request.json().await?;
    if wrap.kind != WrapType::Recovery {
        return Err(ApiError::new(ErrorCode::BadRequest, "not a wrap for a recovery code"));
    }
    check_wrap(&wrap)?;
    let (account, hash) = (session.account.id, auth_hash(&recovery_auth_hash)?);
    state.store.put_recovery(account, NewWrap { wrap, bundle_version }, hash).await??;
    tracing::info!(%account, "a recovery code was replaced");
    Ok(answer::empty())
}

/// What a registration or recovery brings, checked as far as its bytes go.
pub(super) fn check_new(keys: &NewKeys) -> Result<[u8; 32], ApiError> {
    check_bundle(&keys.bundle)?;
    keys.wraps.iter().try_for_each(check_wrap)?;
    let mut kinds: Vec<_> = keys.wraps.iter().map(|wrap| wrap.kind).collect();
    kinds.sort_unstable();
    if kinds != [WrapType::Password, WrapType::Recovery] {
        return Err(ApiError::new(ErrorCode::BadRequest, "one wrap for each way to open the keys"));
    }
    auth_hash(&keys.recovery_auth_hash)
}

pub(super) fn check_wrap(wrap: &Wrap) -> Result<(), ApiError> {
    check_sealed(&wrap.nonce, &wrap.ct, WRAP_BYTES)
}

fn check_bundle(bundle: &Bundle) -> Result<(), ApiError> {
    check_sealed(&bundle.nonce, &bundle.ct, BUNDLE_BYTES)
}

fn check_sealed(nonce: &Blob, ct: &Blob, most: usize) -> Result<(), ApiError> {
    if nonce.len() == NONCE && (TAG..=most).contains(&ct.len()) {
        Ok(())
    } else {
        Err(ApiError::new(ErrorCode::BadRequest, "not sealed bytes"))
    }
}

fn auth_hash(hash: &Blob) -> Result<[u8; 32], ApiError> {
    hash.as_ref()
        .try_into()
        .map_err(|_| ApiError::new(ErrorCode::BadRequest, "a SHA-256 has 32 bytes"))
}

/// How long after a proof of the password the wraps are given out.
const WRAPS: Millis = Millis(10 * 60_000);

const NONCE: usize = 12;
const TAG: usize = 16;
const WRAP_BYTES: usize = 1_024;
const BUNDLE_BYTES: usize = 64 * 1024;
const SETTINGS_BYTES: usize = 512 * 1024;
