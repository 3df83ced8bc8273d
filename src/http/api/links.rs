//! Links of rooms: making, opening, listing and ending them, and coming by one who has an account.

use std::sync::Arc;

use super::conversations::verified;
use super::to_the_end;
use crate::http::answer::{self, Answer};
use crate::http::state::now;
use crate::http::{Request, State};
use crate::pure::auth::token::hash;
use crate::pure::e2ee::{Control, Op, Signature};
use crate::pure::wire::api::{AccountRecords, PostControl};
use crate::pure::wire::guest::{CreateLink, JoinLink, KnockLink, Links, OpenLink, OpenedLink};
use crate::pure::wire::{AccountId, ApiError, Blob, ConversationId, ErrorCode, LinkId, limits};
use crate::store::NewLink;

/// `POST /conversations/{id}/links`
pub(super) async fn create(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session(&request).await?;
    let conversation: ConversationId = request.parameter(0)?;
    let CreateLink { id, link, control, uses } =
        request.json_up_to(limits::CONTROL_JSON_BYTES).await?;
    if !(1..=MOST_USES).contains(&uses) {
        return Err(ApiError::new(ErrorCode::BadRequest, "1 to 1000 uses"));
    }
    let auth_hash: [u8; 32] = link
        .auth_hash
        .as_ref()
        .try_into()
        .map_err(|_| ApiError::new(ErrorCode::BadRequest, "a SHA-256 has 32 bytes"))?;
    let control = verified(&state, control, session.account.id, session.device).await?;
    in_conversation(&control.envelope, conversation)?;
    to_the_end(async move {
        let new = NewLink { id, auth_hash, max_uses: uses, control };
        let (link, controlled) = state.store.create_link(new).await??;
        state.links.notify_one();
        state.hub.controlled(controlled);
        Ok(answer::json(&link))
    })
    .await
}

/// `GET /conversations/{id}/links`
pub(super) async fn list(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    let links = state.store.links(request.parameter(0)?, session.account.id).await?;
    let links = links.ok_or(ApiError::new(ErrorCode::NotFound, "no such thing"))?;
    Ok(answer::json(&Links { links }))
}

/// `DELETE /conversations/{id}/links/{link}`
pub(super) async fn end(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session(&request).await?;
    let conversation: ConversationId = request.parameter(0)?;
    let link: LinkId = request.parameter(1)?;
    let posted: PostControl = request.json_up_to(limits::CONTROL_JSON_BYTES).await?;
    let event = verified(&state, posted, session.account.id, session.device).await?;
    in_conversation(&event.envelope, conversation)?;
    match Control::parse(&event.envelope).map(|control| control.op) {
        Ok(Op::LinkRevoke { link: named }) if named == link => {}
        _ => return Err(ApiError::new(ErrorCode::BadRequest, "not the end of this link")),
    }
    to_the_end(async move {
        let controlled = state.store.post_control(event).await??;
        let placed = controlled.placed.clone();
        state.hub.controlled(controlled);
        tracing::info!(%link, "a link was ended");
        Ok(answer::json(&placed))
    })
    .await
}

/// `POST /links/open`
pub(super) async fn open(state: Arc<State>, mut request: Request) -> Answer {
    state.auth.lookup(request.context.client, now())?;
    let OpenLink { link, auth } = request.json().await?;
    let opened = state.store.open_link(link, hash(auth.as_ref()), now()).await?.ok_or(NOT_GOOD)?;
    let records = opened.records.into_iter();
    Ok(answer::json(&OpenedLink {
        by: opened.gate.by,
        conversation: opened.gate.conversation,
        name: opened.name,
        lobby: opened.gate.lobby,
        expires: opened.gate.expires,
        control: opened.control,
        records: records.map(|(account, records)| AccountRecords { account, records }).collect(),
        grants: opened.grants,
    }))
}

/// `POST /links/{id}/join`
pub(super) async fn join(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session(&request).await?;
    state.auth.lookup(request.context.client, now())?;
    let link: LinkId = request.parameter(0)?;
    let JoinLink { auth, control } = request.json_up_to(limits::CONTROL_JSON_BYTES).await?;
    let event = verified(&state, control, session.account.id, session.device).await?;
    to_the_end(async move {
        let controlled = state.store.join_link(link, hash(auth.as_ref()), event).await??;
        let placed = controlled.placed.clone();
        state.hub.controlled(controlled);
        Ok(answer::json(&placed))
    })
    .await
}

/// `POST /links/{id}/knock`
pub(super) async fn knock(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session(&request).await?;
    state.auth.lookup(request.context.client, now())?;
    let link: LinkId = request.parameter(0)?;
    let KnockLink { auth, signature } = request.json().await?;
    let signature = read_signature(&signature)?;
    to_the_end(async move {
        let (account, auth) = (session.account.id, hash(auth.as_ref()));
        let knocked = state.store.knock(link, auth, account, signature, now()).await??;
        state.hub.knocked(knocked);
        Ok(answer::empty())
    })
    .await
}

/// `DELETE /links/{id}/knock`
pub(super) async fn withdraw(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    let link: LinkId = request.parameter(0)?;
    to_the_end(async move {
        let account = session.account.id;
        let gone = state.store.withdraw_knocks(account, Some(link)).await??;
        state.hub.knocks_withdrawn(account, gone);
        Ok(answer::empty())
    })
    .await
}

/// `DELETE /conversations/{id}/knocks/{account}`
pub(super) async fn turn_away(state: Arc<State>, request: Request) -> Answer {
    let session = state.session(&request).await?;
    let conversation: ConversationId = request.parameter(0)?;
    let account: AccountId = request.parameter(1)?;
    to_the_end(async move {
        let by = session.account.id;
        let turned = state.store.turn_away(conversation, account, by).await??;
        state.hub.turned_away(account, turned);
        Ok(answer::empty())
    })
    .await
}

/// The signature of a knock.
pub(super) fn read_signature(signature: &Blob) -> Result<Signature, ApiError> {
    let bytes: [u8; 64] = signature
        .as_ref()
        .try_into()
        .map_err(|_| ApiError::new(ErrorCode::BadRequest, "a signature has 64 bytes"))?;
    Ok(Signature::new(bytes))
}

fn in_conversation(
    envelope: &crate::pure::e2ee::Verified,
    conversation: ConversationId,
) -> Result<(), ApiError> {
    if envelope.header().conversation == conversation {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::BadRequest, "an envelope for another conversation"))
}

/// The same for a link that is unknown, used up, expired or ended.
pub(super) const NOT_GOOD: ApiError = ApiError::new(ErrorCode::NotFound, "the link is not good");

const MOST_USES: u32 = 1_000;
