//! What admins do with other accounts, from the browser.

use std::sync::Arc;

use super::{require_recent_proof, to_the_end};
use crate::http::answer::{self, Answer};
use crate::http::state::now;
use crate::http::{Request, State, auth};
use crate::pure::auth::token::hash;
use crate::pure::wire::api::{Accounts, AdministerAccount, CreatedReset};
use crate::pure::wire::owner::SetQuota;
use crate::pure::wire::{
    Account, AccountId, ApiError, Blob, DeviceId, ErrorCode, Millis, ResetId, Role,
};
use crate::store::By;

/// `GET /admin/accounts`
pub(super) async fn list(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    if session.account.role < Role::Admin {
        return Err(ApiError::new(ErrorCode::Forbidden, "for admins"));
    }
    Ok(answer::json(&Accounts { accounts: state.store.directory().await?.accounts }))
}

/// `GET /admin/relay`
pub(super) async fn relay(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    if session.account.role < Role::Admin {
        return Err(ApiError::new(ErrorCode::Forbidden, "for admins"));
    }
    Ok(answer::json(&state.relay.read()))
}

/// `PATCH /admin/accounts/{id}`
pub(super) async fn change(state: Arc<State>, mut request: Request) -> Answer {
    let (actor, target) = authorize(&state, &request).await?;
    let change: AdministerAccount = request.json().await?;
    if change.role.is_some() || change.name.is_some() {
        require_owner(&actor)?;
    }
    Ok(answer::json(&administer(state, target.id, change, by(&actor)).await?))
}

/// `POST /admin/accounts/{id}/sign-out`
pub(super) async fn sign_out(state: Arc<State>, request: Request) -> Answer {
    let (actor, target) = authorize(&state, &request).await?;
    require_owner(&actor)?;
    end_sessions(state, target.id, None, by(&actor)).await
}

/// `DELETE /admin/accounts/{id}/devices/{device}`
pub(super) async fn sign_out_device(state: Arc<State>, request: Request) -> Answer {
    let (actor, target) = authorize(&state, &request).await?;
    require_owner(&actor)?;
    end_sessions(state, target.id, Some(request.parameter(1)?), by(&actor)).await
}

/// `PUT /admin/accounts/{id}/quota`
pub(super) async fn set_quota(state: Arc<State>, mut request: Request) -> Answer {
    let (actor, target) = authorize(&state, &request).await?;
    require_owner(&actor)?;
    let SetQuota { quota } = request.json().await?;
    if quota.is_some_and(|bytes| bytes > LARGEST_QUOTA) {
        return Err(ApiError::new(ErrorCode::BadRequest, "a quota is at most 1 PiB"));
    }
    state.store.set_quota(target.id, quota, by(&actor)).await??;
    Ok(answer::empty())
}

/// `POST /admin/accounts/{id}/reset`
pub(super) async fn reset(state: Arc<State>, request: Request) -> Answer {
    let (actor, target) = authorize(&state, &request).await?;
    if target.role == Role::Guest {
        return Err(ApiError::new(ErrorCode::Forbidden, "guests have no password"));
    }
    Ok(answer::json(&make_reset(&state, target.id, by(&actor)).await?))
}

/// Who asks and whom it is about: an admin of recent proof, and an account below them.
async fn authorize(state: &State, request: &Request) -> Result<(Account, Account), ApiError> {
    let session = state.session(request).await?;
    if session.account.role < Role::Admin {
        return Err(ApiError::new(ErrorCode::Forbidden, "for admins"));
    }
    require_recent_proof(&session, now())?;
    let target: AccountId = request.parameter(0)?;
    let target = state.store.account(target).await?;
    let target = target.ok_or(ApiError::new(ErrorCode::NotFound, "no such account"))?;
    if target.role >= session.account.role {
        return Err(ApiError::new(ErrorCode::Forbidden, "not below your own role"));
    }
    Ok((session.account, target))
}

/// Changes an account and tells who must know.
pub(super) async fn administer(
    state: Arc<State>,
    account: AccountId,
    change: AdministerAccount,
    by: By,
) -> Result<Account, ApiError> {
    to_the_end(async move {
        let (account, cut) = state.store.administer(account, change, by).await??;
        state.hub.sessions_ended(cut.ended);
        state.hub.rotation_required(cut.rotations);
        state.hub.account_changed(account.clone());
        tracing::info!(
            account = %account.id, role = ?account.role, disabled = account.disabled,
            "an account was administered"
        );
        Ok(account)
    })
    .await
}

/// Signs somebody out on all devices, or on one.
pub(super) async fn end_sessions(
    state: Arc<State>,
    account: AccountId,
    device: Option<DeviceId>,
    by: By,
) -> Answer {
    to_the_end(async move {
        let ended = state.store.sign_out(account, device, by).await??;
        state.hub.sessions_ended(ended);
        Ok(answer::empty())
    })
    .await
}

/// Makes a link with which an account's person chooses a new password.
pub(super) async fn make_reset(
    state: &State,
    account: AccountId,
    by: By,
) -> Result<CreatedReset, ApiError> {
    let secret: [u8; 32] = auth::random();
    let reset = ResetId::from_bytes(auth::random());
    let expires = by.now.plus(LIFETIME);
    state.store.create_reset(reset, account, hash(&secret), expires, by).await??;
    tracing::info!(%account, "a reset link was made");
    Ok(CreatedReset { reset, secret: Blob::from(secret.to_vec()), expires })
}

fn require_owner(actor: &Account) -> Result<(), ApiError> {
    match actor.role {
        Role::Owner => Ok(()),
        Role::Guest | Role::Member | Role::Admin => {
            Err(ApiError::new(ErrorCode::Forbidden, "for the owner"))
        }
    }
}

/// Whom the log names.
fn by(actor: &Account) -> By {
    By { account: Some(actor.id), now: now() }
}

const LARGEST_QUOTA: u64 = 1 << 50;

/// A link is good for a day.
const LIFETIME: Millis = Millis(24 * 3_600_000);
