//! Control events, grants and chains of conversations.

use std::sync::Arc;

use super::to_the_end;
use crate::http::answer::{self, Answer};
use crate::http::state::now;
use crate::http::{Request, State};
use crate::pure::e2ee::{Envelope, Verified};
use crate::pure::wire::api::{Chain, Control, Direct, OwnGrants, PostControl, PostGrants};
use crate::pure::wire::{
    AccountId, ApiError, Blob, ConversationId, DeviceId, EnvelopeId, ErrorCode, limits,
};
use crate::store::NewControl;

/// `POST /conversations/{id}/control`
pub(super) async fn post_control(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session(&request).await?;
    let conversation: ConversationId = request.parameter(0)?;
    let posted = request.json_up_to(limits::CONTROL_JSON_BYTES).await?;
    let event = verified(&state, posted, session.account.id, session.device).await?;
    if event.envelope.header().conversation != conversation {
        return Err(ApiError::new(ErrorCode::BadRequest, "an envelope for another conversation"));
    }
    to_the_end(async move {
        let controlled = state.store.post_control(event).await??;
        let placed = controlled.placed.clone();
        state.hub.controlled(controlled);
        Ok(answer::json(&placed))
    })
    .await
}

/// A control event as it was posted by a device of the record.
pub(super) async fn verified(
    state: &State,
    posted: PostControl,
    account: AccountId,
    device: DeviceId,
) -> Result<NewControl, ApiError> {
    let envelope = parse(&posted.envelope, account, device)?;
    let key = state.store.device_key(account, device).await?.ok_or(ApiError::new(
        ErrorCode::DeviceUnknown,
        "the account's record does not list this device",
    ))?;
    let envelope = envelope.verify(&key).map_err(|_| UNSIGNED)?;
    Ok(new_control(envelope, posted))
}

/// An envelope that says it is of this device.
pub(super) fn parse(
    envelope: &Blob,
    account: AccountId,
    device: DeviceId,
) -> Result<Envelope, ApiError> {
    let envelope = Envelope::parse(envelope.0.clone())
        .map_err(|_| ApiError::new(ErrorCode::BadRequest, "not an envelope"))?;
    let header = envelope.header();
    if (header.account, header.device) != (account, device) {
        return Err(ApiError::new(ErrorCode::Forbidden, "the envelope of somebody else"));
    }
    Ok(envelope)
}

/// What the store wants to have of it.
pub(super) fn new_control(envelope: Verified, posted: PostControl) -> NewControl {
    NewControl { envelope, grants: posted.grants, now: now() }
}

/// `GET /conversations/{id}/control`
pub(super) async fn control(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    let conversation: ConversationId = request.parameter(0)?;
    let after: Option<u32> = request.query("after")?;
    let page = state.store.control(conversation, session.account.id, after).await?;
    let (events, more) = page.ok_or(NO_CONVERSATION)?;
    Ok(answer::json(&Control { events, more }))
}

/// `GET /conversations/{id}/grants`
pub(super) async fn grants(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    let conversation: ConversationId = request.parameter(0)?;
    let grants = state.store.own_grants(conversation, session.account.id).await?;
    Ok(answer::json(&OwnGrants { grants: grants.ok_or(NO_CONVERSATION)? }))
}

/// `POST /conversations/{id}/grants`
pub(super) async fn post_grants(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session(&request).await?;
    let conversation: ConversationId = request.parameter(0)?;
    let PostGrants { grants } = request.json_up_to(limits::CONTROL_JSON_BYTES).await?;
    let mut to: Vec<_> =
        grants.iter().map(|grant| AccountId::from_bytes(*grant.to.as_bytes())).collect();
    to.sort_unstable();
    to.dedup();
    to_the_end(async move {
        state.store.post_grants(conversation, session.account.id, grants).await??;
        state.hub.granted(conversation, to);
        Ok(answer::empty())
    })
    .await
}

/// `GET /conversations/{id}/chain`
pub(super) async fn chain(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    let conversation: ConversationId = request.parameter(0)?;
    let chain = state.store.chain(conversation, session.device).await?;
    let prev = EnvelopeId::from_bytes(*chain.prev.as_bytes());
    Ok(answer::json(&Chain { n: chain.n, prev }))
}

/// `GET /direct/{account}`
pub(super) async fn direct(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    let found = state.store.direct(session.account.id, request.parameter(0)?).await?;
    Ok(answer::json(&Direct { conversation: found.ok_or(NO_CONVERSATION)? }))
}

/// To strangers a conversation is as if it did not exist.
const NO_CONVERSATION: ApiError = ApiError::new(ErrorCode::NotFound, "no such thing");
pub(super) const UNSIGNED: ApiError =
    ApiError::new(ErrorCode::Forbidden, "the signature is not the device's");
