//! Making an account with a setup or invite link.

use std::sync::Arc;

use super::session::SignIn;
use super::to_the_end;
use crate::http::answer::{self, Answer};
use crate::http::auth::{self, Registration};
use crate::http::state::now;
use crate::http::{Request, State};
use crate::pure::auth::token::hash;
use crate::pure::wire::api::{RegisterFinish, RegisterStart, Settings, Ticket};
use crate::pure::wire::{AccountId, ApiError, ErrorCode};
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
    let registration = Registration::Account { account, ticket, name };
    Ok(answer::json(&state.auth.start_registration(client, registration, &first, now())?))
}

/// `POST /register/finish`
pub(super) async fn finish(state: Arc<State>, mut request: Request) -> Answer {
    let RegisterFinish { registration, record, device_name } = request.json().await?;
    let client = request.context.client;
    let (begun, record) = state.auth.finish_registration(client, &registration, &record, now())?;
    let Registration::Account { account: id, ticket, name } = begun else {
        return Err(ApiError::new(ErrorCode::BadRequest, "begun for something else"));
    };
    let is_setup = matches!(ticket, Ticket::Setup { .. });
    let sign_in = SignIn::new(&state, &request, id, device_name);
    let account = NewAccount { id, ticket, name, record, session: sign_in.stored(), now: now() };
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
        Ticket::Invite { invite, secret } => {
            state.auth.lookup(client, now())?;
            let hash = hash(secret.as_ref());
            let by = state.store.check_invite(*invite, &hash, now()).await?;
            by.map(drop).ok_or(REFUSED)
        }
    }
}
