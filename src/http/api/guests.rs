//! Accounts without a password: made by a link, and kept by choosing one.

use std::sync::Arc;

use super::conversations::{UNSIGNED, new_control, parse};
use super::links::{NOT_GOOD, read_signature};
use super::session::{SignIn, told};
use super::{keys, to_the_end};
use crate::http::answer::{self, Answer};
use crate::http::auth::{self, Guest, Registration};
use crate::http::state::now;
use crate::http::{Request, State};
use crate::pure::auth::token::hash;
use crate::pure::e2ee::Record;
use crate::pure::wire::api::{NewKeys, Session, Settings};
use crate::pure::wire::guest::{GuestFinish, GuestStart, GuestStarted, KeepFinish, KeepStart};
use crate::pure::wire::{AccountId, ApiError, DeviceId, ErrorCode, Role, limits};
use crate::store::{KeptAccount, NewGuest};

/// `POST /guests/start`
pub(super) async fn start(state: Arc<State>, mut request: Request) -> Answer {
    let GuestStart { link, auth, name } = request.json().await?;
    let client = request.context.client;
    state.auth.lookup(client, now())?;
    let auth_hash = hash(auth.as_ref());
    state.store.check_link(link, auth_hash, now()).await?.ok_or(NOT_GOOD)?;
    let account = AccountId::from_bytes(auth::random());
    let device = DeviceId::from_bytes(auth::random());
    let guest = Guest { account, device, link, auth_hash, name };
    let guest = state.auth.start_guest(client, guest, now());
    Ok(answer::json(&GuestStarted { guest, account, device }))
}

/// `POST /guests/finish`
pub(super) async fn finish(state: Arc<State>, mut request: Request) -> Answer {
    let GuestFinish { guest, record: signed, device_name, join, knock } =
        request.json_up_to(limits::CONTROL_JSON_BYTES).await?;
    let client = request.context.client;
    let begun = state.auth.guest(client, &guest, now())?;
    let (id, device) = (begun.account, begun.device);
    let record = Record::first(id, &signed).map_err(|_| UNFIT)?;
    let key = *record.signer(device).map_err(|_| UNFIT)?;
    if record.devices().len() != 1 {
        return Err(UNFIT);
    }
    let join = match join {
        Some(posted) => {
            let envelope = parse(&posted.envelope, id, device)?;
            Some(new_control(envelope.verify(&key).map_err(|_| UNSIGNED)?, posted))
        }
        None => None,
    };
    let knock = knock.as_ref().map(read_signature).transpose()?;
    let sign_in = SignIn::new(&request, id, device, device_name);
    let new = NewGuest {
        id,
        name: begun.name,
        link: begun.link,
        auth_hash: begun.auth_hash,
        record: (record, signed),
        session: sign_in.stored(),
        join,
        knock,
        now: now(),
    };
    to_the_end(async move {
        // Until it is made it can be tried again: somebody else may have changed the room.
        let made = state.store.make_guest(new).await??;
        state.auth.forget_guest(client, &guest, now());
        let (account, ends) = (made.account.clone(), made.ends);
        state.hub.guest_made(made);
        tracing::info!(account = %account.id, "a guest came");
        let session = sign_in.session(account, Settings::default());
        let session = Session { ends: Some(ends), ..session };
        Ok(sign_in.with_cookies(&state, answer::json(&session)))
    })
    .await
}

/// `POST /account/keep/start`
pub(super) async fn keep_start(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session(&request).await?;
    let KeepStart { name, request: first } = request.json().await?;
    let client = request.context.client;
    state.auth.lookup(client, now())?;
    if session.account.role != Role::Guest {
        return Err(ApiError::new(ErrorCode::Conflict, "the account has a password"));
    }
    if state.store.credentials(&name).await?.is_some() {
        return Err(ApiError::new(ErrorCode::NameTaken, "the name is taken"));
    }
    let begun = Registration::Keep { account: session.account.id, session: session.id, name };
    Ok(answer::json(&state.auth.start_registration(client, begun, &first, now())?))
}

/// `POST /account/keep/finish`
pub(super) async fn keep_finish(state: Arc<State>, mut request: Request) -> Answer {
    let mut session = state.session(&request).await?;
    let KeepFinish { registration, record, keys: new } =
        request.json_up_to(limits::CONTROL_JSON_BYTES).await?;
    let client = request.context.client;
    let (begun, password) =
        state.auth.finish_registration(client, &registration, &record, now())?;
    let name = match begun {
        Registration::Keep { session: begun, name, .. } if begun == session.id => name,
        _ => return Err(ApiError::new(ErrorCode::BadRequest, "begun for something else")),
    };
    let recovery_auth_hash = keys::check_new(&new)?;
    let NewKeys { record, bundle, wraps, .. } = new;
    let account = session.account.id;
    let kept = KeptAccount { account, name, password, record, bundle, wraps, recovery_auth_hash };
    to_the_end(async move {
        session.account = state.store.keep_account(kept).await??;
        session.ends = None;
        state.hub.account_changed(session.account.clone());
        tracing::info!(%account, "a guest's account was kept");
        Ok(answer::json(&told(session)))
    })
    .await
}

const UNFIT: ApiError =
    ApiError::new(ErrorCode::BadRequest, "not the first record of this account and device");
