//! Invite links: making, opening, listing and revoking them.

use std::sync::Arc;

use super::conversations::verified;
use super::to_the_end;
use crate::http::answer::{self, Answer};
use crate::http::state::now;
use crate::http::{Request, State};
use crate::pure::auth::token::hash;
use crate::pure::wire::api::{
    AccountRecords, CreateInvite, Invite, Invites, OpenInvite, OpenedInvite,
};
use crate::pure::wire::{AccountId, ApiError, ErrorCode, InviteId, Millis, Role, limits};
use crate::store::By;

/// `POST /invites/open`
pub(super) async fn open(state: Arc<State>, mut request: Request) -> Answer {
    state.auth.lookup(request.context.client, now())?;
    let OpenInvite { invite, auth } = request.json().await?;
    let opened = state.store.open_invite(invite, &hash(auth.as_ref()), now()).await?;
    let opened = opened.ok_or(ApiError::new(ErrorCode::NotFound, "the link is not good"))?;
    let records = opened.records.into_iter();
    Ok(answer::json(&OpenedInvite {
        by: opened.by,
        conversation: opened.everyone,
        control: opened.control,
        records: records.map(|(account, records)| AccountRecords { account, records }).collect(),
        grants: opened.grants,
    }))
}

/// `POST /invites`
pub(super) async fn create(state: Arc<State>, mut request: Request) -> Answer {
    let session = state.session_above_guest(&request).await?;
    let CreateInvite { id, link, control, valid_for, uses } =
        request.json_up_to(limits::CONTROL_JSON_BYTES).await?;
    let invite = new_invite(id, session.account.id, valid_for, uses)?;
    let auth_hash: [u8; 32] = link
        .auth_hash
        .as_ref()
        .try_into()
        .map_err(|_| ApiError::new(ErrorCode::BadRequest, "a SHA-256 has 32 bytes"))?;
    let event = verified(&state, control, session.account.id, session.device).await?;
    if event.envelope.header().conversation != state.store.everyone().await? {
        return Err(ApiError::new(ErrorCode::BadRequest, "invites are links of Everyone"));
    }
    to_the_end(async move {
        let made = state.store.create_invite(invite.clone(), auth_hash, Some(event)).await??;
        if let Some(controlled) = made {
            state.hub.controlled(controlled);
        }
        Ok(answer::json(&invite))
    })
    .await
}

/// `GET /invites`
pub(super) async fn list(state: Arc<State>, request: Request) -> Answer {
    let account = state.session_above_guest(&request).await?.account;
    let by = (account.role < Role::Admin).then_some(account.id);
    Ok(answer::json(&Invites { invites: state.store.invites(by).await? }))
}

/// `DELETE /invites/{id}`
pub(super) async fn revoke(state: Arc<State>, request: Request) -> Answer {
    let account = state.session_above_guest(&request).await?.account;
    let by = (account.role < Role::Admin).then_some(account.id);
    let admin = By { account: Some(account.id), now: now() };
    let invite = request.parameter(0)?;
    to_the_end(async move {
        let rotations = state.store.revoke_invite(invite, by, admin).await??;
        state.hub.rotation_required(rotations);
        Ok(answer::empty())
    })
    .await
}

/// An invite in somebody's name, within the bounds.
pub(super) fn new_invite(
    id: InviteId,
    by: AccountId,
    valid_for: Millis,
    max_uses: u32,
) -> Result<Invite, ApiError> {
    if !(SHORTEST..=LONGEST).contains(&valid_for) || !(1..=MOST_USES).contains(&max_uses) {
        return Err(ApiError::new(ErrorCode::BadRequest, "5 minutes to 90 days, 1 to 1000 uses"));
    }
    let created = now();
    let expires = created.plus(valid_for);
    Ok(Invite { id, by, created, expires, uses: 0, max_uses, revoked: false })
}

const SHORTEST: Millis = Millis(5 * 60_000);
const LONGEST: Millis = Millis(90 * 24 * 3_600_000);
const MOST_USES: u32 = 1_000;
