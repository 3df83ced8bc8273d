//! Letting a new device in from one that is signed in.
//!
//! Whoever asks needs no session and gets a secret; whoever is asked needs one
//! with a recent proof of the password. The secret, once, turns the approval
//! into a session, of a new device, that has proved nothing itself.

use std::sync::Arc;
use std::time::Duration;

use super::session::SignIn;
use super::{require_recent_proof, to_the_end};
use crate::http::answer::{self, Answer};
use crate::http::approvals::Approved;
use crate::http::auth;
use crate::http::state::now;
use crate::http::{Request, State};
use crate::pure::auth::approvals::{Claim, LIFETIME, Refused, Request as Asking};
use crate::pure::e2ee::approval_tag;
use crate::pure::wire::api::Keys;
use crate::pure::wire::approval::{
    Approve, ClaimApproval, ClaimedApproval, FindApproval, FoundApproval, RequestApproval,
    RequestedApproval,
};
use crate::pure::wire::{ApiError, ApprovalId, Blob, DeviceId, ErrorCode, Millis, Role};
use crate::store::SessionRecord;

/// `POST /approvals`
pub(super) async fn request(state: Arc<State>, mut request: Request) -> Answer {
    let RequestApproval { request: key, device_name } = request.json().await?;
    let tag = approval_tag(key.as_ref().try_into().map_err(|_| NO_KEY)?);
    let (id, secret) = (ApprovalId::from_bytes(auth::random()), auth::random::<32>());
    let network = request.context.network();
    let asking = Asking { key, tag, device_name, network };
    state.approvals.ask(id, asking, request.context.client, &secret).map_err(|why| match why {
        Refused::InUse => ApiError::new(ErrorCode::Conflict, "the key is in use"),
        Refused::TooMany(wait) => ApiError::rate_limited(wait.0),
    })?;
    let secret = Blob::from(secret.to_vec());
    Ok(answer::json(&RequestedApproval { id, secret, valid_for: LIFETIME }))
}

/// `POST /approvals/find`
pub(super) async fn find(state: Arc<State>, mut request: Request) -> Answer {
    asked(&state, &request).await?;
    let FindApproval { tag } = request.json().await?;
    state.auth.lookup(request.context.client, now())?;
    let found = state.approvals.find(&tag).ok_or(GONE)?;
    let Asking { key, device_name, network, .. } = found.request;
    let (id, created) = (found.id, found.created);
    Ok(answer::json(&FoundApproval { id, request: key, device_name, created, network }))
}

/// `POST /approvals/{id}/approve`
pub(super) async fn approve(state: Arc<State>, mut request: Request) -> Answer {
    let session = asked(&state, &request).await?;
    require_recent_proof(&session, now())?;
    let id: ApprovalId = request.parameter(0)?;
    let Approve { approval } = request.json().await?;
    if (approval.enc.len(), approval.ct.len()) != (ENC, CT) {
        return Err(ApiError::new(ErrorCode::BadRequest, "not a sealed key"));
    }
    let token = request.token().expect("a session was found by it");
    let account = session.account.id;
    let approved = Approved { account, token_hash: token.hash(), approval };
    if state.approvals.approve(id, approved) { Ok(answer::empty()) } else { Err(GONE) }
}

/// `POST /approvals/{id}/refuse`
pub(super) async fn refuse(state: Arc<State>, request: Request) -> Answer {
    asked(&state, &request).await?;
    let id: ApprovalId = request.parameter(0)?;
    if state.approvals.refuse(id) { Ok(answer::empty()) } else { Err(GONE) }
}

/// `POST /approvals/{id}/claim`
pub(super) async fn claim(state: Arc<State>, mut request: Request) -> Answer {
    let id: ApprovalId = request.parameter(0)?;
    let ClaimApproval { secret, wait } = request.json().await?;
    let wait = Duration::from_millis(wait.min(LONGEST_WAIT).0);
    let (approved, asking) = match state.approvals.claim(id, &secret, wait).await {
        Claim::Waiting => return Ok(answer::empty()),
        Claim::Refused => return Err(REFUSED),
        Claim::Gone => return Err(GONE),
        Claim::Approved(approved, asking) => (approved, asking),
    };
    let Approved { account, token_hash, approval } = approved;
    // Whoever allowed it may have been signed out or disabled since then.
    let by = state.store.session(&token_hash, now()).await?;
    by.filter(|by| by.account.id == account).ok_or(GONE)?;
    let stored = state.store.keys(account).await?.ok_or(GONE)?;
    let (records, bundle, settings) = (stored.records, stored.bundle, stored.settings);
    let keys = Keys { records, bundle, wraps: None, settings };
    let device = DeviceId::from_bytes(auth::random());
    let sign_in = SignIn::new(&request, account, device, asking.device_name).unproved();
    to_the_end(async move {
        let new = sign_in.stored();
        let token_hash = new.token_hash;
        let ended = state.store.sign_in(account, new).await??;
        state.hub.sessions_ended(ended);
        let session = state.store.session(&token_hash, now()).await?;
        let session = session.ok_or(ApiError::new(ErrorCode::Unauthorized, "signed out again"))?;
        let session = sign_in.session(session.account, session.settings);
        tracing::info!(%account, "a device was let in by another one");
        let claimed = answer::json(&ClaimedApproval { session, approval, keys });
        Ok(sign_in.with_cookies(&state, claimed))
    })
    .await
}

/// The session of somebody who may let devices in: a guest is in one browser.
async fn asked(state: &State, request: &Request) -> Result<SessionRecord, ApiError> {
    let session = state.session(request).await?;
    match session.account.role {
        Role::Guest => Err(ApiError::new(ErrorCode::Forbidden, "not for guests")),
        Role::Member | Role::Admin | Role::Owner => Ok(session),
    }
}

const NO_KEY: ApiError = ApiError::new(ErrorCode::BadRequest, "a public key has 32 bytes");
const GONE: ApiError = ApiError::new(ErrorCode::NotFound, "nobody asks, or not any more");

const REFUSED: ApiError =
    ApiError::new(ErrorCode::Forbidden, "whoever was asked did not let this device in");

/// Sizes of what HPKE makes of a master key.
const ENC: usize = 32;
const CT: usize = 48;

/// The longest that a claim is held open.
const LONGEST_WAIT: Millis = Millis(25_000);
