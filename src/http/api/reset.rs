//! Choosing a new password with a link from an admin.

use std::sync::Arc;

use super::recovery;
use crate::http::answer::{self, Answer};
use crate::http::auth::{self, Registration};
use crate::http::state::now;
use crate::http::{Request, State};
use crate::pure::auth::token::hash;
use crate::pure::wire::api::{CheckReset, CheckedReset, ResetStart};
use crate::pure::wire::{Account, ApiError, Blob, DeviceId, ErrorCode, ResetId};

/// `POST /reset/check`
pub(super) async fn check(state: Arc<State>, mut request: Request) -> Answer {
    let CheckReset { reset, secret } = request.json().await?;
    let account = find(&state, &request, reset, &secret).await?;
    Ok(answer::json(&CheckedReset { name: account.name }))
}

/// `POST /reset/start`
pub(super) async fn start(state: Arc<State>, mut request: Request) -> Answer {
    let ResetStart { reset, secret, request: first, auth } = request.json().await?;
    let found = find(&state, &request, reset, &secret).await?;
    let account = found.id;
    if let Some(code) = &auth {
        state.auth.try_recovery(request.context.client, &found.name, Some(account), now())?;
        if !state.store.recovery(account, &hash(code.as_ref())).await? {
            return Err(ApiError::new(ErrorCode::Unauthorized, "wrong recovery code"));
        }
    }
    let device = DeviceId::from_bytes(auth::random());
    let identity_reset = auth.is_none();
    let begun = Registration::Reset { account, device, reset, secret, identity_reset };
    let place = (account, device);
    let started = recovery::begin(&state, &request, begun, &first, place, !identity_reset).await?;
    Ok(answer::json(&started))
}

/// `POST /reset/finish`
pub(super) async fn finish(state: Arc<State>, request: Request) -> Answer {
    recovery::set(state, request, true).await
}

/// Whose link this is, if it is good.
async fn find(
    state: &State,
    request: &Request,
    reset: ResetId,
    secret: &Blob,
) -> Result<Account, ApiError> {
    state.auth.lookup(request.context.client, now())?;
    let found = state.store.check_reset(reset, &hash(secret.as_ref()), now()).await?;
    found.ok_or(ApiError::new(ErrorCode::NotFound, "the link is not good"))
}
