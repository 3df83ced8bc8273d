//! Choosing a new password with a link from an admin.

use std::sync::Arc;

use super::session::SignIn;
use super::to_the_end;
use crate::http::answer::{self, Answer};
use crate::http::auth::Registration;
use crate::http::state::now;
use crate::http::{Request, State};
use crate::pure::auth::token::hash;
use crate::pure::wire::api::{CheckReset, CheckedReset, RegisterFinish, ResetStart};
use crate::pure::wire::{Account, ApiError, Blob, ErrorCode, ResetId};

/// `POST /reset/check`
pub(super) async fn check(state: Arc<State>, mut request: Request) -> Answer {
    let CheckReset { reset, secret } = request.json().await?;
    let account = find(&state, &request, reset, &secret).await?;
    Ok(answer::json(&CheckedReset { name: account.name }))
}

/// `POST /reset/start`
pub(super) async fn start(state: Arc<State>, mut request: Request) -> Answer {
    let ResetStart { reset, secret, request: first } = request.json().await?;
    let account = find(&state, &request, reset, &secret).await?.id;
    let registration = Registration::Reset { account, reset, secret };
    let client = request.context.client;
    Ok(answer::json(&state.auth.start_registration(client, registration, &first, now())?))
}

/// `POST /reset/finish`
pub(super) async fn finish(state: Arc<State>, mut request: Request) -> Answer {
    let RegisterFinish { registration, record, device_name } = request.json().await?;
    let client = request.context.client;
    let (begun, record) = state.auth.finish_registration(client, &registration, &record, now())?;
    let Registration::Reset { account, reset, secret } = begun else {
        return Err(ApiError::new(ErrorCode::BadRequest, "begun for something else"));
    };
    let sign_in = SignIn::new(&state, &request, account, device_name);
    to_the_end(async move {
        let stored = sign_in.stored();
        let token_hash = stored.token_hash;
        let secret_hash = hash(secret.as_ref());
        let ended = state.store.reset_password(reset, secret_hash, record, stored).await??;
        state.hub.sessions_ended(ended);
        tracing::info!(%account, "a password was reset");
        let session = state.store.session(&token_hash, now()).await?;
        let session = session.ok_or(ApiError::new(ErrorCode::Unauthorized, "signed out again"))?;
        Ok(sign_in.answer(&state, session.account, session.settings))
    })
    .await
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
