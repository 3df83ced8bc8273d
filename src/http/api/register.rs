//! Making an account with a setup or invite link.

use std::sync::Arc;

use super::conversations::{UNSIGNED, new_control, parse};
use super::session::SignIn;
use super::{keys, to_the_end};
use crate::http::answer::{self, Answer};
use crate::http::auth::{self, Registration};
use crate::http::state::now;
use crate::http::{Request, State};
use crate::pure::auth::token::hash;
use crate::pure::e2ee::Record;
use crate::pure::wire::api::{
    NewKeys, PasswordStarted, RegisterFinish, RegisterStart, RegisterStarted, Settings, Ticket,
};
use crate::pure::wire::{AccountId, ApiError, DeviceId, ErrorCode, limits};
use crate::store::NewAccount;

/// `POST /register/start`
pub(super) async fn start(state: Arc<State>, mut request: Request) -> Answer {
    let RegisterStart { ticket, name, request: first } = request.json().await?;
    let client = request.context.client;
    check(&state, &request, &ticket).await?;
    if state.store.credentials(&name).await?.is_some() {
        return Err(ApiError::new(ErrorCode::NameTaken, "the name is taken"));
    }
    let account = AccountId::from_bytes(auth::random());
    let device = DeviceId::from_bytes(auth::random());
    let everyone = state.store.everyone().await?;
    let begun = Registration::Account { account, device, ticket, name };
    let started = state.auth.start_registration(client, begun, &first, now())?;
    let PasswordStarted { registration, response, server_id } = started;
    let started = RegisterStarted { registration, response, server_id, account, device, everyone };
    Ok(answer::json(&started))
}

/// `POST /register/finish`
pub(super) async fn finish(state: Arc<State>, mut request: Request) -> Answer {
    let RegisterFinish { registration, record, device_name, keys: new, everyone } =
        request.json_up_to(limits::CONTROL_JSON_BYTES).await?;
    let client = request.context.client;
    let (begun, password) =
        state.auth.finish_registration(client, &registration, &record, now())?;
    let Registration::Account { account: id, device, ticket, name } = begun else {
        return Err(ApiError::new(ErrorCode::BadRequest, "begun for something else"));
    };
    let is_setup = matches!(ticket, Ticket::Setup { .. });
    if is_setup && everyone.is_none() {
        return Err(ApiError::new(ErrorCode::BadRequest, "the owner begins the log of Everyone"));
    }
    let recovery_auth_hash = keys::check_new(&new)?;
    let NewKeys { record: signed, bundle, wraps, .. } = new;
    let record = Record::first(id, &signed).map_err(|_| UNFIT)?;
    let key = *record.signer(device).map_err(|_| UNFIT)?;
    if record.devices().len() != 1 || record.bundle_version() != bundle.version {
        return Err(UNFIT);
    }
    let everyone = match everyone {
        Some(posted) => {
            let envelope = parse(&posted.envelope, id, device)?;
            Some(new_control(envelope.verify(&key).map_err(|_| UNSIGNED)?, posted))
        }
        None => None,
    };
    let sign_in = SignIn::new(&request, id, device, device_name);
    let account = NewAccount {
        id,
        ticket,
        name,
        password,
        record: (record, signed),
        bundle,
        wraps,
        recovery_auth_hash,
        session: sign_in.stored(),
        everyone,
        now: now(),
    };
    to_the_end(async move {
        let registered = state.store.register(account).await??;
        let account = registered.account.clone();
        state.hub.registered(registered);
        if is_setup && let Err(error) = state.setup.close() {
            // The door is shut all the same: there is an owner now.
            tracing::warn!(%error, "could not remove the setup token's file");
        }
        tracing::info!(account = %account.id, role = ?account.role, "an account was made");
        Ok(sign_in.answer(&state, account, Settings::default()))
    })
    .await
}

/// Whether the ticket is good now; the store asks again when it is used.
async fn check(state: &State, request: &Request, ticket: &Ticket) -> Result<(), ApiError> {
    const REFUSED: ApiError = ApiError::new(ErrorCode::NotFound, "the link is not good");
    let client = request.context.client;
    match ticket {
        Ticket::Setup { token } => {
            state.auth.try_setup(client, now())?;
            let good = state.setup.check(token.as_ref(), now()).map_err(|error| {
                tracing::warn!(%error, "could not renew the setup token");
                ApiError::new(ErrorCode::Unavailable, "not now")
            })?;
            if good { Ok(()) } else { Err(REFUSED) }
        }
        Ticket::Invite { .. } if state.setup.required() => {
            Err(ApiError::new(ErrorCode::SetupRequired, "not set up yet"))
        }
        Ticket::Invite { invite, auth } => {
            state.auth.lookup(client, now())?;
            let by = state.store.check_invite(*invite, &hash(auth.as_ref()), now()).await?;
            by.map(drop).ok_or(REFUSED)
        }
    }
}

const UNFIT: ApiError =
    ApiError::new(ErrorCode::BadRequest, "not the first record of this account and device");
