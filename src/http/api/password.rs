//! Changing one's password.

use std::sync::Arc;

use super::keys::check_wrap;
use super::{require_recent_proof, to_the_end};
use crate::http::answer::{self, Answer};
use crate::http::auth::Registration;
use crate::http::state::now;
use crate::http::{Request, State};
use crate::pure::wire::api::{PasswordFinish, PasswordStart};
use crate::pure::wire::{ApiError, ErrorCode, WrapType};
use crate::store::NewWrap;

/// `POST /password/start`
pub(super) async fn start(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session_above_guest(&request).await?;
    require_recent_proof(&session, now())?;
    let PasswordStart { request: first } = request.json().await?;
    let registration = Registration::Password { account: session.account.id, session: session.id };
    let client = request.context.client;
    Ok(answer::json(&state.auth.start_registration(client, registration, &first, now())?))
}

/// `POST /password/finish`
pub(super) async fn finish(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session(&request).await?;
    let PasswordFinish { registration, record, wrap, bundle_version, sign_out_others } =
        request.json().await?;
    if wrap.kind != WrapType::Password {
        return Err(ApiError::new(ErrorCode::BadRequest, "not a wrap for a password"));
    }
    check_wrap(&wrap)?;
    let client = request.context.client;
    let (begun, record) = state.auth.finish_registration(client, &registration, &record, now())?;
    match begun {
        Registration::Password { session: begun, .. } if begun == session.id => {}
        _ => return Err(ApiError::new(ErrorCode::BadRequest, "begun for something else")),
    }
    to_the_end(async move {
        let account = session.account.id;
        state.store.set_password(account, record, NewWrap { wrap, bundle_version }).await??;
        tracing::info!(%account, "a password was changed");
        if sign_out_others {
            let ended = state.store.end_other_devices(account, session.device).await??;
            state.hub.sessions_ended(ended);
        }
        Ok(answer::empty())
    })
    .await
}
