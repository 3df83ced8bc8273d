//! Opening an account without its password: with the recovery code, or with a
//! link from an admin. Both end in a new password, new wraps and a new device.

use std::sync::Arc;

use super::session::SignIn;
use super::{keys, to_the_end};
use crate::http::answer::{self, Answer};
use crate::http::auth::{self, Registration};
use crate::http::state::now;
use crate::http::{Request, State};
use crate::pure::auth::token::hash;
use crate::pure::wire::api::{
    NewKeys, PasswordStarted, Recovery, RecoveryFinish, RecoveryStart, RecoveryStarted,
};
use crate::pure::wire::{AccountId, ApiError, Blob, DeviceId, ErrorCode, WrapType};
use crate::store::{KeyChange, NewPassword};

/// `POST /recovery/start`
pub(super) async fn start(state: Arc<State>, mut request: Request) -> Answer {
    let RecoveryStart { name, auth, request: first } = request.json().await?;
    let account = state.store.credentials(&name).await?.map(|known| known.account);
    state.auth.try_recovery(request.context.client, &name, account, now())?;
    let account = account.ok_or(WRONG)?;
    let auth_hash = hash(auth.as_ref());
    if !state.store.recovery(account, &auth_hash).await? {
        return Err(WRONG);
    }
    let device = DeviceId::from_bytes(auth::random());
    let begun = Registration::Recovery { account, device, auth_hash };
    let started = begin(&state, &request, begun, &first, (account, device), true).await?;
    Ok(answer::json(&started))
}

/// `POST /recovery/finish`
pub(super) async fn finish(state: Arc<State>, request: Request) -> Answer {
    set(state, request, false).await
}

/// The server's half, with what the recovery code opens when it was known.
pub(super) async fn begin(
    state: &State,
    request: &Request,
    begun: Registration,
    first: &Blob,
    (account, device): (AccountId, DeviceId),
    code_known: bool,
) -> Result<RecoveryStarted, ApiError> {
    let keys = state.store.keys(account).await?.ok_or(WRONG)?;
    let recovery = if code_known {
        let wrap = keys.wraps.into_iter().find(|wrap| wrap.kind == WrapType::Recovery);
        Some(Recovery { wrap: wrap.ok_or(WRONG)?, bundle: keys.bundle })
    } else {
        None
    };
    let started = state.auth.start_registration(request.context.client, begun, first, now())?;
    let PasswordStarted { registration, response, server_id } = started;
    let records = keys.records;
    Ok(RecoveryStarted { registration, response, server_id, account, device, records, recovery })
}

/// The second half: sets password and keys, as the first half allowed.
pub(super) async fn set(state: Arc<State>, mut request: Request, by_link: bool) -> Answer {
    let RecoveryFinish { registration, record, device_name, keys: new } = request.json().await?;
    let client = request.context.client;
    let (begun, password) =
        state.auth.finish_registration(client, &registration, &record, now())?;
    let recovery_auth_hash = Some(keys::check_new(&new)?);
    let (account, device) = match &begun {
        Registration::Reset { account, device, .. } if by_link => (*account, *device),
        Registration::Recovery { account, device, .. } if !by_link => (*account, *device),
        _ => return Err(ApiError::new(ErrorCode::BadRequest, "begun for something else")),
    };
    let sign_in = SignIn::new(&request, account, device, device_name);
    let NewKeys { record, bundle, wraps, .. } = new;
    // The same bundle again is no new one.
    let stored = state.store.keys(account).await?.ok_or(WRONG)?;
    let bundle = (bundle != stored.bundle).then_some(bundle);
    let keys = KeyChange { account, record, bundle, wraps, recovery_auth_hash };
    to_the_end(async move {
        let session = sign_in.stored();
        let token_hash = session.token_hash;
        let changed = match begun {
            Registration::Reset { reset, secret, identity_reset, .. } => {
                let new = NewPassword { password, keys, reset: identity_reset, session };
                state.store.reset_password(reset, hash(secret.as_ref()), new).await??
            }
            Registration::Recovery { auth_hash, .. } => {
                let new = NewPassword { password, keys, reset: false, session };
                state.store.recover(auth_hash, new).await??
            }
            Registration::Account { .. }
            | Registration::Password { .. }
            | Registration::Keep { .. } => {
                unreachable!("refused above")
            }
        };
        state.hub.sessions_ended(changed.ended);
        state.hub.account_changed(changed.account);
        state.hub.rotation_required(changed.rotations);
        tracing::info!(%account, "an account was opened without its password");
        let session = state.store.session(&token_hash, now()).await?;
        let session = session.ok_or(ApiError::new(ErrorCode::Unauthorized, "signed out again"))?;
        Ok(sign_in.answer(&state, session.account, session.settings))
    })
    .await
}

/// The same for a code that is wrong and a name that nobody has.
const WRONG: ApiError = ApiError::new(ErrorCode::Unauthorized, "wrong name or recovery code");
