//! Signing in and out, and confirming the password in between.

use std::sync::Arc;

use http::{HeaderValue, header};

use super::session::SignIn;
use super::to_the_end;
use crate::http::answer::{self, Answer};
use crate::http::state::now;
use crate::http::{Request, State, auth, cookie};
use crate::pure::wire::api::{LoginFinish, LoginStart, Logout, ReauthFinish};
use crate::pure::wire::{ApiError, DeviceId, ErrorCode, Role};

/// `POST /login/start`
pub(super) async fn start(state: Arc<State>, mut request: Request) -> Answer {
    let LoginStart { name, request: first } = request.json().await?;
    let from = super::requester(&state, &request);
    let credentials = state.store.credentials(&name).await?;
    let started = state.auth.start_login(from, &name, credentials.as_ref(), &first, now())?;
    Ok(answer::json(&started))
}

/// `POST /login/finish`
pub(super) async fn finish(state: Arc<State>, mut request: Request) -> Answer {
    let LoginFinish { login, finalization, device_name, device } = request.json().await?;
    let client = request.context.client;
    let proved = state.auth.finish_login(client, &login, &finalization, now())?;
    if proved.disabled {
        return Err(ApiError::new(ErrorCode::Forbidden, "the account is disabled"));
    }
    let device = match device {
        Some(held) if state.store.device_key(proved.account, held).await?.is_some() => held,
        Some(_) | None => DeviceId::from_bytes(auth::random()),
    };
    let sign_in = SignIn::new(&request, proved.account, device, device_name);
    to_the_end(async move {
        let stored = sign_in.stored();
        let token_hash = stored.token_hash;
        let ended = state.store.sign_in(proved.account, stored).await??;
        state.hub.sessions_ended(ended);
        let session = state.store.session(&token_hash, now()).await?;
        let session = session.ok_or(ApiError::new(ErrorCode::Unauthorized, "signed out again"))?;
        Ok(sign_in.answer(&state, session.account, session.settings))
    })
    .await
}

/// `POST /reauth/finish`
pub(super) async fn reauth(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session(&request).await?;
    let ReauthFinish { login, finalization } = request.json().await?;
    let client = request.context.client;
    let proved = state.auth.finish_login(client, &login, &finalization, now())?;
    if proved.account != session.account.id {
        return Err(ApiError::new(ErrorCode::Unauthorized, "the login of somebody else"));
    }
    state.store.prove(session.id, now()).await??;
    Ok(answer::empty())
}

/// `POST /logout`
pub(super) async fn logout(state: Arc<State>, mut request: Request) -> Answer {
    let Logout { forget } = request.json().await?;
    let mut response = answer::empty();
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, cookie::clear(&request.context));
    if forget {
        headers.append(header::SET_COOKIE, cookie::clear_device(&request.context));
        let value = HeaderValue::from_static("\"cache\", \"storage\"");
        headers.insert("clear-site-data", value);
    }
    let session = match state.session(&request).await {
        Ok(session) => session,
        // Whoever is not signed in is signed out already.
        Err(ApiError { code: ErrorCode::Unauthorized, .. }) => return Ok(response),
        Err(error) => return Err(error),
    };
    to_the_end(async move {
        let ended = state.store.end_session(session.id).await??;
        state.hub.sessions_ended(ended);
        // Nobody can sign in as this guest again.
        if session.account.role == Role::Guest {
            let gone = state.store.withdraw_knocks(session.account.id, None).await??;
            state.hub.knocks_withdrawn(session.account.id, gone);
        }
        Ok(response)
    })
    .await
}
